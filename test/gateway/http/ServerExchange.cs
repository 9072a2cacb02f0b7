using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway
{
	/* One request a client sent, and the way to answer it. */
	sealed class ServerExchange
	{
		TcpClient client;
		bool oldHttp;

		internal string Method { get; private set; }
		/* As sent: path and query. */
		internal string Target { get; private set; }
		internal HeaderMap Headers { get; private set; }
		/* null when there is none. */
		internal BodyReader Body { get; private set; }
		internal string RemoteAddress { get; private set; }
		internal bool KeepAlive { get; private set; }
		internal bool Answered { get; private set; }

		/* null when the connection ended instead of another request. */
		internal static ServerExchange Read(TcpClient client, WireReader reader)
		{
			var line = reader.FirstLine();
			if (line == null)
				return null;
			var words = line.Split(' ');
			if (words.Length != 3 || !words[1].StartsWith("/") || !words[2].StartsWith("HTTP/1."))
				throw new WireException(400, "a malformed request line");
			var exchange = new ServerExchange
			{
				client = client, Method = words[0], Target = words[1], Headers = reader.Headers(),
				oldHttp = words[2] == "HTTP/1.0",
				RemoteAddress = ((IPEndPoint)client.Client.RemoteEndPoint).Address.ToString(),
			};
			exchange.Body = BodyReader.Of(reader, exchange.Headers, false);
			var connection = exchange.Headers.Joined("Connection") ?? "";
			exchange.KeepAlive = !exchange.oldHttp
				&& connection.IndexOf("close", StringComparison.OrdinalIgnoreCase) < 0;
			exchange.Continue();
			return exchange;
		}

		void Continue()
		{
			if (!"100-continue".Equals(Headers.Joined("Expect"), StringComparison.OrdinalIgnoreCase))
				return;
			Write(Encoding.ASCII.GetBytes("HTTP/1.1 100 Continue\r\n\r\n"));
			Headers.Remove("Expect");
		}

		/* The client closed its side, so that nobody waits for the answer any more. */
		internal bool Gone
		{
			get
			{
				try
				{
					var socket = client.Client;
					return socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
				}
				catch (Exception e) when (e is SocketException || e is ObjectDisposedException)
				{
					return true;
				}
			}
		}

		/* Sends a whole answer.  To HEAD only its head goes out, with the length given in headers,
		 * if any, else that of the body. */
		internal void Answer(int status, string reason, HeaderMap headers, byte[] body)
		{
			var bodiless = status == 204 || status == 304;
			if (!bodiless && !(Method == "HEAD" && headers.ContainsKey("Content-Length")))
				headers.Set("Content-Length", body.Length.ToString());
			var head = Head(status, reason, headers);
			var sendsBody = Method != "HEAD" && !bodiless;
			var all = new byte[head.Length + (sendsBody ? body.Length : 0)];
			Buffer.BlockCopy(head, 0, all, 0, head.Length);
			if (sendsBody)
				Buffer.BlockCopy(body, 0, all, head.Length, body.Length);
			Write(all);
		}

		/* Sends an answer whose body passes through as it comes; pump writes it piece by piece.
		 * When pump throws, the connection breaks off, so that the client can tell. */
		internal void Stream(int status, string reason, HeaderMap headers, long length,
			Action<Action<byte[], int>> pump)
		{
			if (length < 0 && oldHttp)
				KeepAlive = false;
			var chunked = length < 0 && !oldHttp;
			if (chunked)
				headers.Set("Transfer-Encoding", "chunked");
			else if (length >= 0)
				headers.Set("Content-Length", length.ToString());
			Write(Head(status, reason, headers));
			try
			{
				pump((bytes, count) => WritePiece(bytes, count, chunked));
				if (chunked)
					Write(Encoding.ASCII.GetBytes("0\r\n\r\n"));
			}
			catch
			{
				KeepAlive = false;
				client.Close();
				throw;
			}
		}

		void WritePiece(byte[] bytes, int count, bool chunked)
		{
			var size = chunked ? Encoding.ASCII.GetBytes(count.ToString("x") + "\r\n") : new byte[0];
			var piece = new byte[size.Length + count + (chunked ? 2 : 0)];
			Buffer.BlockCopy(size, 0, piece, 0, size.Length);
			Buffer.BlockCopy(bytes, 0, piece, size.Length, count);
			if (chunked)
			{
				piece[piece.Length - 2] = (byte)'\r';
				piece[piece.Length - 1] = (byte)'\n';
			}
			Write(piece);
		}

		byte[] Head(int status, string reason, HeaderMap headers)
		{
			if (!KeepAlive)
				headers.Set("Connection", "close");
			var head = new StringBuilder();
			head.Append("HTTP/1.1 ").Append(status).Append(' ')
				.Append((reason ?? "").Replace("\r", " ").Replace("\n", " ")).Append("\r\n");
			headers.WriteTo(head);
			Answered = true;
			return Encoding.GetEncoding("iso-8859-1").GetBytes(head.ToString());
		}

		void Write(byte[] bytes)
		{
			client.GetStream().Write(bytes, 0, bytes.Length);
		}
	}
}
