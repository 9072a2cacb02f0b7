/* MCP's stdio transport: one JSON-RPC message a line in, one a line out, nothing else on the
 * output.  (MCP 2026-07-28, "Transports", stdio.)
 */
#ifndef MCP_STDIO_H
#define MCP_STDIO_H

#include <stddef.h>

#include "mcp/mcp_server.h"

struct mcp_stdio_options {
	size_t line_max; /* bytes of a message; a longer one is answered -32600 and skipped */
	/* Once the input has ended the calls taken are waited for, as long as one of them ends
	 * within this time: more than the deadline of any. */
	int drain_ms;
	int ask_ms;  /* a person's answer is waited for */
	int wake_fd; /* ends the loop once readable, such as for SIGTERM */
	/* Told once when calls are abandoned, so that they return soon; on the loop's thread. */
	void (*cancel)(void *context);
	void *context; /* of cancel */
};

/* Serves until the input ends and what it held is answered, wake_fd is readable or the output
 * breaks; then drops what waits, abandons what runs and returns once its threads have ended.  0, or
 * -1 when the input or the output failed or calls were dropped; the log says how many.  Messages
 * other than tools/call are answered at once, in order; calls as they finish.
 * notifications/cancelled drops the answer to that id.  A call that asks the person waits for the
 * client's answer, ask_ms at most and no longer than there is input.  Eight calls run at once and
 * 32 more may wait before reading pauses; a batch is one call.  The process must ignore SIGPIPE. */
int mcp_stdio_run(const struct mcp_server *server, int in_fd, int out_fd,
	const struct mcp_stdio_options *options);

#endif
