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
#include "endpoints/metadata.h"
#include "graph/source.h"
#include "http/message.h"
#include "http/trace.h"
#include "mcp/mcp.h"
#include "mcp/schema.h"
#include "mcp/tool.h"
#include "token/caller.h"
#include "token/user_token.h"

enum auth_need {
	AUTH_NONE,     /* the token is not looked at */
	AUTH_OPTIONAL, /* checked when there is one; the endpoint learns the outcome */
	AUTH_MCP,      /* as AUTH_USER; or where MCP_AUTH=optional, needed not but never wrong */
	AUTH_USER,     /* refused without a valid user's token */
};

#define ENDPOINTS_MAX 16

/* The parts every endpoint may use.  Built and taken down by main. */
struct service {
	const struct config *config;
	const struct caller_rules *rules; /* NULL until the settings are complete */
	struct entra *entra;              /* NULL likewise, as the tokens */
	struct token_cache *tokens;
	struct graph_source graph;
	struct mcp_server *mcp;
	struct schema *arguments[ENDPOINTS_MAX]; /* of each row's tool; NULL where it has none */
	struct metadata *metadata;               /* NULL until the settings are complete */
	struct user_token *user_token;           /* --stdio: whose token; else NULL */
	int64_t started_s;
	_Atomic(int64_t) requests[ENDPOINTS_MAX]; /* by row */
	_Atomic(int64_t) errors[ENDPOINTS_MAX];   /* of those, answered with a status >= 400 */
};

/* Of a struct err what is told about a caller that is not known.  (A call is cleared for each
 * request, so it holds no whole struct err.) */
struct stranger {
	enum err_code code; /* ERR_NONE: the caller is known */
	char message[320];
};

/* What the log says of an MCP request. */
struct mcp_note {
	char method[48];
	const char *tool;
	const char *era;
	int code;              /* the JSON-RPC error's; 0: none */
	enum err_code failure; /* of the call; ERR_NONE: none */
	char detail[320];
};

/* One request to one endpoint, or one call of its tool. */
struct call {
	struct service *service;
	const struct endpoint *endpoint; /* NULL: the path is none's */
	bool as_tool;                    /* called over MCP: no response, perhaps no request */
	struct deadline deadline;        /* for all that is waited for on its behalf */
	const struct request *request;   /* NULL over stdio */
	struct response *response;       /* NULL as a tool */
	const char *authorization;       /* the header's value, or what stands for it; NULL: none */
	const cJSON *arguments;          /* as the tool's schema allows; null: absent */
	cJSON *result;                   /* owned; the answer's JSON */
	cJSON *content;                  /* owned; as a tool: MCP content blocks besides it */
	struct caller caller;            /* as the row's auth_need asks for */
	struct stranger stranger;        /* AUTH_OPTIONAL: why the caller is not known */
	char request_id[129];            /* the client's when well-formed, else minted */
	char correlation_id[UUID_SIZE];  /* for Entra and Graph */
	const char *trace;               /* traceparent for what is called on; NULL: none */
	char trace_text[TRACE_SIZE];
	struct graph_call graph; /* for the log */
	struct mcp_note mcp;     /* for the log; of a request to /mcp */
};

struct endpoint {
	const char *name;    /* "me": folder, route, file, tool, log label */
	const char *methods; /* space-separated; HEAD and OPTIONS go without saying */
	enum auth_need auth;
	bool accepts_graph_token; /* one the gateway exchanged, if ACCEPT_GRAPH_TOKENS */
	bool any_origin;          /* public: web pages of every origin may read it */
	const struct tool *tool;  /* how MCP sees it; NULL: not offered as a tool */
	/* Over HTTP: the tool's arguments as the request has them, in *ret (NULL or null: {}),
	 * which are then checked by the tool's schema; NULL: there are none. */
	bool (*read)(struct call *call, cJSON **ret, struct err *err);
	/* Sets result, or over HTTP may fill response. */
	bool (*run)(struct call *call, struct err *err);
};

extern const struct endpoint endpoints[];
extern const size_t endpoint_count;

/* The row whose name is the path's first segment (the function's name, any case); NULL: none.
 * "/api/me" and "/me/" are "/me"; what is below "/.well-known/" is metadata's. */
const struct endpoint *endpoint_find(const char *path);

/* Prints what stays the same into the service; once, at start, with service->rules set or not. */
void endpoints_start(struct service *service);
void endpoints_stop(struct service *service);

/* The file of each: what it does is in the README's table and its tool's description. */
bool endpoint_hello(struct call *call, struct err *err);
bool endpoint_echo(struct call *call, struct err *err);
bool endpoint_tools(struct call *call, struct err *err);
bool endpoint_mcp(struct call *call, struct err *err);
bool endpoint_me(struct call *call, struct err *err);
bool endpoint_metadata(struct call *call, struct err *err);
bool endpoint_status(struct call *call, struct err *err);
bool hello_read(struct call *call, cJSON **ret, struct err *err);
bool me_read(struct call *call, cJSON **ret, struct err *err);
bool status_read(struct call *call, cJSON **ret, struct err *err);
extern const struct tool tool_hello, tool_echo, tool_tools, tool_me, tool_status;

#endif
