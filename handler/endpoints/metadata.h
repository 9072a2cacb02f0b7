/* The documents that tell an OAuth client where to get a token for /mcp: protected resource
 * metadata (RFC 9728) and, where they sign in here, authorization server metadata
 * (door/documents.h). Both come from the settings alone, never from a request, and are printed
 * once.
 */
#ifndef ENDPOINTS_METADATA_H
#define ENDPOINTS_METADATA_H

#include "base/config.h"
#include "door/door.h"

struct metadata {
	char *resource_url; /* of the protected resource metadata, for challenges */
	char *scope;        /* to ask for, fully qualified, where the resource is /mcp */
	char *api_scope;    /* the same scope by the API's own id, for other clients */
	char *resource;     /* the documents, JSON */
	const char *server; /* the door's; NULL: there is none */
};

/* Only with complete settings.  door, which must outlive it, is NULL where clients sign in at Entra
 * itself.  Never NULL. */
struct metadata *metadata_new(const struct config *config, const struct door *door);
void metadata_free(struct metadata *metadata);

#endif
