using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;

namespace Gateway
{
	/* A plain HTTP/1.1 server on a loopback address: a thread per connection, keep-alive. */
	sealed class HttpServer
	{
		const int IdleMs = 120 * 1000;
		const long DrainBytes = 1024 * 1024;

		readonly TcpListener listener;
		readonly Action<ServerExchange> onExchange;

		/* Calls onExchange per request, on that connection's thread; it must answer. */
		internal HttpServer(IPAddress address, int port, Action<ServerExchange> onExchange)
		{
			this.onExchange = onExchange;
			listener = new TcpListener(address, port);
			listener.Start(512);
		}

		internal string Url { get { return "http://" + listener.LocalEndpoint; } }

		internal void Start()
		{
			new Thread(Accept) { IsBackground = true }.Start();
		}

		void Accept()
		{
			for (;;)
			{
				var client = listener.AcceptTcpClient();
				new Thread(() => Serve(client), 512 * 1024) { IsBackground = true }.Start();
			}
		}

		void Serve(TcpClient client)
		{
			try
			{
				using (client)
				{
					client.NoDelay = true;
					client.ReceiveTimeout = IdleMs;
					client.SendTimeout = IdleMs;
					var reader = new WireReader(client.GetStream());
					while (ServeOne(client, reader))
						continue;
				}
			}
			catch (Exception e) when (e is IOException || e is SocketException
				|| e is ObjectDisposedException)
			{
				/* The peer went away; nobody is left to tell. */
			}
		}

		/* False when the connection is to be closed. */
		bool ServeOne(TcpClient client, WireReader reader)
		{
			ServerExchange exchange;
			try
			{
				exchange = ServerExchange.Read(client, reader);
				if (exchange == null)
					return false;
			}
			catch (WireException e)
			{
				var head = "HTTP/1.1 " + e.Status + " \r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
				var bytes = Encoding.ASCII.GetBytes(head);
				client.GetStream().Write(bytes, 0, bytes.Length);
				return false;
			}
			onExchange(exchange);
			return exchange.KeepAlive && (exchange.Body == null || exchange.Body.Drain(DrainBytes));
		}
	}
}
