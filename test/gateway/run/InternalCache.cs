using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Gateway.Api;
using Newtonsoft.Json.Linq;

namespace Gateway
{
	/* API Management's internal cache: values by key, each until its time, the oldest dropped when
	 * there are too many. */
	sealed class InternalCache
	{
		sealed class Entry
		{
			internal object Value;
			internal DateTime Ends;
			internal LinkedListNode<string> Age;
		}

		readonly Dictionary<string, Entry> entries = new Dictionary<string, Entry>();
		readonly LinkedList<string> byAge = new LinkedList<string>();
		readonly int capacity;

		/* missIsNull: a miss sets the variable to null instead of removing it. */
		internal InternalCache(int capacity, bool missIsNull)
		{
			this.capacity = capacity;
			MissIsNull = missIsNull;
		}

		internal bool MissIsNull { get; private set; }

		internal bool Find(string key, out object value)
		{
			lock (entries)
			{
				Entry entry;
				value = null;
				if (!entries.TryGetValue(key, out entry))
					return false;
				if (entry.Ends <= PolicyClock.UtcNow)
				{
					Drop(key);
					return false;
				}
				value = entry.Value;
				return true;
			}
		}

		internal void Store(string key, object value, int seconds)
		{
			lock (entries)
			{
				Drop(key);
				while (entries.Count >= capacity)
					Drop(byAge.First.Value);
				entries[key] = new Entry
				{
					Value = value, Ends = PolicyClock.UtcNow.AddSeconds(seconds), Age = byAge.AddLast(key),
				};
			}
		}

		internal void Remove(string key)
		{
			lock (entries)
				Drop(key);
		}

		internal void Clear()
		{
			lock (entries)
			{
				entries.Clear();
				byAge.Clear();
			}
		}

		void Drop(string key)
		{
			Entry entry;
			if (!entries.TryGetValue(key, out entry))
				return;
			byAge.Remove(entry.Age);
			entries.Remove(key);
		}

		/* What tests may see: no key and no value as it is. */
		internal JArray Listed()
		{
			lock (entries)
				return new JArray(byAge.Select(key => new JObject(
					new JProperty("key_sha256", Hash(key)),
					new JProperty("value_sha256", Hash(Convert.ToString(entries[key].Value))),
					new JProperty("expires_in_s",
						Math.Round((entries[key].Ends - PolicyClock.UtcNow).TotalSeconds)))));
		}

		static string Hash(string text)
		{
			using (var sha = SHA256.Create())
				return BitConverter.ToString(sha.ComputeHash(Encoding.UTF8.GetBytes(text)))
					.Replace("-", "").ToLowerInvariant();
		}
	}
}
