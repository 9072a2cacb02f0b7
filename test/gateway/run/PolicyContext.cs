using System;
using System.Collections.Generic;
using Gateway.Api;

namespace Gateway
{
	/* The request as it goes to the backend. */
	sealed class RequestState : IRequest
	{
		internal MessageBody Body;
		internal HeaderMap Headers;
		internal string Method;
		internal Url OriginalUrl;
		/* Below the API's path. */
		internal Url Url;
		internal string IpAddress;
		internal Dictionary<string, string> MatchedParameters = new Dictionary<string, string>();

		IMessageBody IRequest.Body { get { return Body; } }
		IReadOnlyDictionary<string, string[]> IRequest.Headers { get { return Headers; } }
		IReadOnlyDictionary<string, string> IRequest.MatchedParameters { get { return MatchedParameters; } }
		string IRequest.Method { get { return Method; } }
		IUrl IRequest.OriginalUrl { get { return OriginalUrl; } }
		IUrl IRequest.Url { get { return Url; } }
		string IRequest.IpAddress { get { return IpAddress; } }
	}

	/* The answer as it goes to the client, or one that send-request got. */
	sealed class ResponseState : IResponse
	{
		internal int StatusCode;
		internal string StatusReason;
		internal HeaderMap Headers = new HeaderMap();
		internal MessageBody Body;
		/* Set while the body is still on the backend's connection. */
		internal UpstreamAnswer Source;

		IMessageBody IResponse.Body { get { return Body; } }
		IReadOnlyDictionary<string, string[]> IResponse.Headers { get { return Headers; } }
		int IResponse.StatusCode { get { return StatusCode; } }
		string IResponse.StatusReason { get { return StatusReason; } }

		/* Gives the backend's connection back. */
		internal void Release()
		{
			if (Source != null)
				Source.Done();
			Source = null;
		}
	}

	sealed class LastError : ILastError
	{
		public string Message { get; internal set; }
		public string Path { get; internal set; }
		public string PolicyId { get; internal set; }
		public string Reason { get; internal set; }
		public string Scope { get; internal set; }
		public string Section { get; internal set; }
		public string Source { get; internal set; }
	}

	sealed class ApiState : IApi
	{
		public string Id { get; internal set; }
		public string Name { get; internal set; }
		public string Path { get; internal set; }
	}

	sealed class OperationState : IOperation
	{
		public string Id { get; internal set; }
		public string Method { get; internal set; }
		public string Name { get; internal set; }
		public string UrlTemplate { get; internal set; }
	}

	/* context, for one request. */
	sealed class PolicyContext : IContext
	{
		readonly DateTime started = PolicyClock.UtcNow;

		internal ApiState Api;
		internal OperationState Operation;
		internal LastError LastError;
		internal RequestState Request;
		/* null until the backend has answered or something failed. */
		internal ResponseState Response;
		internal Dictionary<string, object> Variables = new Dictionary<string, object>();
		internal Action<string> OnTrace;

		public Guid RequestId { get; } = Guid.NewGuid();
		public DateTime Timestamp { get { return started; } }
		public TimeSpan Elapsed { get { return PolicyClock.UtcNow - started; } }
		public bool Tracing { get { return false; } }

		public void Trace(string message)
		{
			OnTrace(message);
		}

		IApi IContext.Api { get { return Api; } }
		ILastError IContext.LastError { get { return LastError; } }
		IOperation IContext.Operation { get { return Operation; } }
		IRequest IContext.Request { get { return Request; } }
		IResponse IContext.Response { get { return Response; } }
		IReadOnlyDictionary<string, object> IContext.Variables { get { return Variables; } }
	}
}
