using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Gateway
{
	/* What API Management would take and we do not. */
	sealed class HouseRules
	{
		/* Every answer of the gateway's own carries these; null: with any value. */
		static readonly Dictionary<string, string> AnswerHeaders = new Dictionary<string, string>
		{
			{ "X-Content-Type-Options", "nosniff" },
			{ "Cache-Control", null },
		};

		/* And these when it has such a status. */
		static readonly Dictionary<string, string> StatusHeaders = new Dictionary<string, string>
		{
			{ "401", "WWW-Authenticate" },
			{ "429", "Retry-After" },
			{ "503", "Retry-After" },
		};

		const int LongestForwardS = 240;
		static readonly string[] Sections = { "inbound", "backend", "outbound", "on-error" };
		static readonly Regex ErrorText = new Regex(@"LastError\s*\??\s*\.\s*Message\b");

		readonly PolicyDocument document;
		readonly PolicySet set;
		readonly ExpressionTable expressions;
		readonly Problems problems;

		HouseRules(PolicyDocument document, PolicySet set, ExpressionTable expressions, Problems problems)
		{
			this.document = document;
			this.set = set;
			this.expressions = expressions;
			this.problems = problems;
		}

		internal static void Check(PolicyDocument document, PolicySet set,
			ExpressionTable expressions, Problems problems)
		{
			var rules = new HouseRules(document, set, expressions, problems);
			rules.CheckDocument(document.Root);
			foreach (var element in document.Root.Descendants())
				rules.CheckElement(element);
			foreach (var expression in expressions.All.Where(one => one.Document == document))
				rules.CheckExpression(expression);
		}

		void Say(XObject at, string text)
		{
			problems.Add(document, at, text);
		}

		void CheckDocument(XElement root)
		{
			CheckReferences();
			if (document.Scope == Scope.Fragment)
			{
				foreach (var lookup in root.Descendants("cache-lookup-value"))
					Say(lookup, "may not stand in a fragment: look up where the fragment is included");
				return;
			}
			foreach (var missing in Sections.Where(name => root.Element(name) == null))
				Say(root, "has no <" + missing + ">: without it and its <base/> no outer policy runs there");
			foreach (var section in root.Elements())
				foreach (var name in new[] { "cache-lookup-value", "cache-store-value" })
					foreach (var second in Expanded(section).Where(one => one.Name == name).Skip(1).Take(1))
						Say(second.Document == root.Document ? second : section,
							"<" + name + "> stands twice in <" + section.Name + ">: once is documented to work");
		}

		/* A section's elements, with those of the fragments it includes. */
		IEnumerable<XElement> Expanded(XElement section)
		{
			foreach (var element in section.Descendants())
			{
				yield return element;
				var id = (string)element.Attribute("fragment-id");
				var fragment = id == null ? null : set.Fragment(id);
				if (fragment != null && fragment.Root != null)
					foreach (var inner in fragment.Root.Descendants())
						yield return inner;
			}
		}

		/* What is left of braces after the named values went in was meant to be one. */
		void CheckReferences()
		{
			var lines = document.Source.Split('\n');
			for (var i = 0; i < lines.Length; i++)
				if (Regex.Replace(lines[i], @"\{\{[A-Za-z0-9._-]+\}\}", "").Contains("{{"))
					problems.Add(document.File, i + 1, "{{", "is taken for a named value:"
						+ " write a space between braces, or mend the name");
		}

		void CheckElement(XElement element)
		{
			switch (element.Name.ToString())
			{
			case "return-response": CheckAnswer(element); break;
			case "set-body": CheckBody(element); break;
			case "cors": CheckCors(element); break;
			case "send-request": CheckSending(element); break;
			case "forward-request": CheckForwarding(element); break;
			case "cache-lookup-value":
			case "cache-store-value":
			case "cache-remove-value": CheckCaching(element); break;
			case "claim": CheckClaim(element); break;
			}
		}

		void CheckAnswer(XElement answer)
		{
			foreach (var wanted in AnswerHeaders)
			{
				var header = Header(answer, wanted.Key);
				if (header == null)
					Say(answer, "answers without " + wanted.Key + ": every answer of the gateway has it");
				else if (wanted.Value != null && header.Value.Trim() != wanted.Value)
					Say(header, wanted.Key + " must be " + wanted.Value);
			}
			if (answer.Element("set-body") != null && Header(answer, "Content-Type") == null)
				Say(answer, "has a body but no Content-Type");
			var status = answer.Element("set-status");
			var code = status == null ? "200" : ((string)status.Attribute("code") ?? "").Trim();
			if (StatusHeaders.ContainsKey(code) && Header(answer, StatusHeaders[code]) == null)
				Say(answer, "answers " + code + " without " + StatusHeaders[code]);
		}

		static XElement Header(XElement answer, string name)
		{
			return answer.Elements("set-header").FirstOrDefault(header =>
				name.Equals((string)header.Attribute("name"), StringComparison.OrdinalIgnoreCase)
				&& (string)header.Attribute("exists-action") != "delete");
		}

		void CheckBody(XElement body)
		{
			if (expressions.Find(body) == null && body.Value.Contains("}}"))
				Say(body, "holds \"}}\", which is taken for the end of a named value: write \"} }\"");
		}

		void CheckCors(XElement cors)
		{
			if (cors.Attribute("terminate-unmatched-request") == null)
				Say(cors, "needs \"terminate-unmatched-request\" written out: its default is documented twice");
			if ((string)cors.Attribute("allow-credentials") == "true"
				&& cors.Descendants("origin").Any(origin => origin.Value.Trim() == "*"))
				Say(cors, "lets every origin send credentials: name the origins");
		}

		void CheckSending(XElement request)
		{
			if ((string)request.Attribute("mode") != "new")
				Say(request, "must say mode=\"new\": a copy carries the caller's Authorization along");
			if (request.Attribute("timeout") == null)
				Say(request, "needs a \"timeout\": the default of 60 s is longer than callers wait");
		}

		void CheckForwarding(XElement forward)
		{
			var timeout = forward.Attribute("timeout");
			int seconds;
			if (timeout == null && forward.Attribute("timeout-ms") == null)
				Say(forward, "needs a \"timeout\"");
			if (timeout != null && int.TryParse(timeout.Value, out seconds) && seconds > LongestForwardS)
				Say(timeout, "\"timeout\" above " + LongestForwardS + " s: idle connections are cut earlier");
		}

		void CheckCaching(XElement caching)
		{
			if ((string)caching.Attribute("caching-type") != "internal")
				Say(caching, "must say caching-type=\"internal\": else values may leave the gateway");
		}

		void CheckClaim(XElement claim)
		{
			if ((string)claim.Attribute("name") == "scp" && claim.Attribute("separator") == null)
				Say(claim, "needs separator=\" \": else all scopes together are compared with one");
		}

		void CheckExpression(Expression expression)
		{
			if (ErrorText.IsMatch(expression.Code))
				Say(expression.At, "uses LastError.Message, which may tell callers what is inside:"
					+ " use Reason and a text of your own");
		}
	}
}
