/* Which of the clients that ask is signed in as which application of Entra's. */
#ifndef DOOR_CLIENT_ID_H
#define DOOR_CLIENT_ID_H

#include <stdbool.h>

#include "base/config.h"
#include "base/err.h"

#define CLIENT_ID_MAX 2048 /* of an address */

/* How a client names itself. */
enum client_kind {
	CLIENT_PUBLIC,  /* by MCP_CLIENT_ID, which it was told or was given by registration */
	CLIENT_CIMD,    /* by the address of its metadata document, in the place of that */
	CLIENT_ALLOWED, /* by an id of ALLOWED_CLIENT_IDS: an application of its own */
	CLIENT_KIND__COUNT
};

/* For the log: "public", "cimd", "allowed". */
extern const char *const client_kind_names[CLIENT_KIND__COUNT];

struct client_id {
	enum client_kind kind;
	const char *entra; /* the id as Entra knows it; lives as long as asked and the settings */
};

/* ERR_INVALID_CLIENT where it is none of them, or NULL.  The document is not fetched: which
 * addresses users may come back to is for the list and Entra's registration to say, not for it. */
bool client_id_read(
	const struct config *config, const char *asked, struct client_id *ret, struct err *err);

#endif
