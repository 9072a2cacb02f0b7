/* The protocol core from inside: what its files share.  Not for other folders. */
#ifndef MCP_CORE_H
#define MCP_CORE_H

#include "mcp/mcp.h"
#include "mcp/param_headers.h"
#include "mcp/rpc.h"
#include "mcp/schema.h"

/* Names of the modern era's _meta members (MCP 2026-07-28, "General fields: _meta"). */
#define META_VERSION "io.modelcontextprotocol/protocolVersion"
#define META_CAPABILITIES "io.modelcontextprotocol/clientCapabilities"
#define META_LOG_LEVEL "io.modelcontextprotocol/logLevel"
#define META_SERVER_INFO "io.modelcontextprotocol/serverInfo"

/* Newest first; the first is the modern one, which initialize does not give. */
#define MCP_VERSION_COUNT 5
extern const char *const mcp_versions[MCP_VERSION_COUNT];
#define MCP_VERSION_BATCHES "2025-03-26" /* the one with batches; assumed without a header */

/* A tool, made ready. */
struct entry {
	const struct tool *tool;
	struct schema *input;
	struct param_headers params;
};

struct mcp_server {
	struct mcp_options options;
	struct entry *entries; /* sorted by name */
	/* printed objects; those of initialize in mcp_versions' order */
	char *initialize[MCP_VERSION_COUNT];
	char *discover;
	char *list_modern;
	char *list_legacy; /* and REST's */
	char *result_meta; /* of every modern result */
};

/* One request being answered. */
struct turn {
	const struct mcp_server *server;
	const struct mcp_message *message;
	const struct rpc_message *rpc;
	bool modern;
	bool in_batch;
	struct mcp_reply *reply;
};

/* mcp_answer for a message that rpc_read has looked at (good or bad). */
void mcp_answer_read(const struct mcp_server *server, const struct mcp_message *message,
	const struct rpc_message *rpc, struct mcp_reply *ret);

/* Print every fixed result / release them.  fixed.c */
void fixed_print(struct mcp_server *server);
void fixed_done(struct mcp_server *server);

/* Makes a tool ready; asserts on a mistake in it.  entry.c */
void entry_init(struct entry *entry, const struct tool *tool);
void entry_done(struct entry *entry);
const struct entry *entry_find(const struct mcp_server *server, const char *name);

/* Whether a version is one of the count versions from mcp_versions[first] on.  era.c */
bool era_version_known(struct json_span version, size_t first);
/* params._meta, or NULL. */
const cJSON *era_meta(const struct rpc_message *rpc);
/* Whether the message names a version in _meta, which only the modern era does. */
bool era_claims_modern(const struct rpc_message *rpc);
/* Whether a request is to be answered in the modern era. */
bool era_is_modern(const struct mcp_message *message, const struct rpc_message *rpc);
enum era_header { ERA_HEADER_NONE, ERA_HEADER_LEGACY, ERA_HEADER_MODERN, ERA_HEADER_UNKNOWN };
/* Which era the MCP-Protocol-Version header names; copies that differ name none that is known.
 * *ret: its value. */
enum era_header era_header(const struct mcp_message *message, struct json_span *ret);

/* Answer a request of that era.  modern.c, legacy.c */
void modern_answer(struct turn *turn);
void legacy_answer(struct turn *turn);

/* The two methods both eras have; list is the era's printed result.  call.c */
void answer_list(struct turn *turn, const char *list);
void answer_call(struct turn *turn);
/* The tool that params.name names, or NULL. */
const struct entry *call_entry(const struct turn *turn);

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
/* -32022: which versions there are, and which one was asked for. */
void turn_unsupported(struct turn *turn, struct json_span requested);

/* Ends the turn with what the runner failed with.  failure.c */
void turn_failed(struct turn *turn, const struct err *err);

#endif
