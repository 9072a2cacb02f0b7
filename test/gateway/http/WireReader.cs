using System;
using System.IO;
using System.Text;

namespace Gateway
{
	/* The peer broke HTTP, or a limit; status is what a server answers. */
	sealed class WireException : IOException
	{
		internal readonly int Status;

		internal WireException(int status, string message) : base(message)
		{
			Status = status;
		}
	}

	/* Reads the lines and bytes of HTTP/1.1 messages from a connection. */
	sealed class WireReader
	{
		const int MaxHeadBytes = 64 * 1024;

		readonly Stream stream;
		readonly byte[] held = new byte[16 * 1024];
		int start, end;
		int headBytes;

		internal WireReader(Stream stream)
		{
			this.stream = stream;
		}

		/* Bytes are there without asking the connection. */
		internal bool Holds { get { return start < end; } }

		/* null when the peer closed before the first byte. */
		internal string FirstLine()
		{
			headBytes = 0;
			if (!Holds && !Fill())
				return null;
			var line = Line();
			return line == "" ? Line() : line; /* one empty line before a message is tolerated */
		}

		internal HeaderMap Headers()
		{
			var headers = new HeaderMap();
			for (var line = Line(); line != ""; line = Line())
			{
				var colon = line.IndexOf(':');
				if (colon < 1 || line[colon - 1] == ' ' || line[0] == ' ' || line[0] == '\t')
					throw new WireException(400, "a malformed header line");
				headers.Append(line.Substring(0, colon), line.Substring(colon + 1).Trim(' ', '\t'));
			}
			return headers;
		}

		internal string Line()
		{
			var line = new StringBuilder();
			for (;;)
			{
				if (!Holds && !Fill())
					throw new WireException(400, "the peer closed inside a message");
				var c = (char)held[start++];
				if (++headBytes > MaxHeadBytes)
					throw new WireException(431, "the headers are too long");
				if (c == '\n')
					break;
				line.Append(c);
			}
			if (line.Length > 0 && line[line.Length - 1] == '\r')
				line.Length--;
			return line.ToString();
		}

		/* Chunk sizes do not count as head. */
		internal string ChunkLine()
		{
			headBytes = 0;
			return Line();
		}

		/* 0 at the end of the connection. */
		internal int Read(byte[] buffer, int offset, int count)
		{
			if (!Holds)
				return stream.Read(buffer, offset, count);
			var taken = Math.Min(count, end - start);
			Buffer.BlockCopy(held, start, buffer, offset, taken);
			start += taken;
			return taken;
		}

		bool Fill()
		{
			start = 0;
			end = stream.Read(held, 0, held.Length);
			return end > 0;
		}
	}

	/* One message's body on the wire: of a known length, in chunks, or until the peer closes. */
	sealed class BodyReader
	{
		readonly WireReader wire;
		readonly bool chunked;
		/* Of the body, or of the present chunk; -1: until the connection ends. */
		long left;
		/* The line break after a chunk has not been read. */
		bool chunkOpen;

		/* The length the peer announced, or -1. */
		internal long Length { get; private set; }
		internal bool Ended { get; private set; }
		internal bool UntilClose { get { return !chunked && Length < 0; } }
		internal bool BytesHeld { get { return wire.Holds; } }

		BodyReader(WireReader wire, bool chunked, long length)
		{
			this.wire = wire;
			this.chunked = chunked;
			Length = length;
			left = chunked ? 0 : length;
			Ended = !chunked && length == 0;
		}

		/* null: the message has no body.  Throws WireException where it cannot be told. */
		internal static BodyReader Of(WireReader wire, HeaderMap headers, bool untilClose)
		{
			var coding = headers.Joined("Transfer-Encoding");
			var length = headers.Joined("Content-Length");
			if (coding != null)
			{
				if (length != null || !coding.Trim().Equals("chunked", StringComparison.OrdinalIgnoreCase))
					throw new WireException(400, "a body of unclear length");
				return new BodyReader(wire, true, -1);
			}
			if (length == null)
				return untilClose ? new BodyReader(wire, false, -1) : null;
			long bytes;
			if (!long.TryParse(length, System.Globalization.NumberStyles.None,
				System.Globalization.CultureInfo.InvariantCulture, out bytes))
				throw new WireException(400, "a malformed Content-Length");
			return new BodyReader(wire, false, bytes);
		}

		/* 0 at the end of the body; throws when the peer ends early. */
		internal int Read(byte[] buffer, int offset, int count)
		{
			if (Ended || chunked && left == 0 && !NextChunk())
				return 0;
			var wanted = left < 0 ? count : (int)Math.Min(count, left);
			var got = wire.Read(buffer, offset, wanted);
			if (got == 0 && left >= 0)
				throw new WireException(400, "the peer closed inside a body");
			if (left < 0)
				Ended = got == 0;
			else
				left -= got;
			if (left == 0 && !chunked)
				Ended = true;
			if (left == 0 && chunked && wire.Holds)
				CloseChunk(); /* so that nothing is held that is not body */
			return got;
		}

		void CloseChunk()
		{
			if (chunkOpen && wire.ChunkLine() != "")
				throw new WireException(400, "a chunk of another length than it said");
			chunkOpen = false;
		}

		bool NextChunk()
		{
			CloseChunk();
			chunkOpen = true;
			var size = wire.ChunkLine().Split(';')[0].Trim();
			if (!long.TryParse(size, System.Globalization.NumberStyles.AllowHexSpecifier,
				System.Globalization.CultureInfo.InvariantCulture, out left) || left < 0)
				throw new WireException(400, "a malformed chunk");
			if (left > 0)
				return true;
			while (wire.ChunkLine() != "")
				continue; /* trailers are dropped */
			chunkOpen = false;
			Ended = true;
			return false;
		}

		/* Reads away what is left, up to a limit; false when there was more. */
		internal bool Drain(long limit)
		{
			var buffer = new byte[8192];
			while (!Ended && limit > 0)
				limit -= Math.Max(1, Read(buffer, 0, buffer.Length));
			return Ended;
		}
	}
}
