using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Gateway.Api;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Gateway
{
	/* An issuer's metadata or keys could not be had. */
	sealed class KeysException : Exception
	{
		internal KeysException(string message) : base(message)
		{
		}
	}

	sealed class SigningKey
	{
		internal string Id;
		/* The only issuer it signs for, or null; a {tenantid} in it stands for the token's. */
		string issuer;
		RSAParameters parameters;

		/* null when it is none for RS256. */
		internal static SigningKey Read(JToken json)
		{
			var use = (string)json["use"];
			if ((string)json["kty"] != "RSA" || use != null && use != "sig")
				return null;
			try
			{
				var parameters = new RSAParameters
				{
					Modulus = Base64Url.Decode((string)json["n"]),
					Exponent = Base64Url.Decode((string)json["e"]),
				};
				return new SigningKey
				{
					Id = (string)json["kid"], issuer = (string)json["issuer"], parameters = parameters,
				};
			}
			catch (FormatException)
			{
				return null; /* one broken key must not take the others with it */
			}
		}

		internal bool IsFor(Jwt jwt)
		{
			return issuer == null || issuer.Replace("{tenantid}", jwt.First("tid") ?? "") == jwt.Issuer;
		}

		internal bool Verifies(Jwt jwt)
		{
			if (jwt.Signature.Length != parameters.Modulus.Length)
				return false; /* mono's VerifyData does not take every length */
			try
			{
				using (var rsa = RSA.Create())
				{
					rsa.ImportParameters(parameters);
					return rsa.VerifyData(jwt.Signed, jwt.Signature, HashAlgorithmName.SHA256,
						RSASignaturePadding.Pkcs1);
				}
			}
			catch (CryptographicException)
			{
				return false;
			}
		}
	}

	/* Issuers' published keys, fetched hourly, and once more in five minutes for a key unknown. */
	sealed class SigningKeys
	{
		const int TimeoutMs = 10000;
		static readonly TimeSpan Fresh = TimeSpan.FromHours(1);
		static readonly TimeSpan BetweenUnknown = TimeSpan.FromMinutes(5);

		sealed class Published
		{
			internal DateTime At;
			internal string Issuer;
			internal List<SigningKey> Keys;
		}

		readonly Upstream upstream;
		readonly Dictionary<string, Published> byDocument = new Dictionary<string, Published>();

		internal SigningKeys(Upstream upstream)
		{
			this.upstream = upstream;
		}

		/* The keys for such a token, and what issuers the documents name. */
		internal List<SigningKey> Find(List<Url> documents, Jwt jwt, out List<string> issuers)
		{
			lock (byDocument)
			{
				var all = documents.Select(url => Get(url, Fresh)).ToList();
				issuers = all.Select(one => one.Issuer).ToList();
				var found = Of(all, jwt);
				if (found.Count > 0)
					return found;
				return Of(documents.Select(url => Get(url, BetweenUnknown)).ToList(), jwt);
			}
		}

		static List<SigningKey> Of(List<Published> all, Jwt jwt)
		{
			return all.SelectMany(one => one.Keys)
				.Where(key => key.Id == jwt.KeyId && key.IsFor(jwt)).ToList();
		}

		internal void Clear()
		{
			lock (byDocument)
				byDocument.Clear();
		}

		Published Get(Url document, TimeSpan age)
		{
			Published known;
			var name = document.ToString();
			if (byDocument.TryGetValue(name, out known) && known.At + age > PolicyClock.UtcNow)
				return known;
			try
			{
				return byDocument[name] = Fetch(document);
			}
			catch (Exception e) when (e is UpstreamException || e is IOException
				|| e is JsonException || e is FormatException || e is ArgumentException
				|| e is InvalidCastException || e is NullReferenceException)
			{
				throw new KeysException("no keys from " + name + ": " + e.Message);
			}
		}

		Published Fetch(Url document)
		{
			var metadata = FetchJson(document);
			var keys = FetchJson(Url.Parse((string)metadata["jwks_uri"]));
			return new Published
			{
				At = PolicyClock.UtcNow, Issuer = (string)metadata["issuer"],
				Keys = keys["keys"].Select(SigningKey.Read).Where(key => key != null).ToList(),
			};
		}

		JObject FetchJson(Url url)
		{
			if (url == null)
				throw new IOException("no URL");
			var answer = upstream.Send(new UpstreamRequest { Method = "GET", Url = url, TimeoutMs = TimeoutMs });
			try
			{
				answer.Deadline(TimeoutMs);
				if (answer.Status != 200 || answer.Body == null)
					throw new IOException("status " + answer.Status);
				return JObject.Parse(Encoding.UTF8.GetString(new MessageBody(answer.Body).Buffer()));
			}
			finally
			{
				answer.Done();
			}
		}
	}
}
