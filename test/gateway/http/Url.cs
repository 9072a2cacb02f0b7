using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Text.RegularExpressions;
using Gateway.Api;

namespace Gateway
{
	/* An absolute http or https URL whose path and query stay as they were written, which
	 * System.Uri does not promise. */
	sealed class Url : IUrl
	{
		static readonly Regex Form = new Regex(
			@"^(https?)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?(/[^?#\s]*)?(\?[^#\s]*)?$");

		public string Scheme { get; private set; }
		public string Host { get; private set; }
		public int Port { get; private set; }
		public string Path { get; private set; }
		/* With its question mark, or empty. */
		public string QueryString { get; private set; }

		internal Url(string scheme, string host, int port, string path, string query)
		{
			Scheme = scheme;
			Host = host;
			Port = port;
			Path = path == "" ? "/" : path;
			QueryString = query == "?" ? "" : query;
		}

		/* null when text is no such URL. */
		internal static Url Parse(string text)
		{
			var match = Form.Match(text ?? "");
			if (!match.Success)
				return null;
			var scheme = match.Groups[1].Value;
			var standard = scheme == "https" ? 443 : 80;
			var port = match.Groups[3].Success ? int.Parse(match.Groups[3].Value) : standard;
			return new Url(scheme, match.Groups[2].Value, port, match.Groups[4].Value, match.Groups[5].Value);
		}

		internal bool StandardPort { get { return Port == (Scheme == "https" ? 443 : 80); } }
		internal string Authority { get { return StandardPort ? Host : Host + ":" + Port; } }
		internal string Origin { get { return Scheme + "://" + Authority; } }
		internal string Target { get { return Path + QueryString; } }

		internal Url At(string path, string query)
		{
			return new Url(Scheme, Host, Port, path, query);
		}

		internal Url On(Url other)
		{
			return new Url(other.Scheme, other.Host, other.Port, Path, QueryString);
		}

		public IReadOnlyDictionary<string, string[]> Query
		{
			get
			{
				return Pairs(QueryString).GroupBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase)
					.ToDictionary(group => group.Key, group => group.Select(pair => pair.Value).ToArray(),
						StringComparer.OrdinalIgnoreCase);
			}
		}

		/* Names and values of a query, decoded, in their order. */
		internal static IEnumerable<KeyValuePair<string, string>> Pairs(string query)
		{
			foreach (var part in query.TrimStart('?').Split('&').Where(one => one != ""))
			{
				var cut = part.IndexOf('=');
				yield return new KeyValuePair<string, string>(
					WebUtility.UrlDecode(cut < 0 ? part : part.Substring(0, cut)),
					cut < 0 ? "" : WebUtility.UrlDecode(part.Substring(cut + 1)));
			}
		}

		/* The query without every parameter of this name. */
		internal string Without(string name)
		{
			var kept = QueryString.TrimStart('?').Split('&').Where(part => part != ""
				&& !WebUtility.UrlDecode(part.Split('=')[0]).Equals(name, StringComparison.OrdinalIgnoreCase));
			return Joined(kept);
		}

		internal static string Joined(IEnumerable<string> parts)
		{
			var all = string.Join("&", parts.Where(part => part != ""));
			return all == "" ? "" : "?" + all;
		}

		public override string ToString()
		{
			return Origin + Target;
		}
	}
}
