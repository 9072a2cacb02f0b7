using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Gateway
{
	/* The named values: {{NAME}} in a policy is replaced by its text before the XML is read. */
	sealed class NamedValues
	{
		static readonly Regex Reference = new Regex(@"\{\{([A-Za-z0-9._-]+)\}\}");

		readonly Dictionary<string, string> values = new Dictionary<string, string>();
		readonly HashSet<string> secret = new HashSet<string>();
		readonly bool placeholders;

		/* given: those of the command line; they win.  placeholders: a declared name without a
		 * value gets a made-up one, as the linter wants it. */
		NamedValues(IDictionary<string, string> given, bool placeholders)
		{
			this.placeholders = placeholders;
			foreach (var pair in given)
				values[pair.Key] = pair.Value;
		}

		internal static NamedValues Of(IDictionary<string, string> given)
		{
			return new NamedValues(given, false);
		}

		/* Reads named-values.json, which need not be there. */
		internal static NamedValues Load(string root, IDictionary<string, string> given,
			bool placeholders, Problems problems)
		{
			const string file = "named-values.json";
			var all = new NamedValues(given, placeholders);
			var path = Path.Combine(root, file);
			if (!File.Exists(path))
				return all;
			try
			{
				foreach (JObject row in JArray.Parse(File.ReadAllText(path)))
					all.Declare(row, file, problems);
			}
			catch (Exception e) when (e is JsonException || e is InvalidCastException)
			{
				problems.Add(file, 1, "json", "is not an array of named values: " + e.Message);
			}
			return all;
		}

		void Declare(JObject row, string file, Problems problems)
		{
			var name = (string)row["name"];
			var value = (string)row["value"];
			var hidden = (bool?)row["secret"] == true || row["keyVault"] != null;
			if (name == null || !Reference.IsMatch("{{" + name + "}}"))
			{
				problems.Add(file, 1, name ?? "?", "a name is letters, digits, '.', '_' and '-'");
				return;
			}
			if (hidden)
				secret.Add(name);
			if (hidden && value != null)
				problems.Add(file, 1, name, "a secret stands in clear: give it when deploying, or by Key Vault");
			if (values.ContainsKey(name))
				return;
			values[name] = value ?? "placeholder-" + name;
			if (value == null && !placeholders)
				problems.Add(file, 1, name, "has no value here: give one with --secret " + name
					+ "=env:VARIABLE or --value " + name + "=TEXT");
		}

		internal string Value(string name)
		{
			string value;
			return values.TryGetValue(name, out value) ? value : null;
		}

		internal string Substitute(string text, string file, Problems problems)
		{
			return Reference.Replace(text, match =>
			{
				string value;
				var name = match.Groups[1].Value;
				if (values.TryGetValue(name, out value) && value.IndexOf('\n') < 0)
					return value;
				var line = text.Take(match.Index).Count(c => c == '\n') + 1;
				problems.Add(file, line, match.Value, value == null
					? "no such named value: declare it in named-values.json, or mend the name"
					: "the value holds a line break: a named value is one line");
				return "missing-" + name;
			});
		}
	}
}
