using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Reflection.Emit;

namespace Gateway
{
	/* The types and members a method's code names. */
	static class IlReader
	{
		static readonly Dictionary<int, OpCode> Codes = typeof(OpCodes)
			.GetFields(BindingFlags.Public | BindingFlags.Static)
			.Select(field => (OpCode)field.GetValue(null))
			.ToDictionary(code => code.Value & 0xffff);

		internal static IEnumerable<MemberInfo> Members(MethodBase method)
		{
			var body = method.GetMethodBody();
			if (body == null)
				return new MemberInfo[0];
			var found = new List<MemberInfo>();
			found.AddRange(body.LocalVariables.Select(local => (MemberInfo)local.LocalType));
			found.AddRange(body.ExceptionHandlingClauses
				.Where(clause => clause.Flags == ExceptionHandlingClauseOptions.Clause)
				.Select(clause => (MemberInfo)clause.CatchType));
			var code = body.GetILAsByteArray();
			for (var at = 0; at < code.Length;)
			{
				var first = code[at++];
				var opcode = first == 0xfe ? Codes[0xfe00 | code[at++]] : Codes[first];
				if (NamesMember(opcode.OperandType))
					found.Add(Resolve(method, BitConverter.ToInt32(code, at)));
				at += OperandSize(opcode.OperandType, code, at);
			}
			return found;
		}

		static bool NamesMember(OperandType type)
		{
			return type == OperandType.InlineMethod || type == OperandType.InlineField
				|| type == OperandType.InlineType || type == OperandType.InlineTok;
		}

		static MemberInfo Resolve(MethodBase method, int token)
		{
			var typeArguments = method.DeclaringType.IsGenericType
				? method.DeclaringType.GetGenericArguments() : null;
			var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
			return method.Module.ResolveMember(token, typeArguments, methodArguments);
		}

		static int OperandSize(OperandType type, byte[] code, int at)
		{
			switch (type)
			{
			case OperandType.InlineNone:
				return 0;
			case OperandType.ShortInlineBrTarget:
			case OperandType.ShortInlineI:
			case OperandType.ShortInlineVar:
				return 1;
			case OperandType.InlineVar:
				return 2;
			case OperandType.InlineI8:
			case OperandType.InlineR:
				return 8;
			case OperandType.InlineSwitch:
				return 4 + 4 * BitConverter.ToInt32(code, at);
			default:
				return 4;
			}
		}
	}
}
