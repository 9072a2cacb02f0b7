/* A message, or one of a batch, being answered: what it is answered from, and the ends that it can
 * have. */
#ifndef MCP_TURN_H
#define MCP_TURN_H

#include "base/buf.h"
#include "base/question.h"
#include "mcp/mcp_server.h"
#include "mcp/rpc.h"
#include "mcp/tool_list.h"

/* Of the modern era's _meta (MCP 2026-07-28, "General fields: _meta"). */
#define META_CAPABILITIES "io.modelcontextprotocol/clientCapabilities"

/* Made at start, only read from then on. */
struct mcp_server {
	struct mcp_options options;
	struct tool_list tools;
	/* printed objects; those of initialize in the order of the versions */
	char *initialize[MCP_VERSION_COUNT];
	char *discover;
	char *list_modern;
	char *list_legacy; /* and REST's */
	char *result_meta; /* of every modern result */
};

struct turn {
	const struct mcp_server *server;
	const struct mcp_message *message;
	const struct rpc_message *rpc;
	bool modern;
	bool in_batch;
	struct mcp_reply *reply;
};

/* What a modern client says it can do: an object; NULL: nothing. */
const cJSON *turn_capabilities(const struct turn *turn);

/* A result's beginning, behind which come its members, and its end, which takes *out over and ends
 * the turn: what only the modern era has in every result is written here.  Text, and no tree that
 * is printed at the end: with one a call of echo takes a third more instructions (37,200 for
 * 28,000). turn.c */
enum result_type { RESULT_COMPLETE, RESULT_INPUT_REQUIRED };
void turn_open(const struct turn *turn, enum result_type type, struct buf *out);
void turn_close(struct turn *turn, struct buf *out);
/* Adds a text block to the content that stands at the end of out. */
void turn_add_text(struct buf *out, const char *text);
/* End the turn with the members of a printed object, or with an error (message is public; data may
 * be NULL and is taken over). */
void turn_result(struct turn *turn, const char *object);
void turn_error(struct turn *turn, int status, int code, const char *message, cJSON *data);
/* Of the modern era: who can be asked, and what the request brings of an earlier question; and the
 * end of a turn with one.  MCP 2026-07-28, "Multi round-trip requests". */
struct person turn_person(const struct turn *turn);
void turn_ask(struct turn *turn, const struct question *question);
/* Ends the turn with what the runner failed with: see mcp_answer. */
void turn_failed(struct turn *turn, const struct err *err);

#endif
