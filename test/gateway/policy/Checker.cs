using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Gateway
{
	/* Holds a document against the grammar: sections, order, elements, attributes, values; and
	 * gathers its expressions.  What passes here, the emulator can run. */
	sealed class Checker
	{
		static readonly string[] Sections = { "inbound", "backend", "outbound", "on-error" };
		static readonly string[] FixedHeaders = { "connection", "content-length", "keep-alive",
			"transfer-encoding" };
		static readonly Regex ReachesBackend = new Regex("^(forward-request|base|return-response)$");

		readonly PolicyDocument document;
		readonly PolicySet set;
		readonly ExpressionTable expressions;
		readonly Problems problems;

		Checker(PolicyDocument document, PolicySet set, ExpressionTable expressions, Problems problems)
		{
			this.document = document;
			this.set = set;
			this.expressions = expressions;
			this.problems = problems;
		}

		internal static void Check(PolicyDocument document, PolicySet set,
			ExpressionTable expressions, Problems problems)
		{
			if (document.Root != null)
				new Checker(document, set, expressions, problems).CheckRoot(document.Root);
		}

		void Say(XObject at, string text)
		{
			problems.Add(document, at, text);
		}

		void CheckRoot(XElement root)
		{
			var wanted = document.Scope == Scope.Fragment ? "fragment" : "policies";
			if (root.Name != wanted)
			{
				Say(root, "the root must be <" + wanted + ">");
				return;
			}
			NoAttributes(root);
			NoText(root);
			if (document.Scope == Scope.Fragment)
				CheckFragment(root);
			else
				CheckSections(root);
		}

		void CheckFragment(XElement root)
		{
			const int limit = 32 * 1024;
			if (document.Source.Length > limit)
				Say(root, "a fragment is at most 32 KB: split it");
			foreach (var child in root.Elements())
				CheckPolicy(child, 'F');
		}

		void CheckSections(XElement root)
		{
			var last = -1;
			foreach (var section in root.Elements())
			{
				var place = Array.IndexOf(Sections, section.Name.ToString());
				if (place < 0)
					Say(section, "is no section: there are " + string.Join(", ", Sections));
				else if (place <= last)
					Say(section, "stands twice or out of order: write " + string.Join(", ", Sections));
				last = Math.Max(last, place);
				NoAttributes(section);
				NoText(section);
				if (place >= 0)
					CheckSection(section, "IBOE"[place]);
			}
		}

		void CheckSection(XElement section, char letter)
		{
			foreach (var child in section.Elements())
				CheckPolicy(child, letter);
			foreach (var second in section.Elements("base").Skip(1))
				Say(second, "stands twice in a section: the outer policies would run twice");
			var cors = section.Elements("cors").ToList();
			if (cors.Count > 1)
				Say(cors[1], "stands twice in a section: only one may");
			if (cors.Count > 0 && section.Elements().First() != cors[0])
				Say(cors[0], "must be the first element of inbound, so that a preflight meets nothing else");
			if (letter == 'B')
				CheckBackend(section);
		}

		void CheckBackend(XElement backend)
		{
			if (backend.Elements().Count() != 1)
				Say(backend, "holds " + backend.Elements().Count() + " elements and must hold exactly one");
			else if (!Reaches(backend))
				Say(backend, "never reaches <forward-request> or <base>: nothing would be sent to the backend");
		}

		bool Reaches(XElement element)
		{
			var fragments = element.Descendants("include-fragment")
				.Select(include => set.Fragment((string)include.Attribute("fragment-id") ?? ""));
			return element.Descendants().Any(one => ReachesBackend.IsMatch(one.Name.ToString()))
				|| fragments.Any(fragment => fragment != null && fragment.Root != null
					&& fragment.Root.Descendants("forward-request").Any());
		}

		/* Section F: a fragment, whose place is only known where it is included. */
		void CheckPolicy(XElement element, char section)
		{
			var rule = Grammar.Find(element.Name.ToString());
			if (rule == null)
				Unknown(element);
			else if (!rule.IsPolicy)
				Say(element, "is not a policy: it only stands inside another element");
			else
			{
				CheckPlace(element, rule, section);
				CheckElement(element, rule, section);
			}
		}

		void CheckPlace(XElement element, ElementRule rule, char section)
		{
			var name = rule.Name;
			if (section != 'F' && rule.Sections.IndexOf(section) < 0)
				Say(element, "may not stand in <" + Sections["IBOE".IndexOf(section)] + ">, only in "
					+ string.Join(", ", rule.Sections.Select(letter => Sections["IBOE".IndexOf(letter)])));
			if (section == 'F' && (name == "base" || name == "include-fragment"))
				Say(element, "may not stand in a fragment: write it where the fragment is included");
			if (name == "base" && document.Scope == Scope.Global)
				Say(element, "has nothing to stand for in the global policy: delete it");
			if (name == "cors" && (section == 'F' || element.Parent.Name != "inbound"))
				Say(element, "must be a direct child of <inbound>, or preflights do not find it");
			if (name == "include-fragment")
				CheckInclude(element, section);
		}

		void CheckInclude(XElement element, char section)
		{
			var id = (string)element.Attribute("fragment-id");
			var fragment = id == null ? null : set.Fragment(id);
			if (id != null && fragment == null)
				Say(element, "there is no fragments/" + id + ".xml: add it, or mend the id");
			if (fragment == null || fragment.Root == null || section == 'F')
				return;
			foreach (var inner in fragment.Root.Descendants().Where(one => HoldsPolicies(one.Parent)))
			{
				var rule = Grammar.Find(inner.Name.ToString());
				if (rule != null && rule.IsPolicy && rule.Sections.IndexOf(section) < 0)
					Say(element, "the fragment holds <" + inner.Name + ">, which may not stand in <"
						+ Sections["IBOE".IndexOf(section)] + ">");
			}
		}

		static bool HoldsPolicies(XElement element)
		{
			var rule = Grammar.Find(element.Name.ToString());
			return element.Name == "fragment" || rule != null && rule.HoldsPolicies;
		}

		void Unknown(XElement element)
		{
			var name = element.Name.ToString();
			Say(element, Grammar.ExistsElsewhere(name)
				? "exists in API Management, but this emulator does not model it: do without, or teach it"
				: "is no policy element: mend the name");
		}

		void CheckElement(XElement element, ElementRule rule, char section)
		{
			CheckAttributes(element, rule);
			if (rule.HoldsText)
				CheckText(element, rule);
			else
				NoText(element);
			if (rule.HoldsText && element.HasElements)
				Say(element, "holds text only: take <" + element.Elements().First().Name + "> out");
			else if (rule.HoldsPolicies)
				CheckInside(element, section);
			else if (!rule.HoldsText)
				CheckChildren(element, rule, section);
			CheckMeaning(element, rule);
		}

		void CheckInside(XElement element, char section)
		{
			foreach (var child in element.Elements())
				if (child.Name == "base")
					Say(child, "must be a direct child of a section");
				else
					CheckPolicy(child, section);
		}

		void CheckAttributes(XElement element, ElementRule rule)
		{
			foreach (var attribute in element.Attributes())
			{
				var name = attribute.Name.ToString();
				var known = rule.Attribute(name);
				if (known != null)
					CheckValue(attribute, known);
				else if (name != "id" || !rule.IsPolicy)
					Say(attribute, "has no attribute \"" + name + "\""
						+ " (or this emulator does not model it); there are: " + Names(rule));
			}
			foreach (var missing in rule.Attributes.Where(one => one.Required
				&& element.Attribute(one.Name) == null))
				Say(element, "needs the attribute \"" + missing.Name + "\"");
		}

		static string Names(ElementRule rule)
		{
			var names = string.Join(" ", rule.Attributes.Select(one => one.Name));
			return names == "" ? "none" : names;
		}

		void CheckValue(XAttribute attribute, AttributeRule rule)
		{
			var name = rule.Name;
			if (TakeExpression(attribute, attribute.Value, rule.Kind == Kind.Boolean))
			{
				if (rule.Plain)
					Say(attribute, "\"" + name + "\" may not hold an expression");
				return;
			}
			var value = attribute.Value.Trim();
			uint number;
			if (rule.Kind == Kind.OneOf && !rule.Allowed.Contains(value))
				Say(attribute, "\"" + name + "\" is \"" + value + "\" and must be one of: "
					+ string.Join(" ", rule.Allowed)
					+ " (others may exist, but are not modelled)");
			if (rule.Kind == Kind.Boolean && value != "true" && value != "false")
				Say(attribute, "\"" + name + "\" must be true, false or an expression");
			if (rule.Kind == Kind.Whole && !uint.TryParse(value, out number))
				Say(attribute, "\"" + name + "\" is \"" + value + "\" and must be a whole number");
		}

		/* True if text is an expression, which is then remembered for compiling. */
		bool TakeExpression(XObject at, string text, bool boolean)
		{
			var trimmed = text.Trim();
			if (Expression.Looks(trimmed))
			{
				expressions.Add(document, at, text, boolean);
				return true;
			}
			if (trimmed.Contains("@(") || trimmed.Contains("@{"))
				Say(at, "\"@(\" inside a text is not evaluated: make the whole value one expression");
			return false;
		}

		void CheckText(XElement element, ElementRule rule)
		{
			if (TakeExpression(element, element.Value, false) && rule.PlainText)
				Say(element, "may not hold an expression");
			if (rule.PlainText && element.Value.Trim() == "")
				Say(element, "is empty");
		}

		void CheckChildren(XElement element, ElementRule rule, char section)
		{
			var place = 0;
			foreach (var child in element.Elements())
			{
				var found = rule.Children.FindIndex(one => one.Name == child.Name);
				if (found < 0)
				{
					StrangeChild(child, rule);
					continue;
				}
				if (found < place)
					Say(child, "stands out of order: <" + rule.Name + "> holds "
						+ string.Join(", ", rule.Children.Select(one => one.Name)));
				place = Math.Max(place, found);
				CheckElement(child, Grammar.Find(rule.Children[found].Name), section);
			}
			foreach (var one in rule.Children)
			{
				var count = element.Elements(one.Name).Count();
				if (count < one.Least)
					Say(element, "needs <" + one.Name + ">");
				if (count > 1 && !one.Many)
					Say(element.Elements(one.Name).Last(), "stands twice: only one may");
			}
		}

		void StrangeChild(XElement child, ElementRule rule)
		{
			var may = rule.Children.Count == 0 ? "nothing"
				: string.Join(", ", rule.Children.Select(one => one.Name));
			Say(child, "may not stand in <" + rule.Name + ">, which holds " + may
				+ (Grammar.ExistsElsewhere(child.Name.ToString()) ? " (in this emulator)" : ""));
		}

		/* What no table says. */
		void CheckMeaning(XElement element, ElementRule rule)
		{
			var name = ((string)element.Attribute("name") ?? "").ToLowerInvariant();
			var action = (string)element.Attribute("exists-action") ?? "override";
			if (rule.Name == "set-header" && FixedHeaders.Contains(name))
				Say(element, "API Management does not let a policy change " + name);
			if (rule.Name == "set-header" && name == "server" && action == "delete")
				Say(element, "API Management does not let a policy delete Server");
			if (rule.Name.StartsWith("set-") && rule.Children.Any(one => one.Name == "value")
				&& element.HasElements == (action == "delete"))
				Say(element, action == "delete" ? "deletes and so takes no <value>" : "needs a <value>");
			if (rule.Name == "set-body" && element.Attribute("template") != null)
				return; /* said already */
			if (rule.Name == "set-backend-service" && (element.Attribute("backend-id") == null)
				== (element.Attribute("base-url") == null))
				Say(element, "needs either \"backend-id\" or \"base-url\"");
			if (rule.Name == "rate-limit-by-key")
				CheckRenewal(element.Attribute("renewal-period"));
			if (rule.Name == "retry")
				CheckCount(element.Attribute("count"));
			if (rule.Name.StartsWith("validate-"))
				CheckTokenSource(element);
		}

		void CheckRenewal(XAttribute renewal)
		{
			int seconds;
			if (renewal != null && int.TryParse(renewal.Value, out seconds) && (seconds < 1 || seconds > 300))
				Say(renewal, "\"renewal-period\" is 1 to 300 seconds");
		}

		void CheckCount(XAttribute count)
		{
			int times;
			if (count != null && int.TryParse(count.Value, out times) && (times < 1 || times > 50))
				Say(count, "\"count\" is 1 to 50");
		}

		void CheckTokenSource(XElement element)
		{
			var sources = new[] { "header-name", "query-parameter-name", "token-value" }
				.Count(name => element.Attribute(name) != null);
			if (sources > 1)
				Say(element, "takes the token from one place: header-name, query-parameter-name or token-value");
			if (element.Name == "validate-azure-ad-token"
				&& element.Element("audiences") == null && element.Element("client-application-ids") == null)
				Say(element, "needs <client-application-ids> or <audiences>");
		}

		void NoAttributes(XElement element)
		{
			foreach (var attribute in element.Attributes())
				Say(attribute, "takes no attribute \"" + attribute.Name + "\"");
		}

		void NoText(XElement element)
		{
			var text = element.Nodes().OfType<XText>().FirstOrDefault(one => one.Value.Trim() != "");
			if (text != null)
				Say(text, "holds stray text: \"" + text.Value.Trim() + "\"");
		}
	}
}
