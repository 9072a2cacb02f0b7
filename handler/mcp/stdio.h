/* MCP's stdio transport: one JSON-RPC message a line in, one a line out, nothing else on the
 * output.  (MCP 2026-07-28, "Transports", stdio.)
 */
#ifndef MCP_STDIO_H
#define MCP_STDIO_H

#include <stddef.h>
#include <stdint.h>

#include "mcp/mcp.h"

/* Zeroes stand for the values in brackets. */
struct mcp_stdio_options {
	size_t line_max; /* bytes of a message [1 MiB]; a longer one is answered -32600 and skipped
			  */
	int threads;     /* calls run at once [8]; 32 more may wait before reading pauses */
	/* Once the input has ended the calls taken are waited for, as long as one of them ends
	 * within this time [0]: more than the deadline of any. */
	int drain_ms;
	int wake_fd;     /* ends the loop once readable, such as for SIGTERM [0: none] */
	void *transport; /* handed to the runner */
	/* Told once when calls are abandoned, so that they return soon.  NULL: they are waited
	 * for.  Called on the loop's thread. */
	void (*cancel)(void *context);
	/* Told of every message answered or dropped, for the log; on the thread that did it, so on
	 * several at once.  NULL: nobody. */
	void (*done)(void *context, const struct mcp_reply *reply, int64_t duration_ms);
	void *context; /* of both */
};

/* Serves until the input ends and what it held is answered, wake_fd is readable or the output
 * breaks; then drops what waits, abandons what runs and returns once its threads have ended.  0, or
 * -1 when the input or the output failed or calls were dropped; the log says how many.  Messages
 * other than tools/call are answered at once, in order; calls as they finish.
 * notifications/cancelled drops the answer to that id.  A batch runs as one call.  The process must
 * ignore SIGPIPE. */
int mcp_stdio_run(const struct mcp_server *server, int in_fd, int out_fd,
	const struct mcp_stdio_options *options);

#endif
