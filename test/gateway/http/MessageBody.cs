using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Text;
using System.Xml.Linq;
using Gateway.Api;
using Newtonsoft.Json.Linq;

namespace Gateway
{
	/* A request's or response's body: still on the wire, in memory, or used up. */
	sealed class MessageBody : IMessageBody
	{
		internal const long Limit = 8 * 1024 * 1024;

		BodyReader wire;
		byte[] content;
		bool used;

		internal MessageBody(BodyReader wire)
		{
			this.wire = wire;
		}

		internal MessageBody(byte[] content)
		{
			this.content = content;
		}

		/* Whether it can be sent as it comes, or has to be sent from memory. */
		internal BodyReader Wire { get { return wire; } }

		/* Takes it from the wire; a body above the limit is a WireException 413. */
		internal byte[] Buffer()
		{
			if (wire == null)
				return content;
			var all = new MemoryStream();
			var buffer = new byte[16 * 1024];
			for (int got; (got = wire.Read(buffer, 0, buffer.Length)) > 0;)
			{
				all.Write(buffer, 0, got);
				if (all.Length > Limit)
					throw new WireException(413, "the body is over the emulator's limit");
			}
			wire = null;
			return content = all.ToArray();
		}

		/* What goes on to the other side: nothing of a body that an expression used up. */
		internal byte[] ToSend()
		{
			return used ? new byte[0] : Buffer();
		}

		internal bool Used { get { return used; } }

		byte[] Take(bool preserve)
		{
			if (used)
				throw new InvalidOperationException("the body was used up by an earlier As<T>()");
			var bytes = Buffer();
			used = !preserve;
			return bytes;
		}

		public T As<T>(bool preserveContent = false)
		{
			return (T)Convert(typeof(T), Take(preserveContent));
		}

		static object Convert(Type type, byte[] bytes)
		{
			if (type == typeof(byte[]))
				return bytes.ToArray();
			var text = Text(bytes);
			if (type == typeof(string))
				return text;
			if (type == typeof(JObject))
				return JObject.Parse(text);
			if (type == typeof(JArray))
				return JArray.Parse(text);
			if (type == typeof(JToken))
				return JToken.Parse(text);
			if (type == typeof(XDocument))
				return XDocument.Parse(text);
			if (type == typeof(XElement) || type == typeof(XNode))
				return XElement.Parse(text);
			throw new InvalidOperationException("a body cannot be read as " + type.Name);
		}

		static string Text(byte[] bytes)
		{
			var mark = bytes.Length > 2 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf;
			return Encoding.UTF8.GetString(bytes, mark ? 3 : 0, bytes.Length - (mark ? 3 : 0));
		}

		public IDictionary<string, IList<string>> AsFormUrlEncodedContent(bool preserveContent = false)
		{
			var form = new Dictionary<string, IList<string>>();
			foreach (var pair in Text(Take(preserveContent)).Split('&').Where(one => one != ""))
			{
				var cut = pair.IndexOf('=');
				var name = WebUtility.UrlDecode(cut < 0 ? pair : pair.Substring(0, cut));
				if (!form.ContainsKey(name))
					form[name] = new List<string>();
				form[name].Add(cut < 0 ? "" : WebUtility.UrlDecode(pair.Substring(cut + 1)));
			}
			return form;
		}
	}
}
