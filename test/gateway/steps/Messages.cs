using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;

namespace Gateway
{
	/* What a set-header says, for whichever message it is said of. */
	sealed class HeaderChange
	{
		static readonly string[] Immutable = { "connection", "content-length", "keep-alive",
			"transfer-encoding" };

		readonly Value name;
		readonly string action;
		readonly List<Value> values;

		internal HeaderChange(Place at)
		{
			name = at.Value("name");
			action = at.Plain("exists-action") ?? "override";
			values = at.Children("value").Select(one => one.Text()).ToList();
		}

		internal void Apply(Execution x, HeaderMap headers)
		{
			var header = name.Text(x).Trim();
			if (header == "" || header.Any(c => c <= ' ' || c > '~' || c == ':'))
				throw PolicyFailure.OfExpression("\"" + header + "\" is no header name");
			if (Immutable.Contains(header.ToLowerInvariant()))
				return;
			if (action == "delete")
				headers.Remove(header);
			else if (action != "skip" || !headers.ContainsKey(header))
				Put(headers, header, values.Select(value => value.Text(x).Trim()).ToList());
		}

		void Put(HeaderMap headers, string header, List<string> texts)
		{
			if (texts.Any(text => text.IndexOfAny(new[] { '\r', '\n', '\0' }) >= 0))
				throw PolicyFailure.OfExpression("the value of " + header + " holds a line break");
			if (action != "append")
				headers.Set(header, texts);
			else
				foreach (var text in texts)
					headers.Append(header, text);
		}
	}

	sealed class SetHeaderStep : Step
	{
		readonly HeaderChange change;

		internal SetHeaderStep(Place at)
		{
			change = new HeaderChange(at);
		}

		internal override bool Run(Execution x)
		{
			change.Apply(x, OnResponse ? x.Answer.Headers : x.Context.Request.Headers);
			return true;
		}
	}

	sealed class SetStatusStep : Step
	{
		readonly Value code, reason;

		internal SetStatusStep(Place at)
		{
			code = at.Value("code");
			reason = at.Value("reason", "");
		}

		internal void Apply(Execution x, ResponseState response)
		{
			var status = code.Whole(x);
			if (status < 100 || status > 999)
				throw PolicyFailure.OfExpression(status + " is no status code");
			response.StatusCode = status;
			response.StatusReason = reason.Text(x);
		}

		internal override bool Run(Execution x)
		{
			Apply(x, x.Answer);
			return true;
		}
	}

	sealed class SetBodyStep : Step
	{
		readonly Value body;

		internal SetBodyStep(Place at)
		{
			body = at.Text();
		}

		internal override bool Run(Execution x)
		{
			if (OnResponse)
				x.Answer.Body = Replaced(x, x.Answer.Body, "response");
			else
				x.Context.Request.Body = Replaced(x, x.Context.Request.Body, "request");
			return true;
		}

		MessageBody Replaced(Execution x, MessageBody old, string whose)
		{
			if (old == null)
				throw PolicyFailure.OfExpression("this " + whose + " has no body to set");
			return new MessageBody(body.Bytes(x));
		}
	}

	sealed class SetMethodStep : Step
	{
		readonly string method;

		internal SetMethodStep(Place at)
		{
			method = at.PlainText();
		}

		internal override bool Run(Execution x)
		{
			x.Context.Request.Method = method;
			return true;
		}
	}

	sealed class SetQueryStep : Step
	{
		readonly Value name;
		readonly string action;
		readonly List<Value> values;

		internal SetQueryStep(Place at)
		{
			name = at.Value("name");
			action = at.Plain("exists-action") ?? "override";
			values = at.Children("value").Select(one => one.Text()).ToList();
		}

		internal override bool Run(Execution x)
		{
			var request = x.Context.Request;
			var parameter = name.Text(x);
			if (action == "skip" && request.Url.Query.ContainsKey(parameter))
				return true;
			var kept = action == "append" ? request.Url.QueryString : request.Url.Without(parameter);
			var added = values.Select(value => WebUtility.UrlEncode(parameter) + "="
				+ WebUtility.UrlEncode(value.Text(x).Trim()));
			request.Url = request.Url.At(request.Url.Path,
				Url.Joined(new[] { kept.TrimStart('?') }.Concat(added)));
			return true;
		}
	}

	/* The template replaces the path, and with a question mark the query; parameters in braces are
	 * those the operation's URL template matched. */
	sealed class RewriteStep : Step
	{
		readonly Value template;
		readonly bool copies;

		internal RewriteStep(Place at)
		{
			template = at.Value("template");
			copies = at.Flag("copy-unmatched-params", true);
		}

		internal override bool Run(Execution x)
		{
			var request = x.Context.Request;
			var text = template.Text(x).Trim();
			foreach (var pair in request.MatchedParameters)
				text = text.Replace("{" + pair.Key + "}", Uri.EscapeDataString(pair.Value));
			if (!text.StartsWith("/"))
				throw PolicyFailure.OfExpression("rewrite-uri needs a path that begins with a slash");
			var cut = text.IndexOf('?');
			var own = cut < 0 ? "" : text.Substring(cut + 1);
			var rest = copies ? request.Url.QueryString.TrimStart('?') : "";
			request.Url = request.Url.At(cut < 0 ? text : text.Substring(0, cut),
				Url.Joined(new[] { own, rest }));
			return true;
		}
	}

	sealed class CheckHeaderStep : Step
	{
		readonly Value name, code, message;
		readonly bool ignoreCase;
		readonly List<Value> values;

		internal CheckHeaderStep(Place at)
		{
			name = at.Value("name");
			code = at.Value("failed-check-httpcode");
			message = at.Value("failed-check-error-message");
			ignoreCase = at.Flag("ignore-case", false);
			values = at.Children("value").Select(one => one.Text()).ToList();
		}

		internal override bool Run(Execution x)
		{
			var found = x.Context.Request.Headers.Joined(name.Text(x));
			var comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
			if (found == null)
				throw Failed(x, "HeaderNotFound");
			if (values.Count > 0 && !values.Any(value => value.Text(x).Trim().Equals(found, comparison)))
				throw Failed(x, "HeaderValueNotAllowed");
			return true;
		}

		PolicyFailure Failed(Execution x, string reason)
		{
			var text = message.Text(x);
			return new PolicyFailure(code.Whole(x), reason, text) { PublicMessage = text };
		}
	}
}
