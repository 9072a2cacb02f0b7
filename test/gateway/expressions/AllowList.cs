using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using Gateway.Api;

namespace Gateway
{
	/*
	 * Which types and members of .NET an expression may use: expressions/allowed.txt, and what the
	 * compiler itself puts into the code of innocent ones.
	 */
	sealed class AllowList
	{
		static readonly string[] Tolerated =
		{
			"System.Void", "System.Object", "System.ValueType", "System.IntPtr", "System.IDisposable",
			"System.Nullable`1", "System.Collections.IEnumerator", "System.Collections.IEnumerable",
			"System.Linq.IGrouping`2", "System.Linq.IOrderedEnumerable`1",
			"System.Runtime.CompilerServices.RuntimeHelpers",
		};

		static readonly string[] ToleratedMembers = { "GetType", "MemberwiseClone" };

		sealed class Rule
		{
			internal bool All;
			internal HashSet<string> Members = new HashSet<string>();
			internal HashSet<string> Except = new HashSet<string>();
		}

		readonly Dictionary<string, Rule> rules = new Dictionary<string, Rule>();

		internal static AllowList Load()
		{
			var list = new AllowList();
			using (var stream = typeof(AllowList).Assembly.GetManifestResourceStream("allowed.txt"))
			using (var reader = new StreamReader(stream))
				for (var line = reader.ReadLine(); line != null; line = reader.ReadLine())
					list.Add(line);
			return list;
		}

		/* "namespace N" opens a group; then a type and its members, "*" for all, "-M" for not M. */
		string space;

		void Add(string line)
		{
			var words = line.Split(new[] { ' ', '\t' }, StringSplitOptions.RemoveEmptyEntries);
			if (words.Length == 0 || words[0].StartsWith("#"))
				return;
			if (words[0] == "namespace")
			{
				space = words[1];
				return;
			}
			var rule = rules[space + "." + words[0]] = new Rule();
			foreach (var member in words.Skip(1))
				if (member == "*")
					rule.All = true;
				else if (member.StartsWith("-"))
					rule.Except.Add(member.Substring(1));
				else
					rule.Members.Add(member == "new" ? ".ctor" : member);
		}

		/* What a compiled expression uses and may not, each once. */
		internal IEnumerable<string> Refused(Type expression)
		{
			const BindingFlags all = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static
				| BindingFlags.Instance | BindingFlags.DeclaredOnly;
			var types = new[] { expression }.Concat(expression.GetNestedTypes(all));
			return types.SelectMany(type => type.GetMethods(all).Cast<MethodBase>()
					.Concat(type.GetConstructors(all)))
				.SelectMany(IlReader.Members)
				.Select(member => Refusal(member, expression.Assembly))
				.Where(refusal => refusal != null).Distinct().OrderBy(name => name);
		}

		string Refusal(MemberInfo member, Assembly own)
		{
			var type = member as Type;
			if (type != null)
				return TypeAllowed(type, own) ? null : Name(Plain(type));
			var owner = Plain(member.DeclaringType);
			if (owner.Assembly == own || IsOurs(owner) || IsDelegate(owner))
				return null;
			if (!TypeAllowed(member.DeclaringType, own))
				return Name(owner);
			return MemberAllowed(owner, member) ? null : Name(owner) + "." + member.Name;
		}

		bool TypeAllowed(Type type, Assembly own)
		{
			if (type.IsGenericParameter || type.Assembly == own)
				return true;
			if (type.IsGenericType && !type.GetGenericArguments().All(one => TypeAllowed(one, own)))
				return false;
			var plain = Plain(type);
			if (plain != type && !plain.IsGenericTypeDefinition)
				return TypeAllowed(plain, own);
			return IsOurs(plain) || IsDelegate(plain) || Tolerated.Contains(plain.FullName)
				|| rules.ContainsKey(Listed(plain));
		}

		bool MemberAllowed(Type owner, MemberInfo member)
		{
			if (Tolerated.Contains(owner.FullName))
				return !ToleratedMembers.Contains(member.Name);
			var rule = rules[Listed(owner)];
			var method = member as MethodBase;
			var name = member.Name.StartsWith("op_") ? null : Stripped(member.Name);
			if (name == null || owner.DeclaringType != null && rule.All)
				return true;
			var bare = method != null && method.GetParameters().Length == 0 ? name + "()" : name;
			return (rule.All || rule.Members.Contains(name))
				&& !rule.Except.Contains(name) && !rule.Except.Contains(bare);
		}

		/* The enumerators and key collections of a listed collection are listed with it. */
		string Listed(Type type)
		{
			var name = type.FullName.Replace('+', '.');
			if (rules.ContainsKey(name) || type.DeclaringType == null)
				return name;
			var outer = type.DeclaringType;
			return outer.Namespace == "System.Collections.Generic" ? outer.FullName : name;
		}

		static bool IsOurs(Type type)
		{
			return type.Namespace == typeof(IContext).Namespace;
		}

		static bool IsDelegate(Type type)
		{
			return type.Namespace == "System" && typeof(Delegate).IsAssignableFrom(type)
				&& (type.Name.StartsWith("Func`") || type.Name.StartsWith("Action")
					|| type.Name.StartsWith("Predicate`") || type.Name.StartsWith("Comparison`")
					|| type.Name.StartsWith("Converter`"));
		}

		/* Without element, reference and type arguments. */
		static Type Plain(Type type)
		{
			while (type.HasElementType)
				type = type.GetElementType();
			return type.IsGenericType ? type.GetGenericTypeDefinition() : type;
		}

		static string Name(Type type)
		{
			return type.FullName.Replace('+', '.');
		}

		static string Stripped(string name)
		{
			return name.StartsWith("get_") || name.StartsWith("set_") ? name.Substring(4) : name;
		}
	}
}
