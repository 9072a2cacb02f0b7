/* A protocol core with tools of every kind, and messages to put to it. */
#ifndef UNIT_MCP_BENCH_H
#define UNIT_MCP_BENCH_H

#include "mcp/mcp_server.h"
#include "support.h"

/* The _meta of a modern request, as a member; and headers for one. */
#define META_OF(version, capabilities)                                                             \
	"\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":" version                          \
	",\"io.modelcontextprotocol/clientCapabilities\":" capabilities "}"
#define META META_OF("\"2026-07-28\"", "{}")
#define REQUEST(id, method, params)                                                                \
	"{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"" method "\",\"params\":{" params "}}"
#define MODERN "MCP-Protocol-Version: 2026-07-28\n"
#define DISCOVER_HEADERS MODERN "Mcp-Method: server/discover\n"
#define LIST_HEADERS MODERN "Mcp-Method: tools/list\n"
#define CALL_HEADERS(name) MODERN "Mcp-Method: tools/call\nMcp-Name: " name "\n"
#define CALL(id, name, rest) REQUEST(id, "tools/call", "\"name\":\"" name "\"" rest)

#define SERVER_INFO "{\"name\":\"bench\",\"title\":\"Bench\",\"version\":\"1.2.3\"}"
#define RESULT_META "\"_meta\":{\"io.modelcontextprotocol/serverInfo\":" SERVER_INFO "}"

/* What the runner is to do and what it saw; the tools are ask, broken, echo, fail, image, noisy,
 * raw, region and sample. */
struct bench {
	struct mcp_server *server;
	struct mcp_reply reply;
	struct err failure; /* of the tool fail */
	int calls;          /* how many the runner saw, and the last one: */
	char tool[64];
	char arguments[512];
	char traceparent[64]; /* "" none */
	void *transport;
};

extern struct bench bench;

/* What a tool does that asks first: its question "Do it?" has the state "s-1", and agreed to it is
 * done. */
bool bench_ask(const struct tool_call *call, struct outcome *ret, struct err *err);

/* For each test. */
int bench_set_up(void **state);
int bench_tear_down(void **state);

/* Puts n bytes to the server.  headers: "Name: value\n" lines; NULL: stdio.  The answer is in
 * bench.reply until the next one. */
void bench_send(const char *headers, const char *text, size_t n);

/* The same with a text; checks status and body ("" none), which is bounded by `*` at its end when
 * it only begins so. */
void bench_expect(const char *headers, const char *text, int status, const char *body);

#endif
