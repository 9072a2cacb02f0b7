using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Gateway.Api
{
	/* A JSON Web Token's content, read and not verified. */
	public sealed class Jwt
	{
		static readonly DateTime Epoch = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);

		readonly Dictionary<string, string[]> claims = new Dictionary<string, string[]>();

		public string Algorithm { get; private set; }
		public string Type { get; private set; }
		public IEnumerable<string> Audiences { get { return ClaimValues("aud"); } }
		public IReadOnlyDictionary<string, string[]> Claims { get { return claims; } }
		public DateTime? ExpirationTime { get { return Time("exp"); } }
		public DateTime? IssuedAt { get { return Time("iat"); } }
		public DateTime? NotBefore { get { return Time("nbf"); } }
		public string Id { get { return First("jti"); } }
		public string Issuer { get { return First("iss"); } }
		public string Subject { get { return First("sub"); } }

		/* For the checks of the emulator, not for expressions. */
		internal string KeyId { get; private set; }
		internal byte[] Signed { get; private set; }
		internal byte[] Signature { get; private set; }

		/* null unless text, with or without "Bearer " before it, is header.payload.signature. */
		internal static Jwt Read(string text)
		{
			const string scheme = "Bearer ";
			if (text == null)
				return null;
			if (text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
				text = text.Substring(scheme.Length);
			var parts = text.Trim().Split('.');
			if (parts.Length != 3)
				return null;
			try
			{
				var header = Json(parts[0]);
				var jwt = new Jwt
				{
					Algorithm = Plain(header["alg"]),
					Type = Plain(header["typ"]),
					KeyId = Plain(header["kid"]),
					Signed = Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]),
					Signature = Base64Url.Decode(parts[2]),
				};
				foreach (var claim in Json(parts[1]))
					jwt.claims[claim.Key] = Values(claim.Value);
				return jwt;
			}
			catch (Exception e) when (e is FormatException || e is JsonException
				|| e is InvalidCastException || e is ArgumentException)
			{
				return null;
			}
		}

		internal IEnumerable<string> ClaimValues(string name)
		{
			string[] values;
			return claims.TryGetValue(name, out values) ? values : new string[0];
		}

		internal string First(string name)
		{
			return ClaimValues(name).FirstOrDefault();
		}

		static JObject Json(string part)
		{
			var text = new UTF8Encoding(false, true).GetString(Base64Url.Decode(part));
			var reader = new JsonTextReader(new StringReader(text));
			reader.DateParseHandling = DateParseHandling.None;
			return (JObject)JToken.ReadFrom(reader);
		}

		static string[] Values(JToken value)
		{
			var list = value as JArray;
			return list == null ? new[] { Plain(value) } : list.Select(Plain).ToArray();
		}

		static string Plain(JToken value)
		{
			if (value == null || value.Type == JTokenType.Null)
				return null;
			if (value.Type == JTokenType.Boolean)
				return (bool)value ? "true" : "false";
			var scalar = value as JValue;
			return scalar == null ? value.ToString(Formatting.None)
				: Convert.ToString(scalar.Value, System.Globalization.CultureInfo.InvariantCulture);
		}

		DateTime? Time(string name)
		{
			double seconds;
			var text = First(name);
			var number = System.Globalization.NumberStyles.Float;
			if (text == null || !double.TryParse(text, number,
				System.Globalization.CultureInfo.InvariantCulture, out seconds)
				|| !(seconds >= 0 && seconds < 253402300799d))
				return null;
			return Epoch.AddSeconds(seconds);
		}
	}

	static class Base64Url
	{
		/* Throws FormatException; padding and the characters + and / are refused (RFC 7515 §2). */
		internal static byte[] Decode(string text)
		{
			if (text.IndexOfAny(new[] { '+', '/', '=', ' ', '\r', '\n', '\t' }) >= 0)
				throw new FormatException("not base64url");
			var padded = text.Replace('-', '+').Replace('_', '/');
			return Convert.FromBase64String(padded + new string('=', (4 - padded.Length % 4) % 4));
		}
	}
}
