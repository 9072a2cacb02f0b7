using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.Api;

namespace Gateway
{
	/* Turns expressions into methods, one for all that say the same, by one run of mcs: inside this
	 * process, which is several times as fast from the second time on. */
	static class Compiler
	{
		/* Below Gateway.Api, whose extension methods are so found before those of .NET's collections. */
		const string Space = "Gateway.Api.Expressions";

		/* Only what samples write without a namespace; the rest must be qualified. */
		static readonly string[] Header =
		{
			"using System;",
			"using System.Collections.Generic;",
			"using System.Linq;",
			"using System.Text;",
			"using System.Text.RegularExpressions;",
			"using System.Xml.Linq;",
			"using Newtonsoft.Json.Linq;",
			"using JsonConvert = Newtonsoft.Json.JsonConvert;",
			"using Gateway.Api;",
		};

		static readonly Regex Message = new Regex(@"(?:^|/)E(\d+)\.cs\((\d+),\d+\): error (CS\d+): (.*)");
		static readonly Regex Generated = new Regex(@"^(E\d+$|<)");
		static readonly Regex WallClock = new Regex(@"\b(?:System\.)?DateTime(Offset)?\.(UtcNow|Now|Today)\b");

		/* Fills Run of every expression; what does not compile or uses what it may not is a problem.
		 * kept: a folder where libraries are looked for first and left afterwards; null: none. */
		internal static void Compile(IEnumerable<Expression> all, string kept, Problems problems)
		{
			var methods = all.GroupBy(one => (one.Boolean ? "bool " : "object ") + one.Code)
				.Select(alike => alike.ToArray()).ToArray();
			if (methods.Length == 0)
				return;
			var sources = methods.Select((alike, i) => Source(i, alike[0])).ToArray();
			var place = kept == null ? null : Path.Combine(kept, NameOf(sources));
			var library = File.Exists(place) ? File.ReadAllBytes(place) : Compiled(sources, methods, problems);
			if (library == null)
				return;
			if (place != null && !File.Exists(place))
				Keep(library, place);
			Bind(Assembly.Load(library), methods, problems);
		}

		/* The same only where the emulator is the same that expressions are compiled against. */
		static string NameOf(string[] sources)
		{
			var all = typeof(IContext).Module.ModuleVersionId + string.Concat(sources);
			using (var sha256 = SHA256.Create())
				return BitConverter.ToString(sha256.ComputeHash(Encoding.UTF8.GetBytes(all))).Replace("-", "") + ".dll";
		}

		/* At once, as others look for it meanwhile; and may leave the same. */
		static void Keep(byte[] library, string place)
		{
			var part = place + "." + Guid.NewGuid();
			File.WriteAllBytes(part, library);
			try
			{
				File.Move(part, place);
			}
			catch (IOException) when (File.Exists(place))
			{
				File.Delete(part);
			}
		}

		/* null when there is a problem. */
		static byte[] Compiled(string[] sources, IList<Expression[]> methods, Problems problems)
		{
			var folder = PrivateFolder();
			try
			{
				for (var i = 0; i < sources.Length; i++)
					File.WriteAllText(Path.Combine(folder, "E" + i + ".cs"), sources[i]);
				var library = Path.Combine(folder, "expressions.dll");
				return RunCompiler(folder, library, methods, problems) ? File.ReadAllBytes(library) : null;
			}
			finally
			{
				Directory.Delete(folder, true);
			}
		}

		static string Source(int number, Expression expression)
		{
			var source = new StringBuilder();
			foreach (var line in Header)
				source.Append(line).Append('\n');
			var type = expression.Boolean ? "bool" : "object";
			source.Append("namespace " + Space + " { public static class E" + number
				+ " { public static " + type + " Run(IContext context) ");
			var code = WallClock.Replace(expression.Code.Substring(1), "PolicyClock$1.$2");
			if (code[0] == '(')
				source.Append("{ return\n").Append(code).Append("\n; }");
			else
				source.Append('\n').Append(code).Append('\n');
			return source.Append("} }\n").ToString();
		}

		/* The lines before the code are Header and the class; those after it belong to its last one. */
		static int LineInPolicy(Expression expression, int line)
		{
			var last = expression.Code.Count(c => c == '\n');
			return expression.Line + Math.Min(last, Math.Max(0, line - Header.Length - 2));
		}

		static bool RunCompiler(string folder, string library, IList<Expression[]> methods,
			Problems problems)
		{
			var references = new[] { typeof(IContext), typeof(Newtonsoft.Json.Linq.JObject),
				typeof(System.Xml.Linq.XElement), typeof(Enumerable), typeof(Uri), typeof(System.Xml.XmlNode) };
			var arguments = new[] { "-target:library", "-langversion:7", "-warn:0", "-optimize+", "-out:" + library }
				.Concat(references.Select(type => "-r:" + type.Assembly.Location))
				.Concat(methods.Select((_, i) => Path.Combine(folder, "E" + i + ".cs")));
			var output = Invoke(arguments.ToArray());
			var found = new HashSet<int>();
			foreach (var line in output.Split('\n'))
			{
				var match = Message.Match(line);
				if (!match.Success)
					continue;
				var number = int.Parse(match.Groups[1].Value);
				if (!found.Add(number))
					continue; /* what follows a first error mostly follows from it */
				foreach (var expression in methods[number])
					problems.Add(expression.Document, expression.At,
						LineInPolicy(expression, int.Parse(match.Groups[2].Value)),
						"the expression does not compile: " + match.Groups[4].Value.Trim() + " ("
						+ match.Groups[3].Value + ")");
			}
			if (found.Count == 0 && !File.Exists(library))
				throw new StartException("mcs made nothing of the expressions:\n" + output);
			return found.Count == 0;
		}

		/* What mcs says. */
		static string Invoke(string[] arguments)
		{
			var program = Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location), "mcs.exe");
			if (!File.Exists(program))
				throw new StartException("mcs is not there: see test/install.sh gateway");
			var output = new StringWriter();
			Assembly.LoadFrom(program).GetType("Mono.CSharp.CompilerCallableEntryPoint")
				.GetMethod("InvokeCompiler").Invoke(null, new object[] { arguments, output });
			return output.ToString();
		}

		/* A folder that nobody else can read, in memory where there is such a place: named values stand in the code. */
		static string PrivateFolder()
		{
			const string memory = "/dev/shm";
			var place = Directory.Exists(memory) ? memory : Path.GetTempPath();
			var start = new ProcessStartInfo("mktemp", "-d -p \"" + place + "\"") { UseShellExecute = false, RedirectStandardOutput = true };
			using (var process = Process.Start(start))
				return process.StandardOutput.ReadToEnd().Trim();
		}

		static void Bind(Assembly assembly, IList<Expression[]> methods, Problems problems)
		{
			var allowed = AllowList.Load();
			for (var i = 0; i < methods.Count; i++)
			{
				var type = assembly.GetType(Space + ".E" + i);
				var wrong = allowed.Refused(type)
					.Select(refused => "the expression uses " + refused + ", which API Management does not allow")
					.Concat(DeclaresMore(type) ? new[] { "is more than one expression" } : new string[0]).ToList();
				var run = Delegate(type.GetMethod("Run"), methods[i][0].Boolean);
				foreach (var expression in methods[i])
				{
					foreach (var text in wrong)
						problems.Add(expression.Document, expression.At, expression.Line, text);
					expression.Run = run;
				}
			}
		}

		/* Braces and parentheses that close more than they open could end the method and begin others.
		 * What the compiler itself adds has a name no C# can have. */
		static bool DeclaresMore(Type type)
		{
			return type.Assembly.GetTypes().Any(one => !one.IsNested && !Generated.IsMatch(one.Name))
				|| type.GetMethods(BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Instance
					| BindingFlags.Public | BindingFlags.NonPublic)
					.Any(method => method.Name != "Run" && !method.Name.StartsWith("<"));
		}

		static Func<IContext, object> Delegate(MethodInfo method, bool boolean)
		{
			if (!boolean)
				return (Func<IContext, object>)method.CreateDelegate(typeof(Func<IContext, object>));
			var condition = (Func<IContext, bool>)method.CreateDelegate(typeof(Func<IContext, bool>));
			return context => condition(context);
		}
	}
}
