/* POST /oauth/register (RFC 7591): every client is given the one public client's id, and its own
 * name and those of its redirect URIs that are acceptable back.  Nothing is kept of it. */
#ifndef DOOR_REGISTRATION_H
#define DOOR_REGISTRATION_H

#include "door/door.h"

/* The answer (201), JSON, for the client metadata in n bytes; the caller frees it.
 * ERR_INVALID_CLIENT_METADATA where they are none, ERR_INVALID_REDIRECT_URI where none of the
 * addresses is acceptable. */
bool registration_answer(
	const struct door *door, const char *metadata, size_t n, char **ret, struct err *err);

#endif
