using System;
using System.Collections.Generic;
using System.Linq;
using System.Xml.Linq;

namespace Gateway
{
	/* Makes steps of policy elements that passed the Checker. */
	sealed class StepBuilder
	{
		static readonly Dictionary<string, Func<Place, Step>> Makers =
			new Dictionary<string, Func<Place, Step>>
		{
			{ "choose", at => new ChooseStep(at) },
			{ "set-variable", at => new SetVariableStep(at) },
			{ "set-header", at => new SetHeaderStep(at) },
			{ "set-query-parameter", at => new SetQueryStep(at) },
			{ "set-body", at => new SetBodyStep(at) },
			{ "set-status", at => new SetStatusStep(at) },
			{ "set-method", at => new SetMethodStep(at) },
			{ "set-backend-service", at => new SetBackendStep(at) },
			{ "rewrite-uri", at => new RewriteStep(at) },
			{ "return-response", at => new ReturnResponseStep(at) },
			{ "send-request", at => new SendRequestStep(at) },
			{ "retry", at => new RetryStep(at) },
			{ "forward-request", at => new ForwardStep(at) },
			{ "cache-lookup-value", at => new CacheLookupStep(at) },
			{ "cache-store-value", at => new CacheStoreStep(at) },
			{ "cache-remove-value", at => new CacheRemoveStep(at) },
			{ "rate-limit-by-key", at => new RateLimitStep(at) },
			{ "cors", at => new CorsStep(at) },
			{ "check-header", at => new CheckHeaderStep(at) },
			{ "validate-azure-ad-token", at => new ValidateEntraStep(at) },
			{ "validate-jwt", at => new ValidateJwtStep(at) },
			{ "authentication-managed-identity", at => new IdentityStep(at) },
			{ "trace", at => new TraceStep(at) },
		};

		readonly PolicySet set;
		readonly ExpressionTable expressions;

		internal StepBuilder(PolicySet set, ExpressionTable expressions)
		{
			this.set = set;
			this.expressions = expressions;
			foreach (var rule in Grammar.Policies)
				if (!Makers.ContainsKey(rule.Name) && rule.Name != "base" && rule.Name != "include-fragment")
					throw new InvalidOperationException("nothing runs <" + rule.Name + ">");
		}

		/* scopes: the documents from the innermost outwards; null where a scope has none. */
		internal List<Step> Section(string section, IEnumerable<PolicyDocument> scopes)
		{
			if (!scopes.Any())
				return section == "backend" ? new List<Step> { Forward() } : new List<Step>();
			var own = scopes.First();
			if (own == null)
				return Section(section, scopes.Skip(1));
			var element = own.Section(section);
			if (element == null)
				return new List<Step>();
			var place = new Place(this, expressions, null, "")
			{
				Scope = own.Scope.ToString().ToLowerInvariant(), Section = section, Outer = scopes.Skip(1),
			};
			return place.Policies(element);
		}

		/* What stands for the global policy where there is none. */
		Step Forward()
		{
			var element = new XElement("forward-request");
			return Make(new Place(this, expressions, element, "forward-request[1]")
			{
				Scope = "global", Section = "backend",
			});
		}

		internal Step Make(Place at)
		{
			var name = at.Element.Name.ToString();
			Step step;
			if (name == "base")
				step = new GroupStep(Section(at.Section, at.Outer));
			else if (name == "include-fragment")
				step = new GroupStep(at.Policies(set.Fragment(at.Plain("fragment-id")).Root));
			else
				step = Makers[name](at);
			step.Element = name;
			step.Path = at.Path;
			step.PolicyId = at.Plain("id");
			step.Scope = at.Scope;
			step.Section = at.Section;
			return step;
		}
	}

	/* An element in its surroundings: what a step reads itself from. */
	sealed class Place
	{
		readonly StepBuilder builder;
		readonly ExpressionTable expressions;

		internal readonly XElement Element;
		internal readonly string Path;
		internal string Scope;
		internal string Section;
		/* The scopes outside this one. */
		internal IEnumerable<PolicyDocument> Outer;

		internal Place(StepBuilder builder, ExpressionTable expressions, XElement element, string path)
		{
			this.builder = builder;
			this.expressions = expressions;
			Element = element;
			Path = path;
		}

		internal Place At(XElement child)
		{
			var place = child.ElementsBeforeSelf(child.Name).Count() + 1;
			var step = child.Name + "[" + place + "]";
			return new Place(builder, expressions, child, Path == "" ? step : Path + "/" + step)
			{
				Scope = Scope, Section = Section, Outer = Outer,
			};
		}

		/* The steps of all policies inside an element. */
		internal List<Step> Policies(XElement inside)
		{
			return inside.Elements().Select(child => builder.Make(At(child))).ToList();
		}

		/* null when there is no such child. */
		internal Place Child(string name)
		{
			var child = Element.Element(name);
			return child == null ? null : At(child);
		}

		internal List<Place> Children(string name)
		{
			return Element.Elements(name).Select(At).ToList();
		}

		/* The places inside a list element, as in <audiences><audience>. */
		internal List<Place> Items(string list, string name)
		{
			var outer = Child(list);
			return outer == null ? new List<Place>() : outer.Children(name);
		}

		/* An attribute that holds no expression; null when it is not there. */
		internal string Plain(string attribute)
		{
			var found = Element == null ? null : (string)Element.Attribute(attribute);
			return found == null ? null : found.Trim();
		}

		internal bool Flag(string attribute, bool fallback)
		{
			var value = Plain(attribute);
			return value == null ? fallback : value == "true";
		}

		/* null when the attribute is not there and there is no fallback. */
		internal Value Value(string attribute, string fallback = null)
		{
			var found = Element.Attribute(attribute);
			if (found == null)
				return fallback == null ? null : new Value(fallback, null);
			return new Value(found.Value, expressions.Find(found));
		}

		/* The element's own text. */
		internal Value Text()
		{
			return new Value(Element.Value, expressions.Find(Element));
		}

		internal string PlainText()
		{
			return Element.Value.Trim();
		}
	}
}
