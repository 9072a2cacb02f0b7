using System;
using System.Collections.Generic;
using System.Linq;

namespace Gateway
{
	sealed class CorsStep : Step
	{
		const string AllowOrigin = "Access-Control-Allow-Origin";

		readonly bool credentials, terminates;
		readonly string maxAge;
		readonly List<string> origins, methods, headers, exposed;

		internal CorsStep(Place at)
		{
			credentials = at.Flag("allow-credentials", false);
			terminates = at.Flag("terminate-unmatched-request", true);
			origins = Texts(at, "allowed-origins", "origin");
			methods = Texts(at, "allowed-methods", "method");
			headers = Texts(at, "allowed-headers", "header");
			exposed = Texts(at, "expose-headers", "header");
			if (methods.Count == 0)
				methods = new List<string> { "GET", "POST" };
			var list = at.Child("allowed-methods");
			maxAge = list == null ? null : list.Plain("preflight-result-max-age");
		}

		static List<string> Texts(Place at, string list, string item)
		{
			return at.Items(list, item).Select(one => one.PlainText()).ToList();
		}

		/* A request that crosses origins, but no preflight: that never comes here. */
		internal override bool Run(Execution x)
		{
			var request = x.Context.Request;
			var origin = request.Headers.Joined("Origin");
			if (origin == null || x.HasAnswerHeader(AllowOrigin))
				return true;
			if (Matches(origin) && Has(methods, request.Method))
			{
				Allow(x.AddToAnswer, origin);
				if (exposed.Count > 0)
					x.AddToAnswer("Access-Control-Expose-Headers", string.Join(",", exposed));
				return true;
			}
			if (!terminates || request.Method != "GET" && request.Method != "HEAD")
				return true;
			x.Respond(Empty());
			return false;
		}

		/* The answer to a preflight this policy allows; null when it does not.  ends: nobody else
		 * is to be asked. */
		internal ResponseState Preflight(RequestState request, out bool ends)
		{
			var origin = request.Headers.Joined("Origin");
			var method = request.Headers.Joined("Access-Control-Request-Method");
			var wanted = (request.Headers.Joined("Access-Control-Request-Headers") ?? "").Split(',')
				.Select(one => one.Trim()).Where(one => one != "").ToList();
			ends = terminates;
			if (!Matches(origin) || !Has(methods, method) || !wanted.All(one => Has(headers, one)))
				return null;
			var response = Empty();
			ends = true;
			Allow(response.Headers.Set, origin);
			response.Headers.Set("Access-Control-Allow-Methods", string.Join(",", methods));
			response.Headers.Set("Access-Control-Allow-Headers",
				headers.Contains("*") ? string.Join(",", wanted) : string.Join(",", headers));
			if (maxAge != null)
				response.Headers.Set("Access-Control-Max-Age", maxAge);
			return response;
		}

		internal static ResponseState Empty()
		{
			return new ResponseState { StatusCode = 200, StatusReason = "OK" };
		}

		bool Matches(string origin)
		{
			return Has(origins, origin);
		}

		static bool Has(List<string> list, string one)
		{
			return list.Any(entry => entry == "*" || entry.Equals(one, StringComparison.OrdinalIgnoreCase));
		}

		void Allow(Action<string, string> set, string origin)
		{
			set(AllowOrigin, origins.Contains("*") && !credentials ? "*" : origin);
			if (credentials)
				set("Access-Control-Allow-Credentials", "true");
		}
	}
}
