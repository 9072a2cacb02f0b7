using System;
using System.Collections.Generic;
using System.Text;

namespace Gateway.Api
{
	/* The extension methods API Management adds to the types of policy expressions. */
	public static class Extensions
	{
		/* Throws InvalidCastException when the variable is there with another type. */
		public static T GetValueOrDefault<T>(this IReadOnlyDictionary<string, object> variables,
			string name, T fallback = default(T))
		{
			object value;
			return variables.TryGetValue(name, out value) ? (T)value : fallback;
		}

		public static object GetValueOrDefault(this IReadOnlyDictionary<string, object> variables,
			string name)
		{
			object value;
			return variables.TryGetValue(name, out value) ? value : null;
		}

		/* The values of a header, query parameter or claim, joined with commas. */
		public static string GetValueOrDefault(this IReadOnlyDictionary<string, string[]> values,
			string name, string fallback = null)
		{
			string[] found;
			return values.TryGetValue(name, out found) ? string.Join(",", found) : fallback;
		}

		public static string GetValueOrDefault(this IReadOnlyDictionary<string, string> values,
			string name, string fallback = null)
		{
			string found;
			return values.TryGetValue(name, out found) ? found : fallback;
		}

		/* The token's content, or null when it is none.  Nothing is verified. */
		public static Jwt AsJwt(this string text)
		{
			Jwt jwt;
			return text.TryParseJwt(out jwt) ? jwt : null;
		}

		public static bool TryParseJwt(this string text, out Jwt jwt)
		{
			jwt = Jwt.Read(text);
			return jwt != null;
		}

		public static BasicAuthCredentials AsBasic(this string text)
		{
			BasicAuthCredentials credentials;
			return text.TryParseBasic(out credentials) ? credentials : null;
		}

		public static bool TryParseBasic(this string text, out BasicAuthCredentials credentials)
		{
			credentials = null;
			const string scheme = "Basic ";
			if (text == null || !text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
				return false;
			try
			{
				var pair = Encoding.UTF8.GetString(Convert.FromBase64String(text.Substring(scheme.Length)));
				var colon = pair.IndexOf(':');
				if (colon < 0)
					return false;
				credentials = new BasicAuthCredentials(pair.Substring(0, colon), pair.Substring(colon + 1));
				return true;
			}
			catch (FormatException)
			{
				return false;
			}
		}
	}

	public sealed class BasicAuthCredentials
	{
		internal BasicAuthCredentials(string userId, string password)
		{
			UserId = userId;
			Password = password;
		}

		public string UserId { get; private set; }
		public string Password { get; private set; }
	}
}
