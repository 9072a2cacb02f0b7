using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using Gateway.Api;

namespace Gateway
{
	enum UpstreamFault { Timeout, Connection, ClientGone }

	/* A call to another server came to nothing. */
	sealed class UpstreamException : Exception
	{
		internal readonly UpstreamFault Fault;

		internal UpstreamException(UpstreamFault fault, string message) : base(message)
		{
			Fault = fault;
		}
	}

	sealed class UpstreamRequest
	{
		internal string Method;
		internal Url Url;
		internal HeaderMap Headers = new HeaderMap();
		/* null: none. */
		internal MessageBody Body;
		/* Until the headers of the answer are there. */
		internal int TimeoutMs;
		/* Asked now and then while waiting; true gives the call up. */
		internal Func<bool> ClientGone = () => false;
	}

	/* An answer whose body is still on the wire.  Done must be called when it has been read, or
	 * is not wanted. */
	sealed class UpstreamAnswer
	{
		internal int Status;
		internal string Reason;
		internal HeaderMap Headers;
		/* null: none. */
		internal BodyReader Body;
		internal Action Done;
		/* No read of the body may last longer, from now on. */
		internal Action<int> Deadline;
		/* Waits until there is something to read; false when the caller went away meanwhile. */
		internal Func<bool> WaitReadable;
	}

	/* The client side of HTTP/1.1, with idle connections kept per server. */
	sealed class Upstream
	{
		readonly Dictionary<string, Stack<UpstreamConnection>> idle =
			new Dictionary<string, Stack<UpstreamConnection>>();
		readonly Dictionary<string, Url> places;
		readonly TlsTrust trust;

		/* places: where an origin really is, for names that only exist outside. */
		internal Upstream(Dictionary<string, Url> places, TlsTrust trust)
		{
			this.places = places;
			this.trust = trust;
		}

		/* Sends one request.  On a kept connection that turns out dead before a byte of an answer
		 * came, a request without a body from the wire is sent once more. */
		internal UpstreamAnswer Send(UpstreamRequest request)
		{
			Url place;
			var url = places.TryGetValue(request.Url.Origin, out place) ? request.Url.On(place) : request.Url;
			var end = PolicyClock.TickCount + request.TimeoutMs;
			for (;;)
			{
				var connection = TakeIdle(url.Origin);
				var kept = connection != null;
				connection = connection ?? UpstreamConnection.Open(url, end, trust);
				try
				{
					return Exchange(connection, request, url, end);
				}
				catch (Exception e) when (!(e is UpstreamException))
				{
					connection.Close();
					var again = kept && !connection.AnswerBegan
						&& (request.Body == null || request.Body.Wire == null);
					if (again && !IsTimeout(e))
						continue;
					throw new UpstreamException(IsTimeout(e) ? UpstreamFault.Timeout
						: UpstreamFault.Connection, e.Message);
				}
				catch
				{
					connection.Close();
					throw;
				}
			}
		}

		UpstreamAnswer Exchange(UpstreamConnection connection, UpstreamRequest request, Url url, int end)
		{
			connection.Write(request, url);
			var answer = connection.ReadAnswer(request, end);
			var finished = 0;
			answer.Deadline = connection.Deadline;
			answer.WaitReadable = () => connection.WaitReadable(request.ClientGone, null);
			answer.Done = () =>
			{
				if (Interlocked.Exchange(ref finished, 1) == 0)
					Finish(url.Origin, connection, answer);
			};
			return answer;
		}

		void Finish(string origin, UpstreamConnection connection, UpstreamAnswer answer)
		{
			var whole = answer.Body == null || answer.Body.Ended && !answer.Body.UntilClose;
			var closes = (answer.Headers.Joined("Connection") ?? "")
				.IndexOf("close", StringComparison.OrdinalIgnoreCase) >= 0;
			if (!whole || closes)
			{
				connection.Close();
				return;
			}
			lock (idle)
			{
				if (!idle.ContainsKey(origin))
					idle[origin] = new Stack<UpstreamConnection>();
				idle[origin].Push(connection);
			}
		}

		UpstreamConnection TakeIdle(string origin)
		{
			lock (idle)
			{
				Stack<UpstreamConnection> stack;
				if (!idle.TryGetValue(origin, out stack))
					return null;
				while (stack.Count > 0)
				{
					var connection = stack.Pop();
					if (!connection.Dead)
						return connection;
					connection.Close();
				}
				return null;
			}
		}

		internal static bool IsTimeout(Exception e)
		{
			for (; e != null; e = e.InnerException)
			{
				var socket = e as SocketException;
				if (e is TimeoutException || socket != null && (socket.SocketErrorCode == SocketError.TimedOut
					|| socket.SocketErrorCode == SocketError.WouldBlock))
					return true;
			}
			return false;
		}
	}
}
