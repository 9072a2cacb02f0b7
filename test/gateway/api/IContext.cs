/*
 * What a policy expression can see: the members of context that this emulator models, under the
 * names API Management gives them.  A member that is missing here does not compile, and what does
 * not compile stops the emulator at start.
 */
using System;
using System.Collections.Generic;

namespace Gateway.Api
{
	public interface IContext
	{
		IApi Api { get; }
		TimeSpan Elapsed { get; }
		ILastError LastError { get; }
		IOperation Operation { get; }
		IRequest Request { get; }
		Guid RequestId { get; }
		IResponse Response { get; }
		DateTime Timestamp { get; }
		bool Tracing { get; }
		IReadOnlyDictionary<string, object> Variables { get; }
		void Trace(string message);
	}

	public interface IApi
	{
		string Id { get; }
		string Name { get; }
		string Path { get; }
	}

	public interface IOperation
	{
		string Id { get; }
		string Method { get; }
		string Name { get; }
		string UrlTemplate { get; }
	}

	public interface IRequest
	{
		IMessageBody Body { get; }
		IReadOnlyDictionary<string, string[]> Headers { get; }
		string IpAddress { get; }
		IReadOnlyDictionary<string, string> MatchedParameters { get; }
		string Method { get; }
		IUrl OriginalUrl { get; }
		IUrl Url { get; }
	}

	public interface IResponse
	{
		IMessageBody Body { get; }
		IReadOnlyDictionary<string, string[]> Headers { get; }
		int StatusCode { get; }
		string StatusReason { get; }
	}

	public interface IUrl
	{
		string Host { get; }
		string Path { get; }
		int Port { get; }
		IReadOnlyDictionary<string, string[]> Query { get; }
		string QueryString { get; }
		string Scheme { get; }
	}

	/* As and AsFormUrlEncodedContent use the body up unless it is to be preserved. */
	public interface IMessageBody
	{
		T As<T>(bool preserveContent = false);
		IDictionary<string, IList<string>> AsFormUrlEncodedContent(bool preserveContent = false);
	}

	public interface ILastError
	{
		string Message { get; }
		string Path { get; }
		string PolicyId { get; }
		string Reason { get; }
		string Scope { get; }
		string Section { get; }
		string Source { get; }
	}
}
