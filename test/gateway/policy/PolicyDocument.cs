using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml;
using System.Xml.Linq;

namespace Gateway
{
	enum Scope { Global, Api, Operation, Fragment }

	/* One XML file: a policy document of some scope, or a fragment. */
	sealed class PolicyDocument
	{
		/* As it is shown: below the folder of --apim. */
		internal string File { get; private set; }
		internal Scope Scope { get; private set; }
		/* As it was written, named values not yet replaced. */
		internal string Source { get; private set; }
		/* null when the XML could not be read. */
		internal XElement Root { get; private set; }

		internal static PolicyDocument Load(string root, string file, NamedValues values, Problems problems)
		{
			return Parse(file, System.IO.File.ReadAllText(Path.Combine(root, file)), values, problems);
		}

		/* file: where it would lie below such a folder, which says its scope. */
		internal static PolicyDocument Parse(string file, string source, NamedValues values, Problems problems)
		{
			var document = new PolicyDocument { File = file, Scope = ScopeOf(file), Source = source };
			var text = values.Substitute(document.Source, file, problems);
			var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit };
			try
			{
				using (var reader = XmlReader.Create(new StringReader(text), settings))
					document.Root = XDocument.Load(reader,
						LoadOptions.SetLineInfo | LoadOptions.PreserveWhitespace).Root;
			}
			catch (XmlException e)
			{
				problems.Add(file, Math.Max(e.LineNumber, 1), "xml", "is not well-formed: " + e.Message
					+ " (write &lt; and &amp;, and single quotes around an attribute that holds double ones)");
			}
			return document;
		}

		/* The layout says which scope a file is of. */
		static Scope ScopeOf(string file)
		{
			var parts = file.Split('/');
			if (parts[0] == "fragments")
				return Scope.Fragment;
			if (parts.Length > 2)
				return Scope.Operation;
			return parts[1] == "global.xml" ? Scope.Global : Scope.Api;
		}

		internal XElement Section(string name)
		{
			return Root == null ? null : Root.Elements(name).FirstOrDefault();
		}
	}

	/* All documents below a folder of the agreed layout, or some that lie in none. */
	sealed class PolicySet
	{
		readonly SortedDictionary<string, PolicyDocument> documents =
			new SortedDictionary<string, PolicyDocument>(StringComparer.Ordinal);

		internal IEnumerable<PolicyDocument> All { get { return documents.Values; } }

		internal static PolicySet Load(string root, NamedValues values, Problems problems)
		{
			var set = new PolicySet();
			foreach (var folder in new[] { "policies", "fragments" })
			{
				var path = Path.Combine(root, folder);
				if (!Directory.Exists(path))
					continue;
				foreach (var found in Directory.GetFiles(path, "*.xml", SearchOption.AllDirectories))
				{
					var file = found.Substring(root.TrimEnd('/').Length + 1);
					set.documents[file] = PolicyDocument.Load(root, file, values, problems);
				}
			}
			if (set.documents.Count == 0)
				problems.Add(root, 1, "policies", "there is not one policy here");
			return set;
		}

		internal static PolicySet Of(IEnumerable<PolicyDocument> documents)
		{
			var set = new PolicySet();
			foreach (var document in documents)
				set.documents[document.File] = document;
			return set;
		}

		/* null when there is none. */
		internal PolicyDocument Find(string file)
		{
			PolicyDocument document;
			return documents.TryGetValue(file, out document) ? document : null;
		}

		internal PolicyDocument Fragment(string id)
		{
			return Find("fragments/" + id + ".xml");
		}
	}
}
