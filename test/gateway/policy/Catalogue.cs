using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Gateway
{
	/* One operation of an API: the method and the template of its URL that lead to it. */
	sealed class Operation
	{
		internal string Id, Method, UrlTemplate;
		/* Its policy's file, or null: then it has only <base/>. */
		internal string Policy;
	}

	sealed class ApiEntry
	{
		internal string Id, Name, Path;
		internal string Policy;
		internal List<Operation> Operations = new List<Operation>();
	}

	/* apis.json: {"apis": [{id, path, policy, operations: [{id, method, urlTemplate, policy}]}],
	 * "backends": [{id, url}]}. */
	sealed class Catalogue
	{
		const string FileName = "apis.json";

		internal readonly List<ApiEntry> Apis = new List<ApiEntry>();
		internal readonly Dictionary<string, string> Backends = new Dictionary<string, string>();

		internal static Catalogue Load(string root, NamedValues values, Problems problems)
		{
			var catalogue = new Catalogue();
			var path = Path.Combine(root, FileName);
			if (!File.Exists(path))
			{
				problems.Add(FileName, 1, "json", "is missing: it says which operations there are");
				return catalogue;
			}
			try
			{
				var text = values.Substitute(File.ReadAllText(path), FileName, problems);
				catalogue.Read(JObject.Parse(text));
			}
			catch (Exception e) when (e is JsonException || e is InvalidCastException
				|| e is ArgumentException)
			{
				problems.Add(FileName, 1, "json", "is not as agreed: " + e.Message);
			}
			return catalogue;
		}

		void Read(JObject json)
		{
			foreach (var api in (JArray)json["apis"] ?? new JArray())
				Apis.Add(ReadApi(api));
			foreach (var backend in (JArray)json["backends"] ?? new JArray())
				Backends[Need(backend, "id")] = Need(backend, "url");
			var twice = Apis.GroupBy(api => api.Path).FirstOrDefault(group => group.Count() > 1);
			if (twice != null)
				throw new ArgumentException("two APIs have the path \"" + twice.Key + "\"");
		}

		static ApiEntry ReadApi(JToken json)
		{
			var api = new ApiEntry
			{
				Id = Need(json, "id"),
				Name = (string)json["name"] ?? Need(json, "id"),
				Path = Need(json, "path").Trim('/'),
				Policy = (string)json["policy"],
			};
			foreach (var operation in (JArray)json["operations"] ?? new JArray())
				api.Operations.Add(new Operation
				{
					Id = Need(operation, "id"),
					Method = Need(operation, "method").ToUpperInvariant(),
					UrlTemplate = Need(operation, "urlTemplate"),
					Policy = (string)operation["policy"],
				});
			return api;
		}

		static string Need(JToken json, string name)
		{
			var value = (string)json[name];
			if (value == null)
				throw new ArgumentException("\"" + name + "\" is missing in "
					+ json.ToString(Formatting.None));
			return value;
		}

		/* Every file named here must be there, and every policy there must be named. */
		internal void Check(PolicySet set, Problems problems)
		{
			var named = Apis.Select(api => api.Policy)
				.Concat(Apis.SelectMany(api => api.Operations).Select(operation => operation.Policy))
				.Where(policy => policy != null).ToList();
			foreach (var file in named.Where(file => set.Find(file) == null))
				problems.Add(FileName, 1, "policy", "there is no " + file);
			foreach (var document in set.All.Where(document => document.Scope == Scope.Api
				|| document.Scope == Scope.Operation))
				if (!named.Contains(document.File))
					problems.Add(document.File, 1, "policies", "no API or operation of " + FileName
						+ " names this file as its policy");
		}
	}
}
