using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Gateway.Api;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Gateway
{
	/* One request on its way through the gateway. */
	sealed class Execution
	{
		readonly Dictionary<string, string> answerHeaders =
			new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

		internal readonly GatewayServices Gateway;
		internal readonly ServerExchange Client;
		internal readonly PolicyContext Context = new PolicyContext();
		internal readonly List<Action> OnAnswer = new List<Action>();

		/* Where forward-request goes; null: nobody has said yet. */
		internal Url Backend;
		internal bool BackendById;
		internal bool BodySent;

		internal Execution(GatewayServices gateway, ServerExchange client)
		{
			Gateway = gateway;
			Client = client;
		}

		/* The response, where a policy cannot do without one. */
		internal ResponseState Answer
		{
			get
			{
				if (Context.Response == null)
					throw new PolicyFailure(500, null, "there is no response yet");
				return Context.Response;
			}
		}

		/* Puts another response in the place of the present one. */
		internal void Respond(ResponseState response)
		{
			if (Context.Response != null)
				Context.Response.Release();
			Context.Response = response;
		}

		/* A header of the answer, whichever response that will be. */
		internal void AddToAnswer(string name, string value)
		{
			answerHeaders[name] = value;
		}

		internal bool HasAnswerHeader(string name)
		{
			return answerHeaders.ContainsKey(name);
		}

		internal void Run()
		{
			Gateway.Counters.Add("requests");
			Context.OnTrace = Gateway.Counters.Trace;
			var route = Receive();
			var pipeline = route == null ? null : Choose(route);
			if (pipeline != null)
				RunSections(pipeline);
			/* Before it leaves, so that whoever has it finds it counted. */
			foreach (var action in OnAnswer)
				Quietly(action);
			Send();
		}

		void Quietly(Action action)
		{
			try
			{
				action();
			}
			catch (PolicyFailure failure)
			{
				Gateway.Counters.Trace("after the answer: " + failure.Message);
			}
		}

		/* Fills context from what the client sent; null when that makes no sense. */
		Route Receive()
		{
			var cut = Client.Target.IndexOf('?');
			var path = Router.WithoutDots(cut < 0 ? Client.Target : Client.Target.Substring(0, cut));
			var query = cut < 0 ? "" : Client.Target.Substring(cut);
			var original = Url.Parse("http://" + (Client.Headers.Joined("Host") ?? "") + path + query);
			if (original == null)
			{
				Respond(Plain(400, "Bad Request"));
				return null;
			}
			var route = Gateway.Router.Find(Client.Method, path, query);
			var body = Client.Body == null || Client.Body.Ended ? null : new MessageBody(Client.Body);
			Context.Request = new RequestState
			{
				Method = Client.Method, Headers = new HeaderMap(Client.Headers), Body = body,
				IpAddress = Client.RemoteAddress, OriginalUrl = original,
				Url = original.At(route.Path, query), MatchedParameters = route.Parameters,
			};
			Describe(route);
			return route;
		}

		void Describe(Route route)
		{
			if (route.Api != null)
				Context.Api = new ApiState { Id = route.Api.Id, Name = route.Api.Name, Path = route.Api.Path };
			var operation = route.Operation;
			if (operation != null)
				Context.Operation = new OperationState
				{
					Id = operation.Id, Name = operation.Id, Method = operation.Method,
					UrlTemplate = operation.UrlTemplate,
				};
		}

		/* The pipeline to run; null when the response is there already. */
		Pipeline Choose(Route route)
		{
			if (route.Operation != null)
				return Gateway.Pipelines.Of(route.Operation);
			if (route.Api != null && IsPreflight(route.Api) && Preflight(route))
				return null;
			Fail(Gateway.Pipelines.Nowhere, new PolicyFailure(404, "OperationNotFound",
				"Unable to match incoming request to an operation.")
			{
				FailedIn = "configuration", PublicMessage = "Resource not found",
			});
			return null;
		}

		/* An API with OPTIONS operations of its own gets no help. */
		bool IsPreflight(ApiEntry api)
		{
			var headers = Context.Request.Headers;
			return Client.Method == "OPTIONS" && headers.ContainsKey("Origin")
				&& headers.ContainsKey("Access-Control-Request-Method")
				&& api.Operations.All(operation => operation.Method != "OPTIONS");
		}

		/* Runs cors and nothing else; false when there is none. */
		bool Preflight(Route route)
		{
			var headers = Context.Request.Headers;
			var url = Context.Request.OriginalUrl;
			var meant = Gateway.Router.Find(headers.Joined("Access-Control-Request-Method"), url.Path,
				url.QueryString).Operation;
			var pipeline = meant == null ? Gateway.Pipelines.Of(route.Api) : Gateway.Pipelines.Of(meant);
			if (pipeline.Cors.Count == 0)
				return false;
			Gateway.Counters.Add("preflight");
			foreach (var cors in pipeline.Cors)
			{
				bool ends;
				var response = cors.Preflight(Context.Request, out ends);
				if (ends)
				{
					Respond(response ?? CorsStep.Empty());
					return true;
				}
			}
			Respond(CorsStep.Empty());
			return true;
		}

		void RunSections(Pipeline pipeline)
		{
			try
			{
				if (Step.RunAll(pipeline.Inbound, this) && Step.RunAll(pipeline.Backend, this))
					Step.RunAll(pipeline.Outbound, this);
			}
			catch (PolicyFailure failure)
			{
				Fail(pipeline, failure);
			}
		}

		void Fail(Pipeline pipeline, PolicyFailure failure)
		{
			Gateway.Counters.Add("on-error");
			Context.LastError = failure.ToLastError();
			Gateway.Counters.Trace("on-error: " + Context.LastError.Source + " " + failure.Reason
				+ ": " + failure.Message);
			var response = Plain(failure.Status, null);
			if (failure.RetryAfter != null)
				response.Headers.Set(failure.RetryAfterHeader, failure.RetryAfter);
			Respond(response);
			try
			{
				if (pipeline.OnError.Count == 0)
					Explain(response, failure.PublicMessage);
				else
					Step.RunAll(pipeline.OnError, this);
			}
			catch (PolicyFailure second)
			{
				Gateway.Counters.Trace("in on-error: " + second.Message);
				Respond(Plain(500, null));
				Explain(Context.Response, null);
			}
		}

		static ResponseState Plain(int status, string reason)
		{
			return new ResponseState { StatusCode = status, StatusReason = reason ?? Reasons.Of(status) };
		}

		/* API Management's own error body. */
		void Explain(ResponseState response, string message)
		{
			var body = new JObject(new JProperty("statusCode", response.StatusCode),
				new JProperty("message", message ?? "Internal server error"));
			if (message == null)
				body["activityId"] = Context.RequestId.ToString();
			response.Headers.Set("Content-Type", "application/json");
			response.Body = new MessageBody(Encoding.UTF8.GetBytes(body.ToString(Formatting.None)));
		}

		void Send()
		{
			var response = Context.Response ?? Plain(200, null);
			var headers = response.Headers;
			headers.RemoveConnectionHeaders();
			foreach (var pair in answerHeaders)
				headers.Set(pair.Key, pair.Value);
			try
			{
				SendBody(response, headers);
			}
			finally
			{
				response.Release();
			}
		}

		void SendBody(ResponseState response, HeaderMap headers)
		{
			var body = response.Body;
			var wire = body == null || body.Used ? null : body.Wire;
			if (Client.Method == "HEAD" || response.StatusCode == 304)
				Client.Answer(response.StatusCode, response.StatusReason, headers, new byte[0]);
			else
			{
				headers.Remove("Content-Length");
				if (wire != null)
					Client.Stream(response.StatusCode, response.StatusReason, headers, wire.Length,
						write => Pump(response, wire, write));
				else
					Client.Answer(response.StatusCode, response.StatusReason, headers,
						body == null ? new byte[0] : body.ToSend());
			}
		}

		void Pump(ResponseState response, BodyReader wire, Action<byte[], int> write)
		{
			var buffer = new byte[16 * 1024];
			for (;;)
			{
				if (!wire.BytesHeld && !wire.Ended && !response.Source.WaitReadable())
					throw new IOException("the caller went away");
				var got = wire.Read(buffer, 0, buffer.Length);
				if (got == 0)
					return;
				write(buffer, got);
			}
		}
	}
}
