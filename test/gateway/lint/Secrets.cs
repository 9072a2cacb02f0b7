using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Gateway
{
	/* Finds secrets that stand in a policy instead of a named value's reference. */
	static class Secrets
	{
		const string Advice = ": make it a secret named value and write {{NAME}}";

		static readonly Regex Reference = new Regex(@"\{\{[A-Za-z0-9._-]+\}\}");
		static readonly Regex Guid = new Regex(@"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}");
		static readonly Regex Word = new Regex(@"[A-Za-z0-9+/_~.=-]{24,}");
		static readonly Regex Field = new Regex(@"client_secret=[^""'&<\s{]");
		static readonly string[] SecretHeaders = { "authorization", "x-functions-key",
			"ocp-apim-subscription-key", "api-key", "x-api-key" };

		/* How often letters, capitals and digits alternate in what a machine made up; words and the
		 * names of C# stay well below. */
		const double RandomShare = 0.38;

		internal static void Check(PolicyDocument document, Problems problems)
		{
			var lines = document.Source.Split('\n');
			for (var i = 0; i < lines.Length; i++)
				CheckLine(lines[i], document.File, i + 1, problems);
			CheckHeaders(document, problems);
		}

		static void CheckLine(string line, string file, int number, Problems problems)
		{
			if (Field.IsMatch(line))
				problems.Add(file, number, "secret", "client_secret stands here in clear" + Advice);
			var plain = Guid.Replace(Reference.Replace(line, " "), " ");
			foreach (Match word in Word.Matches(plain))
				if (LooksRandom(word.Value))
					problems.Add(file, number, "secret", "\"" + word.Value.Substring(0, 4)
						+ "...\" looks like a key or token" + Advice);
		}

		static bool LooksRandom(string word)
		{
			var classes = word.Where(char.IsLetterOrDigit)
				.Select(c => char.IsDigit(c) ? 0 : char.IsUpper(c) ? 1 : 2).ToList();
			var changes = classes.Zip(classes.Skip(1), (one, next) => one != next).Count(changed => changed);
			return classes.Contains(0) && classes.Any(one => one > 0)
				&& changes >= RandomShare * classes.Count;
		}

		/* The source as it was written, for there the references are still to be seen. */
		static void CheckHeaders(PolicyDocument document, Problems problems)
		{
			XDocument source;
			try
			{
				source = XDocument.Parse(document.Source, LoadOptions.SetLineInfo);
			}
			catch (XmlException)
			{
				return; /* a reference stood where XML wants something else */
			}
			foreach (var header in source.Descendants("set-header"))
			{
				var name = ((string)header.Attribute("name") ?? "").ToLowerInvariant();
				var value = header.Value.Trim();
				if (SecretHeaders.Contains(name) && value != "" && !Reference.IsMatch(value)
					&& !Expression.Looks(value))
					problems.Add(document, header, "gives " + name + " a value in clear" + Advice);
			}
		}
	}
}
