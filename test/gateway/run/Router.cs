using System;
using System.Collections.Generic;
using System.Linq;

namespace Gateway
{
	/* Where a request leads. */
	sealed class Route
	{
		/* null: no API has such a path. */
		internal ApiEntry Api;
		/* null: the API has no such operation. */
		internal Operation Operation;
		/* The path below the API's. */
		internal string Path;
		internal Dictionary<string, string> Parameters = new Dictionary<string, string>();
	}

	/* Finds the API by the longest path, then its operation by method and URL template.  Letters
	 * match in either case; words of a template win over its {parameters}. */
	sealed class Router
	{
		readonly List<ApiEntry> apis;

		internal Router(Catalogue catalogue)
		{
			apis = catalogue.Apis.OrderByDescending(api => Segments(api.Path).Length).ToList();
		}

		internal Route Find(string method, string path, string query)
		{
			var segments = Segments(path);
			var api = apis.FirstOrDefault(one => Begins(segments, Segments(one.Path)));
			var route = new Route { Api = api, Path = path };
			if (api == null)
				return route;
			var rest = segments.Skip(Segments(api.Path).Length).ToArray();
			route.Path = "/" + string.Join("/", rest);
			foreach (var operation in api.Operations.Where(one => one.Method == method)
				.OrderBy(one => one.UrlTemplate.Count(c => c == '{' || c == '*')))
			{
				var parameters = Match(operation.UrlTemplate, rest, query);
				if (parameters == null)
					continue;
				route.Operation = operation;
				route.Parameters = parameters;
				break;
			}
			return route;
		}

		/* "/a/b/" is a, b and an empty third; "/" and "" are nothing. */
		static string[] Segments(string path)
		{
			var inner = path.TrimStart('/');
			return inner == "" ? new string[0] : inner.Split('/');
		}

		static bool Begins(string[] segments, string[] prefix)
		{
			return segments.Length >= prefix.Length
				&& prefix.Select((one, i) => Same(one, segments[i])).All(same => same);
		}

		static bool Same(string word, string segment)
		{
			return word.Equals(Uri.UnescapeDataString(segment), StringComparison.OrdinalIgnoreCase);
		}

		/* The template's parameters, or null when it does not match. */
		static Dictionary<string, string> Match(string template, string[] segments, string query)
		{
			var found = new Dictionary<string, string>();
			var cut = template.IndexOf('?');
			var words = Segments(cut < 0 ? template : template.Substring(0, cut));
			if (segments.Length == 1 && segments[0] == "")
				segments = new string[0]; /* the API's root, with its slash */
			for (var i = 0; i < words.Length; i++)
			{
				if (words[i].StartsWith("*") || words[i].StartsWith("{*"))
					return found;
				if (i >= segments.Length)
					return null;
				if (words[i].StartsWith("{"))
					found[words[i].Trim('{', '}')] = Uri.UnescapeDataString(segments[i]);
				else if (!Same(words[i], segments[i]))
					return null;
			}
			if (words.Length != segments.Length)
				return null;
			return cut < 0 || MatchQuery(template.Substring(cut), query, found) ? found : null;
		}

		static bool MatchQuery(string template, string query, Dictionary<string, string> found)
		{
			var sent = Url.Pairs(query).ToList();
			foreach (var wanted in Url.Pairs(template))
			{
				var given = sent.Where(pair => pair.Key.Equals(wanted.Key, StringComparison.OrdinalIgnoreCase))
					.Select(pair => pair.Value).FirstOrDefault();
				if (given == null)
					return false;
				if (wanted.Value.StartsWith("{"))
					found[wanted.Value.Trim('{', '}')] = given;
			}
			return true;
		}

		/* Without "." and ".." (also as %2e), which no server behind may be left to interpret. */
		internal static string WithoutDots(string path)
		{
			var kept = new List<string>();
			var segments = path.TrimStart('/').Split('/');
			foreach (var segment in segments)
			{
				var plain = segment.Replace("%2e", ".").Replace("%2E", ".");
				if (plain == ".." && kept.Count > 0)
					kept.RemoveAt(kept.Count - 1);
				else if (plain != "." && plain != "..")
					kept.Add(segment);
			}
			return "/" + string.Join("/", kept);
		}
	}
}
