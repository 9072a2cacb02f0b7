/* The door before Entra: what MCP clients send to sign in, made into what Entra takes.  It keeps
 * nothing: no state, no cookie, no secret, no callback.  The browser goes to Entra with the
 * client's own state, challenge and redirect URI, and the code comes back to the client, not here.
 *
 * What stays the same, made once; read-only from then on, any thread.
 */
#ifndef DOOR_DOOR_H
#define DOOR_DOOR_H

#include "base/config.h"
#include "door/form.h"
#include "http/client.h"

struct door {
	const struct config *config;
	struct http_client *http;
	char *scope;         /* the one that this API's tokens need, as Entra knows it */
	char *asked_scope;   /* that, and refresh tokens */
	char *authorize_url; /* Entra's */
	char *token_url;
	char *redirects; /* redirect_list() */
	char *resource;  /* ours, url_normal(), without a slash at its end */
	char *metadata;  /* documents_server() */
};

/* For settings with MCP_CLIENT_ID.  Never NULL. */
struct door *door_new(const struct config *config, struct http_client *http);
void door_free(struct door *door);

/* Whether a resource (RFC 8707), NULL where none was named, is ours, however URL parsers write it
 * and a slash at its end or not: else ERR_INVALID_TARGET.  Entra is never sent one: next to a scope
 * it compares them byte for byte. */
bool door_is_resource(const struct door *door, const char *resource, struct err *err);

#endif
