using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Gateway.Api;

namespace Gateway
{
	sealed class SetBackendStep : Step
	{
		readonly Value id, url;

		internal SetBackendStep(Place at)
		{
			id = at.Value("backend-id");
			url = at.Value("base-url");
		}

		internal override bool Run(Execution x)
		{
			var name = id == null ? null : id.Text(x).Trim();
			var text = id == null ? url.Text(x).Trim() : x.Gateway.Backend(name);
			var backend = Url.Parse(text);
			if (backend == null)
				throw new PolicyFailure(500, null, id == null ? "base-url is no URL"
					: "there is no backend \"" + name + "\"");
			if (id == null && x.BackendById)
				throw new PolicyFailure(500, null, "base-url cannot override an inherited backend-id");
			x.Backend = backend;
			x.BackendById = id != null;
			var request = x.Context.Request;
			request.Url = request.Url.On(backend);
			return true;
		}
	}

	sealed class ForwardStep : Step
	{
		const int LongestTimeoutS = 300;

		readonly Value timeout, timeoutMs;
		readonly bool keepsBody, buffers;

		internal ForwardStep(Place at)
		{
			timeout = at.Value("timeout", LongestTimeoutS.ToString());
			timeoutMs = at.Value("timeout-ms");
			keepsBody = at.Flag("buffer-request-body", false);
			buffers = at.Flag("buffer-response", true);
		}

		internal override bool Run(Execution x)
		{
			if (x.Context.Response != null)
				x.Context.Response.Release();
			if (x.Backend == null)
				throw new PolicyFailure(500, "BackendConnectionFailure", "no backend is set");
			try
			{
				x.Gateway.Counters.Add("forward-request");
				var answer = x.Gateway.Upstream.Send(Request(x));
				x.Context.Response = Response(answer);
				x.BodySent = true;
			}
			catch (UpstreamException e)
			{
				throw PolicyFailure.OfUpstream(e);
			}
			catch (IOException e)
			{
				throw PolicyFailure.OfBody(e);
			}
			return true;
		}

		UpstreamRequest Request(Execution x)
		{
			var from = x.Context.Request;
			var wire = from.Body == null ? null : from.Body.Wire;
			if (x.BodySent && wire != null)
				throw new PolicyFailure(500, null,
					"the body went out already: a retry needs buffer-request-body=\"true\"");
			if (keepsBody && from.Body != null && !from.Body.Used)
				from.Body.Buffer();
			var headers = new HeaderMap(from.Headers);
			headers.Set("Host", x.Backend.Authority);
			headers.Append("X-Forwarded-For", from.IpAddress);
			return new UpstreamRequest
			{
				Method = from.Method,
				Url = x.Backend.At(x.Backend.Path.TrimEnd('/') + from.Url.Path, from.Url.QueryString),
				Headers = headers,
				Body = from.Body,
				TimeoutMs = timeoutMs == null ? 1000 * timeout.Whole(x) : timeoutMs.Whole(x),
				ClientGone = () => x.Client.Gone,
			};
		}

		ResponseState Response(UpstreamAnswer answer)
		{
			var response = new ResponseState
			{
				StatusCode = answer.Status, StatusReason = answer.Reason, Headers = answer.Headers,
				Body = answer.Body == null ? null : new MessageBody(answer.Body), Source = answer,
			};
			if (response.Body == null)
				response.Release();
			else if (buffers)
				Buffer(response);
			return response;
		}

		static void Buffer(ResponseState response)
		{
			try
			{
				response.Body.Buffer();
			}
			finally
			{
				response.Release();
			}
		}
	}

	sealed class SendRequestStep : Step
	{
		const string DefaultTimeoutS = "60";

		readonly string variable, method;
		readonly bool copies, forgives;
		readonly Value timeout, url, body;
		readonly List<HeaderChange> headers;
		readonly IdentityStep identity;

		internal SendRequestStep(Place at)
		{
			variable = at.Plain("response-variable-name");
			copies = at.Plain("mode") == "copy";
			forgives = at.Flag("ignore-error", false);
			timeout = at.Value("timeout", DefaultTimeoutS);
			url = Text(at.Child("set-url"));
			body = Text(at.Child("set-body"));
			method = at.Child("set-method") == null ? null : at.Child("set-method").PlainText();
			headers = at.Children("set-header").Select(one => new HeaderChange(one)).ToList();
			var managed = at.Child("authentication-managed-identity");
			identity = managed == null ? null : new IdentityStep(managed);
		}

		static Value Text(Place at)
		{
			return at == null ? null : at.Text();
		}

		internal override bool Run(Execution x)
		{
			var request = Request(x);
			try
			{
				x.Gateway.Counters.Add("send-request");
				x.Context.Variables[variable] = Fetch(x, request);
			}
			catch (Exception e) when (e is UpstreamException || e is IOException)
			{
				x.Gateway.Counters.Trace("send-request: " + e.Message);
				if (!forgives)
					throw e is UpstreamException ? PolicyFailure.OfUpstream((UpstreamException)e)
						: PolicyFailure.OfBody((IOException)e);
				x.Context.Variables[variable] = null;
			}
			return true;
		}

		UpstreamRequest Request(Execution x)
		{
			var from = x.Context.Request;
			var request = new UpstreamRequest
			{
				Method = method ?? (copies ? from.Method : "GET"),
				Url = url == null ? (copies ? from.Url : null) : Url.Parse(url.Text(x).Trim()),
				TimeoutMs = 1000 * timeout.Whole(x),
			};
			if (request.Url == null)
				throw PolicyFailure.OfExpression("set-url gives no URL");
			if (copies)
				request.Headers = new HeaderMap(from.Headers);
			request.Headers.Remove("Host");
			foreach (var header in headers)
				header.Apply(x, request.Headers);
			if (body != null)
				request.Body = new MessageBody(body.Bytes(x));
			else if (copies && from.Body != null && !from.Body.Used)
				request.Body = new MessageBody(from.Body.Buffer());
			if (identity != null)
				identity.Apply(x, request.Headers);
			return request;
		}

		static ResponseState Fetch(Execution x, UpstreamRequest request)
		{
			var end = PolicyClock.TickCount + request.TimeoutMs;
			var answer = x.Gateway.Upstream.Send(request);
			try
			{
				var body = answer.Body == null ? null : new MessageBody(answer.Body);
				answer.Deadline(Math.Max(1, end - PolicyClock.TickCount));
				return new ResponseState
				{
					StatusCode = answer.Status, StatusReason = answer.Reason, Headers = answer.Headers,
					Body = body == null || body.Buffer().Length == 0 ? null : body,
				};
			}
			finally
			{
				answer.Done();
			}
		}
	}
}
