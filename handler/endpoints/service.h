/* What a call may use: built by main, and but for the counters only read from then on. */
#ifndef ENDPOINTS_SERVICE_H
#define ENDPOINTS_SERVICE_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/admission.h"
#include "base/config.h"
#include "door/door.h"
#include "endpoints/endpoint.h"
#include "endpoints/graph_tools.h"
#include "endpoints/metadata.h"
#include "graph/source.h"
#include "mcp/mcp_server.h"
#include "mcp/schema.h"
#include "token/caller.h"
#include "token/user_token.h"

#define SERVICE_TOOLS "/tools/" /* below which the Graph tools are */

enum service_state {
	SERVICE_NOT_CONFIGURED, /* settings missing or wrong: nothing that needs a user works */
	SERVICE_ASKS_GRAPH,     /* a credential: users' tokens are exchanged for Graph's */
	SERVICE_ASKS_GATEWAY,   /* none, over stdio: the gateway is asked, with the user's token */
};

/* How a user is known; not before the settings are complete. */
struct sign_in {
	const struct caller_rules *rules;
	struct user_token *user_token; /* over stdio: whose calls they are */
	struct door *door;             /* where MCP_CLIENT_ID is set */
};

/* Who is asked on a user's behalf. */
struct upstreams {
	struct entra *entra; /* once the settings are complete */
	struct graph_source graph;
	struct token_cache *tokens; /* SERVICE_ASKS_GRAPH */
};

/* What belongs to a row while the program runs. */
struct row_state {
	const struct schema *arguments; /* of its tool; NULL where it has none */
	_Atomic(int64_t) requests;
	_Atomic(int64_t) errors; /* of those, answered with a status >= 400 */
};

struct service {
	const struct config *config;
	enum service_state state;
	const struct endpoint *table; /* the compiled one */
	size_t table_count;
	const struct graph_tools *graph_tools; /* read from files */
	struct endpoint *rows;                 /* of both, by name */
	size_t row_count;
	struct row_state *row_states; /* by row */
	char *instructions;
	struct sign_in sign_in;
	struct upstreams upstreams;
	struct metadata *metadata; /* once the settings are complete */
	struct mcp_server *mcp;
	struct admission *admission; /* of the calls over HTTP */
	int64_t started_ms;          /* by clock_mono_ms */
};

/* Prints what stays the same and compiles the schemas; once, with config, state, the table and the
 * Graph tools set.
 * A tool is called by way of run_tool, a tool_runner whose context is the service. */
void service_start(struct service *service, tool_runner run_tool);
void service_stop(struct service *service);

/* How many threads it can have work for at once: one for each call that is under way or waits, and
 * some for what needs no place and for who is turned away. */
int service_threads(const struct service *service);

/* The row whose path it is (any case, as the Functions host has it), or that has what is below such
 * a path; NULL: none.  "/api/me" and "/me/" are "/me". */
const struct endpoint *service_find(const struct service *service, const char *path);

/* The row of a tool that is among those listed. */
const struct endpoint *service_find_tool(const struct service *service, const struct tool *tool);

/* A row's own; the row is one of this service's. */
struct row_state *service_row(struct service *service, const struct endpoint *endpoint);

#endif
