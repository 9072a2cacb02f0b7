/* The Model Context Protocol, server side, tools only: one message in, one answer out.
 *
 * Speaks both eras on one door, told apart per message: the modern one (2026-07-28: no handshake,
 * version and capabilities in each request's _meta, mirrored in HTTP headers) and the legacy one
 * (2024-11-05 to 2025-11-25: initialize, batches in 2025-03-26).  Keeps no state between messages
 * and does no I/O; who is calling is the transport's and the runner's matter.  What is answered
 * with an HTTP status before a message is read (path, Origin, token, method, content type, size)
 * is not done here.
 */
#ifndef MCP_MCP_SERVER_H
#define MCP_MCP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/json.h"
#include "http/message.h"
#include "mcp/tool_call.h"

#define MCP_VERSION_MODERN "2026-07-28"
#define MCP_VERSION_LEGACY "2025-11-25" /* the latest of that era */
#define MCP_VERSION_COUNT 5             /* with the older ones */
#define MCP_BATCH_MAX 32                /* messages, answered one after the other */
/* A batch that took this long is answered without running what is left of it: each call may take
 * some seconds, and the platform ends requests that take minutes, or the process. */
#define MCP_BATCH_MS 60000

struct mcp_server;
struct rpc_message;

/* All of it must outlive the server, but for the array of the tools. */
struct mcp_options {
	const char *name;
	const char *title;
	const char *version;
	const char *instructions; /* short; how the tools go together */
	const struct tool *const *tools;
	size_t tool_count;
	tool_runner run;
	void *context; /* the runner's */
};

/* Sorts the tools by name, compiles their schemas and prints every fixed answer.  Asserts on a
 * mistake in our own tools. */
struct mcp_server *mcp_new(const struct mcp_options *options);
void mcp_free(struct mcp_server *server);

/* {"tools":[...]}: the list as REST gives it.  Lives as long as the server. */
const char *mcp_tools_text(const struct mcp_server *server, size_t *ret_len);

/* What a tool's arguments are checked by, here and elsewhere.  Lives as long as the server. */
const struct schema *mcp_input_schema(const struct mcp_server *server, const struct tool *tool);

/* Asks the person in front of a client of the legacy era, and waits for the answer. */
struct mcp_asker {
	enum person_answer (*ask)(const struct mcp_asker *asker, const char *text);
};

struct mcp_message {
	const char *text; /* untrusted; bounded by the transport */
	size_t len;
	const struct request *http;    /* for its headers; NULL: stdio, where none are checked */
	void *transport;               /* handed to the runner as it is */
	const char *request_id;        /* ours, for the client to quote; NULL: none is told */
	const struct mcp_asker *asker; /* NULL: in the legacy era nobody can be asked */
};

struct mcp_reply {
	/* HTTP: 200, 202 (no body), 400 or 404.  On stdio only whether there is a body counts. */
	int status;
	char *body; /* application/json in one line; NULL: none */
	size_t body_len;
	bool refused;     /* HTTP itself must answer err; status and body are unset */
	int code;         /* the JSON-RPC error's; 0: none */
	char method[48];  /* for the log: printable ASCII; "" none */
	const char *tool; /* the tool called, a constant; NULL: none that exists */
	const char *era;  /* "modern" or "legacy"; NULL: not told, as for a notification */
	struct err err;   /* ERR_NONE, or why this is an error or holds a failed call */
};

/* Answers one message or legacy batch; always fills *ret, to be released with mcp_reply_done.
 *
 * A runner's failure becomes a result with isError: a sentence for the model (err_message) and a
 * text block {"error":{code,status,message,requestId,retryAfterSeconds?,consentUrl?}}.  Two
 * exceptions: over HTTP and outside a batch, an error whose status is 401, ERR_INSUFFICIENT_SCOPE
 * and ERR_INVALID_REQUEST are `refused`, since clients begin to sign in on the HTTP status; and
 * ERR_CONSENT_REQUIRED with a consent page asks a modern client that can to send its user
 * there (once: not when the request already brings an answer).  A runner's question is put to the
 * person: in the modern era by an answer that the client repeats its request on, in the legacy one
 * by the message's asker.  Any thread. */
void mcp_answer(
	const struct mcp_server *server, const struct mcp_message *message, struct mcp_reply *ret);
/* The same for a message that rpc_read has looked at, good or bad. */
void mcp_answer_read(const struct mcp_server *server, const struct mcp_message *message,
	const struct rpc_message *rpc, struct mcp_reply *ret);
void mcp_reply_done(struct mcp_reply *reply);

#endif
