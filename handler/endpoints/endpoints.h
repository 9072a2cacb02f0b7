/* The endpoints: a file of its name, its declarations here and a row in table.c each.
 * docs/endpoint.md has the steps to a new one.
 */
#ifndef ENDPOINTS_ENDPOINTS_H
#define ENDPOINTS_ENDPOINTS_H

#include "endpoints/call.h"
#include "endpoints/http_exchange.h"

/* The table, for main to give to the service: nobody else looks here for a row. */
extern const struct endpoint endpoints[];
extern const size_t endpoint_count;

/* What the rows of Graph tools have in common; each has its name and tools beside. */
extern const struct endpoint graph_tool_row;

bool endpoint_hello(struct call *call, struct err *err);
bool endpoint_echo(struct call *call, struct err *err);
bool endpoint_tools(struct call *call, struct err *err);
bool endpoint_me(struct call *call, struct err *err);
bool endpoint_status(struct call *call, struct err *err);
extern const struct tool tool_hello, tool_echo, tool_tools, tool_me, tool_status;

/* Over HTTP. */
bool hello_read(struct http_exchange *exchange, cJSON **ret, struct err *err);
bool me_read(struct http_exchange *exchange, cJSON **ret, struct err *err);
bool status_read(struct http_exchange *exchange, cJSON **ret, struct err *err);
bool status_spared(const struct http_exchange *exchange);
bool mcp_spared(const struct http_exchange *exchange);
bool echo_raw(struct http_exchange *exchange, struct err *err);
bool endpoint_mcp(struct http_exchange *exchange, struct err *err);
bool endpoint_metadata(struct http_exchange *exchange, struct err *err);
bool endpoint_oauth(struct http_exchange *exchange, struct err *err);
void oauth_refuse(struct http_exchange *exchange, const struct err *err);

/* As a tool. */
void me_to_blocks(struct outcome *outcome);

/* Calls a tool's row: a tool_runner; context is a struct service, transport the struct
 * http_exchange that the message came in, or NULL over stdio. */
bool mcp_run_tool(
	void *context, const struct tool_call *asked, struct outcome *ret, struct err *err);

#endif
