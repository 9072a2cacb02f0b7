using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Api;

namespace Gateway
{
	/* One connection to another server. */
	sealed class UpstreamConnection
	{
		const int PollMs = 50;

		readonly TcpClient client;
		readonly Stream stream;
		readonly WireReader reader;

		internal bool AnswerBegan { get; private set; }

		UpstreamConnection(TcpClient client, Stream stream)
		{
			this.client = client;
			this.stream = stream;
			reader = new WireReader(stream);
		}

		/* end: the TickCount at which patience ends.  The emulator talks to this machine only. */
		internal static UpstreamConnection Open(Url url, int end, TlsTrust trust)
		{
			var client = new TcpClient { NoDelay = true };
			try
			{
				var address = Dns.GetHostAddresses(url.Host.Trim('[', ']')).FirstOrDefault();
				if (address == null || !IPAddress.IsLoopback(address))
					throw new UpstreamException(UpstreamFault.Connection, url.Host
						+ " is not this machine: name its double with --map");
				var connecting = client.BeginConnect(address, url.Port, null, null);
				if (!connecting.AsyncWaitHandle.WaitOne(Math.Max(1, end - PolicyClock.TickCount)))
					throw new UpstreamException(UpstreamFault.Timeout, "no connection in time");
				client.EndConnect(connecting);
				Stream stream = client.GetStream();
				stream.ReadTimeout = stream.WriteTimeout = Math.Max(1, end - PolicyClock.TickCount);
				if (url.Scheme == "https")
					stream = trust.Wrap(stream, url.Host);
				return new UpstreamConnection(client, stream);
			}
			catch (UpstreamException)
			{
				client.Close();
				throw;
			}
			catch (Exception e)
			{
				client.Close();
				throw new UpstreamException(UpstreamFault.Connection, e.Message);
			}
		}

		/* The peer closed it, or says something unasked. */
		internal bool Dead
		{
			get { return !client.Connected || client.Client.Poll(0, SelectMode.SelectRead); }
		}

		internal void Deadline(int readMs)
		{
			stream.ReadTimeout = readMs;
		}

		internal void Close()
		{
			client.Close();
		}

		internal void Write(UpstreamRequest request, Url url)
		{
			AnswerBegan = false;
			var headers = new HeaderMap(request.Headers);
			headers.RemoveConnectionHeaders();
			headers.Remove("Content-Length");
			if (!headers.ContainsKey("Host"))
				headers.Set("Host", request.Url.Authority);
			var body = request.Body;
			var wire = body == null || body.Used ? null : body.Wire;
			var bytes = body == null || wire != null ? null : body.ToSend();
			if (wire != null && wire.Length < 0)
				headers.Set("Transfer-Encoding", "chunked");
			else if (wire != null)
				headers.Set("Content-Length", wire.Length.ToString());
			else if (bytes != null || request.Method != "GET" && request.Method != "HEAD")
				headers.Set("Content-Length", (bytes == null ? 0 : bytes.Length).ToString());
			var head = new StringBuilder(request.Method + " " + url.Target + " HTTP/1.1\r\n");
			headers.WriteTo(head);
			Send(Encoding.GetEncoding("iso-8859-1").GetBytes(head.ToString()));
			if (bytes != null)
				Send(bytes);
			else if (wire != null)
				Pass(wire);
		}

		void Pass(BodyReader body)
		{
			var buffer = new byte[16 * 1024];
			var chunked = body.Length < 0;
			for (int got; (got = body.Read(buffer, 0, buffer.Length)) > 0;)
			{
				if (chunked)
					Send(Encoding.ASCII.GetBytes(got.ToString("x") + "\r\n"));
				stream.Write(buffer, 0, got);
				if (chunked)
					Send(new[] { (byte)'\r', (byte)'\n' });
			}
			if (chunked)
				Send(Encoding.ASCII.GetBytes("0\r\n\r\n"));
		}

		void Send(byte[] bytes)
		{
			stream.Write(bytes, 0, bytes.Length);
		}

		internal UpstreamAnswer ReadAnswer(UpstreamRequest request, int end)
		{
			for (;;)
			{
				if (!WaitReadable(request.ClientGone, end))
					throw new UpstreamException(UpstreamFault.ClientGone, "the caller went away");
				stream.ReadTimeout = Math.Max(1, end - PolicyClock.TickCount);
				var line = reader.FirstLine();
				if (line == null)
					throw new IOException("the server closed instead of answering");
				AnswerBegan = true;
				var answer = Head(line);
				if (answer.Status < 200)
					continue;
				var bodiless = request.Method == "HEAD" || answer.Status == 204 || answer.Status == 304;
				if (!bodiless)
					answer.Body = BodyReader.Of(reader, answer.Headers, true);
				stream.ReadTimeout = System.Threading.Timeout.Infinite;
				return answer;
			}
		}

		UpstreamAnswer Head(string line)
		{
			var words = line.Split(new[] { ' ' }, 3);
			int status;
			if (!words[0].StartsWith("HTTP/1.") || words.Length < 2
				|| !int.TryParse(words[1], out status) || status < 100 || status > 999)
				throw new IOException("that is no HTTP/1.1 answer");
			return new UpstreamAnswer
			{
				Status = status, Reason = words.Length > 2 ? words[2] : "", Headers = reader.Headers(),
			};
		}

		/* False when the caller went away; end null: without limit.  TLS keeps bytes of its own, which
		 * the socket does not know: there the read itself waits. */
		internal bool WaitReadable(Func<bool> callerGone, int? end)
		{
			if (!(stream is NetworkStream))
				return true;
			while (!reader.Holds && !client.Client.Poll(PollMs * 1000, SelectMode.SelectRead))
			{
				if (callerGone())
					return false;
				if (end != null && end.Value - PolicyClock.TickCount <= 0)
					throw new UpstreamException(UpstreamFault.Timeout, "no answer in time");
			}
			return true;
		}
	}
}
