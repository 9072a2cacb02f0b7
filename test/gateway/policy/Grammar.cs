using System;
using System.Collections.Generic;
using System.Linq;

namespace Gateway
{
	enum Kind { Text, Whole, Boolean, OneOf }

	/* One attribute an element may have. */
	sealed class AttributeRule
	{
		internal string Name;
		internal bool Required;
		/* Must not hold an expression. */
		internal bool Plain;
		internal Kind Kind;
		internal string[] Allowed;
	}

	/* One kind of child an element may have, at its place in the order. */
	sealed class ChildRule
	{
		internal string Name;
		internal int Least;
		internal bool Many;
	}

	/* One element: a policy, or what stands inside one. */
	sealed class ElementRule
	{
		internal string Name;
		/* Letters of the sections it may stand in: I B O E; empty for what is only a child. */
		internal string Sections;
		internal List<AttributeRule> Attributes = new List<AttributeRule>();
		internal List<ChildRule> Children = new List<ChildRule>();
		/* Holds policies of the surrounding section. */
		internal bool HoldsPolicies;
		internal bool HoldsText;
		/* Its text must not be an expression. */
		internal bool PlainText;

		internal bool IsPolicy { get { return Sections != ""; } }

		internal AttributeRule Attribute(string name)
		{
			return Attributes.FirstOrDefault(rule => rule.Name == name);
		}
	}

	/*
	 * What the emulator models, and so what a policy may say.  A row is
	 *     element | sections | attributes | content
	 * An attribute: name, "!" required, "#" no expression; then its kind: ":whole" a whole number,
	 * ":bool", or ":a,b" one of these words (those are never expressions).
	 * Content: children in their order with ? * + as in patterns; or "policies", "text", "text#".
	 */
	static class Grammar
	{
		static readonly string[] Rows =
		{
			"base | IBOE | |",
			"choose | IBOE | | when+ otherwise?",
			"when | | condition!:bool | policies",
			"otherwise | | | policies",
			"set-variable | IBOE | name!# value! |",
			"set-header | IBOE | name! exists-action:override,skip,append,delete | value*",
			"set-query-parameter | IB | name! exists-action:override,skip,append,delete | value*",
			"value | | | text",
			"set-body | IBO | | text",
			"set-status | OE | code!:whole reason |",
			"set-method | IE | | text#",
			"set-url | | | text",
			"set-backend-service | IB | backend-id base-url |",
			"rewrite-uri | I | template! copy-unmatched-params:true,false |",
			"return-response | IBOE | response-variable-name# | set-status? set-header* set-body?",
			"send-request | IBOE | mode:new,copy response-variable-name!# timeout:whole "
				+ "ignore-error:true,false | set-url? set-method? set-header* set-body? "
				+ "authentication-managed-identity?",
			"retry | IBOE | condition!:bool count!:whole interval!:whole max-interval:whole "
				+ "delta:whole first-fast-retry:true,false | policies",
			"forward-request | B | timeout:whole timeout-ms:whole http-version:1 "
				+ "follow-redirects:false buffer-request-body:true,false "
				+ "buffer-response:true,false fail-on-error-status-code:false |",
			"cache-lookup-value | IBO | key! variable-name!# default-value "
				+ "caching-type:prefer-external,internal |",
			"cache-store-value | IBO | key! value! duration!:whole "
				+ "caching-type:prefer-external,internal |",
			"cache-remove-value | IBO | key! caching-type:prefer-external,internal "
				+ "fail-on-cache-removal-error:true,false |",
			"rate-limit-by-key | I | calls!:whole renewal-period!:whole counter-key! "
				+ "increment-condition:bool increment-count:whole retry-after-header-name# "
				+ "retry-after-variable-name# remaining-calls-header-name# "
				+ "remaining-calls-variable-name# total-calls-header-name# |",
			"cors | I | allow-credentials:true,false terminate-unmatched-request:true,false | "
				+ "allowed-origins allowed-methods? allowed-headers expose-headers?",
			"allowed-origins | | | origin+",
			"allowed-methods | | preflight-result-max-age#:whole | method+",
			"allowed-headers | | | header+",
			"expose-headers | | | header+",
			"origin | | | text#",
			"method | | | text#",
			"header | | | text#",
			"check-header | I | name! failed-check-httpcode!:whole failed-check-error-message! "
				+ "ignore-case!:true,false | value*",
			"validate-azure-ad-token | I | tenant-id! header-name query-parameter-name token-value "
				+ "authentication-endpoint failed-validation-httpcode:whole "
				+ "failed-validation-error-message output-token-variable-name# | "
				+ "backend-application-ids? client-application-ids? audiences? required-claims?",
			"backend-application-ids | | | application-id+",
			"client-application-ids | | | application-id+",
			"application-id | | | text#",
			"audiences | | | audience+",
			"audience | | | text",
			"required-claims | | | claim+",
			"claim | | name! match:all,any separator | value+",
			"validate-jwt | I | header-name query-parameter-name token-value require-scheme "
				+ "require-expiration-time:true,false require-signed-tokens:true clock-skew:whole "
				+ "failed-validation-httpcode:whole failed-validation-error-message "
				+ "output-token-variable-name# | "
				+ "openid-config+ audiences? issuers? required-claims?",
			"openid-config | | url! validate-connectivity:true,false |",
			"issuers | | | issuer+",
			"issuer | | | text",
			"authentication-managed-identity | I | resource! client-id# "
				+ "output-token-variable-name# ignore-error:true,false |",
			"include-fragment | IBO | fragment-id!# |",
			"trace | IBOE | source! severity:verbose,information,error | message metadata*",
			"message | | | text",
			"metadata | | name! value! |",
		};

		static readonly string[] ExistElsewhere = (
			"authentication-basic authentication-certificate cache-lookup cache-store "
			+ "cross-domain decryption-keys emit-metric find-and-replace get-authorization-context "
			+ "invoke-dapr-binding ip-filter issuer-signing-keys json-to-xml jsonp "
			+ "limit-concurrency llm-token-limit log-to-eventhub mock-response proxy "
			+ "publish-to-dapr quota quota-by-key rate-limit redirect-content-urls "
			+ "send-one-way-request validate-client-certificate validate-content "
			+ "validate-headers validate-parameters validate-status-code wait xml-to-json "
			+ "xsl-transform").Split(' ');

		static readonly Dictionary<string, ElementRule> Rules = Rows.Select(Parse)
			.ToDictionary(rule => rule.Name);

		/* null when it is not modelled. */
		internal static ElementRule Find(string name)
		{
			ElementRule rule;
			return Rules.TryGetValue(name, out rule) ? rule : null;
		}

		internal static IEnumerable<ElementRule> Policies
		{
			get { return Rules.Values.Where(rule => rule.IsPolicy); }
		}

		/* API Management has it, this emulator has not. */
		internal static bool ExistsElsewhere(string name)
		{
			return ExistElsewhere.Contains(name);
		}

		static ElementRule Parse(string row)
		{
			var cells = row.Split('|').Select(cell => cell.Trim()).ToArray();
			var rule = new ElementRule { Name = cells[0], Sections = cells[1] };
			rule.Attributes.AddRange(Words(cells[2]).Select(ParseAttribute));
			rule.HoldsPolicies = cells[3] == "policies";
			rule.HoldsText = cells[3] == "text" || cells[3] == "text#";
			rule.PlainText = cells[3] == "text#";
			if (!rule.HoldsPolicies && !rule.HoldsText)
				rule.Children.AddRange(Words(cells[3]).Select(ParseChild));
			return rule;
		}

		static string[] Words(string cell)
		{
			return cell.Split(new[] { ' ' }, StringSplitOptions.RemoveEmptyEntries);
		}

		static AttributeRule ParseAttribute(string word)
		{
			var parts = word.Split(':');
			var kind = parts.Length > 1 ? parts[1] : "";
			var rule = new AttributeRule
			{
				Name = parts[0].TrimEnd('!', '#'),
				Required = parts[0].Contains("!"),
				Plain = parts[0].Contains("#"),
			};
			rule.Kind = kind == "" ? Kind.Text : kind == "whole" ? Kind.Whole
				: kind == "bool" ? Kind.Boolean : Kind.OneOf;
			if (rule.Kind == Kind.OneOf)
			{
				rule.Allowed = kind.Split(',');
				rule.Plain = true;
			}
			return rule;
		}

		static ChildRule ParseChild(string word)
		{
			var last = word[word.Length - 1];
			return new ChildRule
			{
				Name = word.TrimEnd('?', '*', '+'),
				Least = last == '?' || last == '*' ? 0 : 1,
				Many = last == '*' || last == '+',
			};
		}
	}
}
