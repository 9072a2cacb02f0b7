/* An endpoint: a row of the table, which drives dispatch, method check, authentication, tool
 * discovery and logging. */
#ifndef ENDPOINTS_ENDPOINT_H
#define ENDPOINTS_ENDPOINT_H

#include <stdbool.h>

#include "base/err.h"
#include "base/json.h"
#include "mcp/outcome.h"
#include "mcp/tool.h"

struct call;
struct enabled_tool;
struct http_exchange;

enum auth_need {
	AUTH_NONE,     /* the token is not looked at */
	AUTH_OPTIONAL, /* checked when there is one; the endpoint learns the outcome */
	AUTH_MCP,      /* as AUTH_USER; or where MCP_AUTH=optional, needed not but never wrong */
	AUTH_USER,     /* refused without a valid user's token */
};

struct endpoint {
	const char *name;    /* "me": folder, route, file, tool, log label; of one table unlike */
	const char *methods; /* space-separated; HEAD and OPTIONS go without saying */
	enum auth_need auth;
	bool accepts_graph_token; /* over HTTP, one the gateway exchanged: ACCEPT_GRAPH_TOKENS */
	bool any_origin;          /* public: web pages of every origin may read it */
	const char *below;        /* the paths that are its own beside /name; NULL: none */
	const struct tool *tool;  /* how MCP sees it; NULL: not offered as a tool */
	/* the Graph tool that it is, whose path is /tools/NAME; NULL: none, at /NAME */
	const struct enabled_tool *graph;
	/* Over HTTP: the tool's arguments as the request has them, in *ret (NULL or null: {}),
	 * which are then checked by the tool's schema; NULL: there are none. */
	bool (*read)(struct http_exchange *exchange, cJSON **ret, struct err *err);
	/* Sets the call's outcome. */
	bool (*run)(struct call *call, struct err *err);
	/* Over HTTP, in the place of read and run: fills the response from the request, where they
	 * are no arguments and no JSON of ours.  NULL: read and run do. */
	bool (*raw)(struct http_exchange *exchange, struct err *err);
	/* Over HTTP: whether the request is answered however many others are under way; NULL: it is
	 * not.  For what never waits. */
	bool (*spared)(const struct http_exchange *exchange);
	/* Over HTTP: puts an error into the response, where its callers want it in another form
	 * than ours; NULL: answer_error() does. */
	void (*refuse)(struct http_exchange *exchange, const struct err *err);
	/* As a tool: takes out of the outcome's text what a model is better shown in a block of its
	 * own; NULL: nothing. */
	void (*to_blocks)(struct outcome *outcome);
};

#endif
