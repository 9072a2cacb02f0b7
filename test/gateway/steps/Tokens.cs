using System;
using System.Collections.Generic;
using System.Linq;
using Gateway.Api;

namespace Gateway
{
	/* <claim>: which values a claim must have, any or all of them. */
	sealed class ClaimRule
	{
		readonly Value name, separator;
		readonly bool any;
		readonly List<Value> values;

		internal ClaimRule(Place at)
		{
			name = at.Value("name");
			separator = at.Value("separator");
			any = at.Plain("match") == "any";
			values = at.Children("value").Select(one => one.Text()).ToList();
		}

		internal void Check(Execution x, Jwt jwt, Func<string, string, PolicyFailure> failed)
		{
			var claim = name.Text(x);
			if (!jwt.Claims.ContainsKey(claim))
				throw failed("TokenClaimNotFound", "claim " + claim + " is missing");
			var found = jwt.ClaimValues(claim).Where(one => one != null);
			if (separator != null)
				found = found.SelectMany(one => one.Split(new[] { separator.Text(x) }, StringSplitOptions.None));
			var have = found.ToList();
			var wanted = values.Select(value => value.Text(x).Trim()).ToList();
			if (!(any ? wanted.Any(have.Contains) : wanted.All(have.Contains)))
				throw failed("TokenClaimValueNotAllowed", "claim " + claim + " has no such value");
		}
	}

	/* What both token policies do alike. */
	abstract class ValidateStep : Step
	{
		readonly string variable;
		readonly Value header, query, given, code, message;
		readonly List<Value> audiences;
		readonly List<ClaimRule> claims;

		protected Value RequiredScheme;
		protected Value Skew = new Value("0", null);
		protected bool NeedsExpiry = true;

		protected ValidateStep(Place at)
		{
			header = at.Value("header-name");
			query = at.Value("query-parameter-name");
			given = at.Value("token-value");
			if (query == null && given == null)
				header = header ?? new Value("Authorization", null);
			code = at.Value("failed-validation-httpcode", "401");
			message = at.Value("failed-validation-error-message");
			variable = at.Plain("output-token-variable-name");
			audiences = at.Items("audiences", "audience").Select(one => one.Text()).ToList();
			claims = at.Items("required-claims", "claim").Select(one => new ClaimRule(one)).ToList();
		}

		/* Which issuers there are, and where their keys lie. */
		protected abstract List<Url> Metadata(Execution x);

		/* Throws by way of Failed. */
		protected abstract void CheckIssuer(Execution x, Jwt jwt, IList<string> published);

		protected virtual void CheckMore(Execution x, Jwt jwt)
		{
		}

		internal override bool Run(Execution x)
		{
			try
			{
				var jwt = Verified(x);
				if (variable != null)
					x.Context.Variables[variable] = jwt;
				x.Gateway.Counters.Add("token-valid");
				return true;
			}
			catch (PolicyFailure)
			{
				x.Gateway.Counters.Add("token-refused");
				throw;
			}
		}

		protected PolicyFailure Failed(Execution x, string reason, string why)
		{
			return new PolicyFailure(code.Whole(x), reason, "JWT validation failed: " + why)
			{
				PublicMessage = message == null ? "Unauthorized. Access token is missing or invalid."
					: message.Text(x),
			};
		}

		Jwt Verified(Execution x)
		{
			var text = Token(x);
			if (string.IsNullOrEmpty(text))
				throw Failed(x, "TokenNotFound", "there is no token");
			var jwt = text.Contains(" ") ? null : Jwt.Read(text);
			if (jwt == null)
				throw Failed(x, "JwtInvalid", "the token is malformed");
			List<string> issuers;
			var keys = Keys(x, jwt, out issuers);
			if (keys.Count == 0)
				throw Failed(x, "TokenSignatureKeyNotFound", "no such key is published");
			if (jwt.Algorithm != "RS256" || !keys.Any(key => key.Verifies(jwt)))
				throw Failed(x, "TokenSignatureInvalid", "the signature is wrong");
			CheckTime(x, jwt);
			if (audiences.Count > 0
				&& !audiences.Any(one => jwt.Audiences.Contains(one.Text(x).Trim())))
				throw Failed(x, "TokenAudienceNotAllowed", "it is for another audience");
			CheckIssuer(x, jwt, issuers);
			CheckMore(x, jwt);
			foreach (var claim in claims)
				claim.Check(x, jwt, (reason, why) => Failed(x, reason, why));
			return jwt;
		}

		List<SigningKey> Keys(Execution x, Jwt jwt, out List<string> issuers)
		{
			try
			{
				return x.Gateway.Keys.Find(Metadata(x), jwt, out issuers);
			}
			catch (KeysException e)
			{
				throw Failed(x, "JwtInvalid", e.Message);
			}
		}

		string Token(Execution x)
		{
			if (given != null)
				return given.Text(x).Trim();
			var request = x.Context.Request;
			if (query != null)
				return request.Url.Query.GetValueOrDefault(query.Text(x), (string)null);
			var name = header.Text(x);
			var value = request.Headers.Joined(name);
			if (value == null || !name.Equals("Authorization", StringComparison.OrdinalIgnoreCase)
				&& RequiredScheme == null)
				return value;
			var scheme = (RequiredScheme == null ? "Bearer" : RequiredScheme.Text(x)) + " ";
			return value.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
				? value.Substring(scheme.Length).Trim() : null;
		}

		void CheckTime(Execution x, Jwt jwt)
		{
			var skew = TimeSpan.FromSeconds(Skew.Whole(x));
			var now = PolicyClock.UtcNow;
			if (jwt.ExpirationTime == null && (NeedsExpiry || jwt.Claims.ContainsKey("exp")))
				throw Failed(x, "JwtInvalid", "it has no time of expiry");
			if (jwt.ExpirationTime != null && jwt.ExpirationTime.Value + skew <= now)
				throw Failed(x, "TokenExpired", "it has expired");
			if (jwt.NotBefore != null && jwt.NotBefore.Value - skew > now)
				throw Failed(x, "JwtInvalid", "it is not valid yet");
		}
	}

	sealed class ValidateEntraStep : ValidateStep
	{
		static readonly string[] Shared = { "common", "organizations" };

		readonly Value tenant, endpoint;
		readonly List<string> applications, backends;

		internal ValidateEntraStep(Place at) : base(at)
		{
			tenant = at.Value("tenant-id");
			endpoint = at.Value("authentication-endpoint", "https://login.microsoftonline.com");
			applications = Ids(at, "client-application-ids");
			backends = Ids(at, "backend-application-ids");
		}

		static List<string> Ids(Place at, string list)
		{
			return at.Items(list, "application-id").Select(one => one.PlainText()).ToList();
		}

		/* Version 2.0's documents, then version 1.0's: tokens of both pass. */
		protected override List<Url> Metadata(Execution x)
		{
			var login = x.Gateway.Login ?? Url.Parse(endpoint.Text(x).Trim());
			if (login == null)
				throw PolicyFailure.OfExpression("authentication-endpoint is no URL");
			var from = "/" + Tenant(x);
			const string document = "/.well-known/openid-configuration";
			return new List<Url> { login.At(from + "/v2.0" + document, ""), login.At(from + document, "") };
		}

		/* A URL names its tenant in its path. */
		string Tenant(Execution x)
		{
			var text = tenant.Text(x).Trim();
			var url = Url.Parse(text);
			return url == null ? text : url.Path.Trim('/').Split('/')[0];
		}

		protected override void CheckIssuer(Execution x, Jwt jwt, IList<string> published)
		{
			var own = jwt.First("tid") ?? "";
			var fits = Shared.Contains(Tenant(x))
				? published.Select(issuer => issuer.Replace("{tenantid}", own)) : published;
			if (!fits.Contains(jwt.Issuer))
				throw Failed(x, "TokenIssuerNotAllowed", "it comes from another issuer");
		}

		protected override void CheckMore(Execution x, Jwt jwt)
		{
			var caller = jwt.First("azp") ?? jwt.First("appid");
			if (applications.Count > 0 && !applications.Contains(caller))
				throw Failed(x, "TokenClaimValueNotAllowed", "its application is not one of those allowed");
			if (backends.Count > 0 && !jwt.Audiences.Any(one => backends.Contains(one)))
				throw Failed(x, "TokenAudienceNotAllowed", "it is for another application");
		}
	}

	sealed class ValidateJwtStep : ValidateStep
	{
		readonly List<Value> documents, issuers;

		internal ValidateJwtStep(Place at) : base(at)
		{
			documents = at.Children("openid-config").Select(one => one.Value("url")).ToList();
			issuers = at.Items("issuers", "issuer").Select(one => one.Text()).ToList();
			RequiredScheme = at.Value("require-scheme");
			Skew = at.Value("clock-skew", "0");
			NeedsExpiry = at.Flag("require-expiration-time", true);
		}

		protected override List<Url> Metadata(Execution x)
		{
			var urls = documents.Select(one => Url.Parse(one.Text(x).Trim())).ToList();
			if (urls.Contains(null))
				throw PolicyFailure.OfExpression("openid-config has no URL");
			return urls;
		}

		protected override void CheckIssuer(Execution x, Jwt jwt, IList<string> published)
		{
			var allowed = issuers.Count > 0 ? issuers.Select(one => one.Text(x).Trim()) : published;
			if (!allowed.Contains(jwt.Issuer))
				throw Failed(x, "TokenIssuerNotAllowed", "it comes from another issuer");
		}
	}
}
