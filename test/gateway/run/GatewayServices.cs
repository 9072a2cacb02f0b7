using System.Collections.Generic;

namespace Gateway
{
	/* What all requests share. */
	sealed class GatewayServices
	{
		internal Upstream Upstream;
		internal InternalCache Cache;
		internal SigningKeys Keys;
		internal readonly RateCounters Rates = new RateCounters();
		internal readonly Counters Counters = new Counters();
		internal Dictionary<string, string> Backends;
		/* In the place of every authentication-endpoint; null: none. */
		internal Url Login;
		internal Url Identity;
		internal string IdentityHeader;
		internal Router Router;
		internal Pipelines Pipelines;

		/* null when there is no such backend. */
		internal string Backend(string id)
		{
			string url;
			return Backends.TryGetValue(id, out url) ? url : null;
		}
	}
}
