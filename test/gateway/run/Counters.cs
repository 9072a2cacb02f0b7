using System;
using System.Collections.Generic;
using System.Linq;
using Newtonsoft.Json.Linq;

namespace Gateway
{
	/* What happened, for tests to look at; never a token or a body. */
	sealed class Counters
	{
		const int TraceLines = 1000;

		readonly SortedDictionary<string, int> counts = new SortedDictionary<string, int>();
		readonly Queue<string> trace = new Queue<string>();

		internal void Add(string what)
		{
			lock (counts)
			{
				int count;
				counts.TryGetValue(what, out count);
				counts[what] = count + 1;
			}
		}

		internal void Trace(string line)
		{
			lock (counts)
			{
				trace.Enqueue(line);
				while (trace.Count > TraceLines)
					trace.Dequeue();
			}
		}

		internal void Clear()
		{
			lock (counts)
			{
				counts.Clear();
				trace.Clear();
			}
		}

		internal JObject Counted()
		{
			lock (counts)
				return new JObject(counts.Select(pair => new JProperty(pair.Key, pair.Value)));
		}

		internal JArray Traced()
		{
			lock (counts)
				return new JArray(trace.ToArray());
		}
	}
}
