/* The protocol's versions, in two eras: which one a message speaks, what a request of it must
 * bring, and what is answered to each of its methods (tools/call is tool_call's).
 *
 * The modern era (2026-07-28) has no handshake: version and capabilities are in each request's
 * _meta and mirrored in HTTP headers; what is wrong is told in the order: _meta, version, headers,
 * tool, log level.  The legacy one (2024-11-05 to 2025-11-25) is served without a session. */
#ifndef MCP_PROTOCOL_H
#define MCP_PROTOCOL_H

#include <stdbool.h>

struct mcp_message;
struct mcp_server;
struct rpc_message;
struct turn;

#define MCP_VERSION_BATCHES "2025-03-26" /* the one with batches; assumed without a header */

/* Print the results that never change, of a server whose tools are there / release them. */
void protocol_print(struct mcp_server *server);
void protocol_done(struct mcp_server *server);

/* Whether the message names a version in _meta, which only the modern era does. */
bool protocol_claims_modern(const struct rpc_message *rpc);

/* Whether a batch may come with these headers. */
bool protocol_has_batches(const struct mcp_message *message);

/* False, the turn ended with -32022, when the version header names one that nobody has. */
bool protocol_check_header(struct turn *turn);

/* Answers a request in its era. */
void protocol_answer(struct turn *turn);

#endif
