using System;
using System.Collections.Generic;
using System.Linq;
using Gateway.Api;

namespace Gateway
{
	/* One sliding-window counter per key, whichever policy counts on it. */
	sealed class RateCounters
	{
		const int LongestWindowS = 300;

		sealed class Call
		{
			internal DateTime At;
			internal int Count;
		}

		readonly Dictionary<string, List<Call>> counters = new Dictionary<string, List<Call>>();

		/* True when there is room for count (0: just look) more calls, which are counted then.
		 * remaining: how many are left; retryAfterS: until one is, if none. */
		internal bool Take(string key, int calls, int windowS, int count, out int remaining,
			out int retryAfterS)
		{
			lock (counters)
			{
				var now = PolicyClock.UtcNow;
				var all = Recent(key, now);
				var inWindow = all.Where(call => call.At > now.AddSeconds(-windowS)).ToList();
				var used = inWindow.Sum(call => call.Count);
				var fits = used + Math.Max(count, 1) <= calls;
				retryAfterS = fits ? 0 : WaitS(inWindow, now, windowS);
				if (fits && count > 0)
					all.Add(new Call { At = now, Count = count });
				remaining = Math.Max(0, calls - used - (fits ? count : 0));
				return fits;
			}
		}

		/* Counts without asking, as an increment expression does after the answer. */
		internal void Add(string key, int count)
		{
			lock (counters)
				Recent(key, PolicyClock.UtcNow).Add(new Call { At = PolicyClock.UtcNow, Count = count });
		}

		internal void Clear()
		{
			lock (counters)
				counters.Clear();
		}

		static int WaitS(List<Call> inWindow, DateTime now, int windowS)
		{
			if (inWindow.Count == 0)
				return windowS;
			return Math.Max(1, (int)Math.Ceiling((inWindow[0].At.AddSeconds(windowS) - now).TotalSeconds));
		}

		List<Call> Recent(string key, DateTime now)
		{
			List<Call> all;
			if (!counters.TryGetValue(key, out all))
				counters[key] = all = new List<Call>();
			all.RemoveAll(call => call.At <= now.AddSeconds(-LongestWindowS));
			return all;
		}
	}
}
