/* The endpoints: one table, whose rows drive dispatch, method check, authentication, tool
 * discovery and logging.  A new endpoint is a folder with function.json, one file here and a row.
 */
#ifndef ENDPOINTS_ENDPOINTS_H
#define ENDPOINTS_ENDPOINTS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/config.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/json.h"
#include "graph/graph.h"
#include "http/message.h"
#include "mcp/tool.h"
#include "token/caller.h"

enum auth_need {
	AUTH_NONE,     /* the token is not looked at */
	AUTH_OPTIONAL, /* checked when there is one; the endpoint learns the outcome */
	AUTH_USER,     /* refused without a valid user's token */
};

#define ENDPOINTS_MAX 16

/* The parts every endpoint may use.  Built and taken down by main. */
struct service {
	const struct config *config;
	const struct caller_rules *rules; /* NULL until the settings are complete */
	struct entra *entra;              /* NULL likewise, and the two below */
	struct graph *graph;
	struct token_cache *tokens;
	char *tools_json; /* the answer of /tools */
	size_t tools_json_len;
	int64_t started_s;
	_Atomic(int64_t) requests[ENDPOINTS_MAX]; /* by row */
	_Atomic(int64_t) errors[ENDPOINTS_MAX];   /* of those, answered with a status >= 400 */
};

/* One request to one endpoint.  run() sets `result` (sent as JSON) or fills `response`. */
struct call {
	struct service *service;
	const struct request *request;
	struct response *response;
	cJSON *result;         /* owned; the answer's JSON */
	struct caller caller;  /* as the row's auth_need asks for */
	struct err caller_err; /* AUTH_OPTIONAL: why the caller is not known; ERR_NONE if known */
	char request_id[129];  /* the client's when well-formed, else minted */
	char correlation_id[UUID_SIZE]; /* for Entra and Graph */
	struct graph_call graph;        /* for the log */
};

struct endpoint {
	const char *name;    /* "me": folder, route, file, tool, log label */
	const char *methods; /* space-separated; HEAD and OPTIONS go without saying */
	enum auth_need auth;
	bool accepts_graph_token; /* one the gateway exchanged, if ACCEPT_GRAPH_TOKENS */
	const struct tool *tool;  /* how MCP sees it; NULL: not offered as a tool */
	bool (*run)(struct call *call, struct err *err);
};

extern const struct endpoint endpoints[];
extern const size_t endpoint_count;

/* The row whose name is the path's first segment (the function's name, any case); NULL: none.
 * "/api/me" and "/me/" are "/me". */
const struct endpoint *endpoint_find(const char *path);

/* Prints the tool list into the service; once, at start. */
void endpoints_start(struct service *service);
void endpoints_stop(struct service *service);

/* The file of each: what it does is in the README's table and its tool's description. */
bool endpoint_hello(struct call *call, struct err *err);
bool endpoint_echo(struct call *call, struct err *err);
bool endpoint_tools(struct call *call, struct err *err);
bool endpoint_me(struct call *call, struct err *err);
bool endpoint_status(struct call *call, struct err *err);
extern const struct tool tool_hello, tool_echo, tool_tools, tool_me, tool_status;

#endif
