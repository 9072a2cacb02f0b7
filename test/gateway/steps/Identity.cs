using System;
using System.IO;
using System.Net;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Gateway
{
	/* A token of the gateway's managed identity, from the endpoint of --identity, which speaks as
	 * App Service's does. */
	sealed class IdentityStep : Step
	{
		const int TimeoutMs = 10000;
		const string ApiVersion = "2019-08-01";

		readonly Value resource;
		readonly string clientId, variable;
		readonly bool forgives;

		internal IdentityStep(Place at)
		{
			resource = at.Value("resource");
			clientId = at.Plain("client-id");
			variable = at.Plain("output-token-variable-name");
			forgives = at.Flag("ignore-error", false);
		}

		internal override bool Run(Execution x)
		{
			Apply(x, x.Context.Request.Headers);
			return true;
		}

		internal void Apply(Execution x, HeaderMap headers)
		{
			var token = Token(x);
			if (variable != null)
				x.Context.Variables[variable] = token;
			else if (token != null)
				headers.Set("Authorization", "Bearer " + token);
		}

		/* null when there is none and that is forgiven. */
		string Token(Execution x)
		{
			var wanted = resource.Text(x).Trim();
			try
			{
				return Fetch(x.Gateway, wanted);
			}
			catch (Exception e) when (e is UpstreamException || e is IOException || e is JsonException)
			{
				if (forgives)
					return null;
				throw new PolicyFailure(500, null, "no token of the managed identity: " + e.Message);
			}
		}

		string Fetch(GatewayServices gateway, string wanted)
		{
			if (gateway.Identity == null)
				throw new IOException("--identity names no endpoint");
			var query = "?api-version=" + ApiVersion + "&resource=" + WebUtility.UrlEncode(wanted)
				+ (clientId == null ? "" : "&client_id=" + WebUtility.UrlEncode(clientId));
			var request = new UpstreamRequest
			{
				Method = "GET", Url = gateway.Identity.At(gateway.Identity.Path, query), TimeoutMs = TimeoutMs,
			};
			request.Headers.Set("X-IDENTITY-HEADER", gateway.IdentityHeader ?? "");
			gateway.Counters.Add("managed-identity");
			var answer = gateway.Upstream.Send(request);
			try
			{
				answer.Deadline(TimeoutMs);
				var body = answer.Body == null ? new byte[0] : new MessageBody(answer.Body).Buffer();
				if (answer.Status != 200)
					throw new IOException("status " + answer.Status);
				var token = (string)JObject.Parse(Encoding.UTF8.GetString(body))["access_token"];
				if (string.IsNullOrEmpty(token))
					throw new IOException("no access_token in the answer");
				return token;
			}
			finally
			{
				answer.Done();
			}
		}
	}
}
