using System.Collections.Generic;

namespace Gateway
{
	/* The phrases that go with status codes (RFC 9110 §15, RFC 6585). */
	static class Reasons
	{
		static readonly Dictionary<int, string> Phrases = new Dictionary<int, string>
		{
			{ 200, "OK" }, { 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" },
			{ 404, "Not Found" }, { 405, "Method Not Allowed" }, { 413, "Content Too Large" },
			{ 415, "Unsupported Media Type" }, { 429, "Too Many Requests" },
			{ 500, "Internal Server Error" }, { 502, "Bad Gateway" }, { 503, "Service Unavailable" },
			{ 504, "Gateway Timeout" },
		};

		/* Empty for those not in use here. */
		internal static string Of(int status)
		{
			string phrase;
			return Phrases.TryGetValue(status, out phrase) ? phrase : "";
		}
	}
}
