using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Gateway
{
	/* gateway.exe check: whether API Management takes a document, asked many times over without a start for
	 * each.  A line {"file", "text", "values": {NAME: TEXT}, "fragments": {ID: TEXT}} is answered by a
	 * line [{"path": [...], "text"}], empty when there is nothing wrong.  file says the scope, as below
	 * --apim; fragments: those that the document may include; path: by which child elements the place
	 * is reached from the root, absent where the text is no XML. */
	static class PolicyCheck
	{
		internal static int Run(TextReader input, TextWriter output)
		{
			string line;
			while ((line = input.ReadLine()) != null)
			{
				output.WriteLine(Check(JObject.Parse(line)).ToString(Formatting.None));
				output.Flush();
			}
			return 0;
		}

		static JArray Check(JObject asked)
		{
			var problems = new Problems();
			var values = NamedValues.Of(asked["values"].ToObject<Dictionary<string, string>>());
			var document = PolicyDocument.Parse((string)asked["file"], (string)asked["text"], values, problems);
			var fragments = ((JObject)asked["fragments"]).Properties().Select(one =>
				PolicyDocument.Parse("fragments/" + one.Name + ".xml", (string)one.Value, values, new Problems()));
			var set = PolicySet.Of(fragments.Concat(new[] { document }));
			var expressions = new ExpressionTable();
			Checker.Check(document, set, expressions, problems);
			if (!problems.Any)
				Compiler.Compile(expressions.All, null, problems);
			return new JArray(problems.All.Select(Told));
		}

		static JObject Told(Problem problem)
		{
			var told = new JObject(new JProperty("text", problem.Text));
			if (problem.At != null)
				told["path"] = new JArray(PathTo(problem.At as XElement ?? problem.At.Parent));
			return told;
		}

		static IEnumerable<int> PathTo(XElement element)
		{
			return element.AncestorsAndSelf().Where(one => one.Parent != null)
				.Select(one => one.ElementsBeforeSelf().Count()).Reverse();
		}
	}
}
