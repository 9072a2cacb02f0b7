/* POST /oauth/token (RFC 6749 §4.1.3, §6): a client's request for tokens, made into one that Entra
 * grants. */
#ifndef DOOR_TOKEN_REQUEST_H
#define DOOR_TOKEN_REQUEST_H

#include "door/client_id.h"
#include "door/door.h"
#include "http/message.h"

struct token_request {
	enum client_kind client;
	const char *grant; /* a constant; NULL: not known yet */
	struct buf form;   /* to be sent to Entra */
};

/* From a form, or a form and HTTP Basic; a refresh with the claims of claims_gather.  What is not
 * of the grant is left out; so are secrets and assertions of the public client, which Entra would
 * refuse, the code being used up then. ERR_UNSUPPORTED_MEDIA_TYPE, ERR_BAD_REQUEST,
 * ERR_BODY_TOO_LARGE, ERR_UNSUPPORTED_GRANT_TYPE, ERR_INVALID_CLIENT, ERR_INVALID_REDIRECT_URI,
 * ERR_INVALID_TARGET.  Ended with token_request_done either way. */
bool token_request_read(const struct door *door, const struct request *request,
	struct token_request *ret, struct err *err);
/* Wipes what it held. */
void token_request_done(struct token_request *request);

#endif
