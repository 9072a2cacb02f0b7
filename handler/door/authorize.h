/* GET /oauth/authorize (RFC 6749 §4.1.1, RFC 7636): a client's request for a code, made into one
 * that Entra grants. */
#ifndef DOOR_AUTHORIZE_H
#define DOOR_AUTHORIZE_H

#include "door/door.h"

#define LOCATION_MAX 16384 /* what header fields may have nearly everywhere */

/* Appends the address of Entra's page for the request with that query (percent-encoded, "" for
 * none), with the claims of claims_gather.  Nobody is sent anywhere else: every fault is an error,
 * never a redirect, as nobody has vouched for the address that an error would go to.
 * ERR_BAD_REQUEST, ERR_INVALID_CLIENT, ERR_INVALID_REDIRECT_URI, ERR_INVALID_TARGET,
 * ERR_UNSUPPORTED_RESPONSE_TYPE. */
bool authorize_location(
	const struct door *door, const char *query, struct buf *ret, struct err *err);

/* For an ERR_INVALID_REDIRECT_URI: appends the query's redirect URI, or nothing where it cannot be
 * one, and the command that would have it accepted from that client, or nothing where none could.
 */
void authorize_help(
	const struct door *door, const char *query, struct buf *ret_about, struct buf *ret_remedy);

#endif
