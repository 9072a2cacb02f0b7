/* The documents that tell an OAuth client where to get a token for /mcp: protected resource
 * metadata (RFC 9728) and, if the settings say so, authorization server metadata (RFC 8414).  Both
 * come from the settings alone, never from a request, and are printed once.
 */
#ifndef ENDPOINTS_METADATA_H
#define ENDPOINTS_METADATA_H

#include "base/config.h"

#define METADATA_PATH "/.well-known/"

struct metadata {
	char *resource_url; /* of the protected resource metadata, for challenges */
	char *scope;        /* to ask for, fully qualified, where the resource is /mcp */
	char *api_scope;    /* the same scope by the API's own id, for other clients */
	char *resource;     /* the documents, JSON */
	char *server;       /* NULL: not served */
};

/* Only with complete settings.  Never NULL. */
struct metadata *metadata_new(const struct config *config);
void metadata_free(struct metadata *metadata);

#endif
