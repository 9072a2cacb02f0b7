using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Gateway
{
	/* The headers of one message, names in any case, in the order they came. */
	sealed class HeaderMap : IReadOnlyDictionary<string, string[]>
	{
		/* API Management sends several values of a header as one, joined with commas, but these. */
		static readonly HashSet<string> Separate = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
		{
			"User-Agent", "WWW-Authenticate", "Proxy-Authenticate", "Cookie", "Set-Cookie", "Warning",
			"Retry-After", "Date", "Expires", "Last-Modified", "If-Modified-Since",
			"If-Unmodified-Since",
		};

		/* They say how one connection carries the message, and go no further (RFC 9110 §7.6.1). */
		static readonly string[] OfConnection = { "Connection", "Keep-Alive", "Proxy-Connection",
			"Transfer-Encoding", "Upgrade", "TE", "Trailer" };

		readonly List<string> names = new List<string>();
		readonly Dictionary<string, List<string>> values =
			new Dictionary<string, List<string>>(StringComparer.OrdinalIgnoreCase);

		internal HeaderMap()
		{
		}

		internal HeaderMap(HeaderMap other)
		{
			foreach (var name in other.names)
				Set(name, other.values[name]);
		}

		internal void Append(string name, string value)
		{
			List<string> list;
			if (!values.TryGetValue(name, out list))
			{
				names.Add(name);
				values[name] = list = new List<string>();
			}
			list.Add(value);
		}

		internal void Set(string name, IEnumerable<string> all)
		{
			var copy = all.ToList();
			if (!values.ContainsKey(name))
				names.Add(name);
			values[name] = copy;
		}

		internal void Set(string name, string value)
		{
			Set(name, new[] { value });
		}

		internal void Remove(string name)
		{
			if (values.Remove(name))
				names.RemoveAll(one => one.Equals(name, StringComparison.OrdinalIgnoreCase));
		}

		internal void RemoveConnectionHeaders()
		{
			var named = (Joined("Connection") ?? "").Split(',').Select(one => one.Trim());
			foreach (var name in OfConnection.Concat(named).Where(name => name != "").ToList())
				Remove(name);
		}

		/* null when there is none. */
		internal string Joined(string name)
		{
			List<string> list;
			return values.TryGetValue(name, out list) ? string.Join(",", list) : null;
		}

		internal void WriteTo(StringBuilder head)
		{
			foreach (var name in names)
				if (Separate.Contains(name))
					foreach (var value in values[name])
						Line(head, name, value);
				else
					Line(head, name, string.Join(",", values[name]));
			head.Append("\r\n");
		}

		/* A value that would end its line is cut down to one line. */
		static void Line(StringBuilder head, string name, string value)
		{
			head.Append(name).Append(": ").Append(value.Replace("\r", " ").Replace("\n", " "))
				.Append("\r\n");
		}

		public int Count { get { return names.Count; } }
		public IEnumerable<string> Keys { get { return names.ToArray(); } }
		public IEnumerable<string[]> Values { get { return names.Select(name => this[name]); } }
		public string[] this[string name] { get { return values[name].ToArray(); } }

		public bool ContainsKey(string name)
		{
			return values.ContainsKey(name);
		}

		public bool TryGetValue(string name, out string[] found)
		{
			List<string> list;
			found = values.TryGetValue(name, out list) ? list.ToArray() : null;
			return found != null;
		}

		public IEnumerator<KeyValuePair<string, string[]>> GetEnumerator()
		{
			return names.Select(name => new KeyValuePair<string, string[]>(name, this[name]))
				.ToList().GetEnumerator();
		}

		IEnumerator IEnumerable.GetEnumerator()
		{
			return GetEnumerator();
		}
	}
}
