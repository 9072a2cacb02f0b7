/* What Entra answered to a request for tokens, made into what clients know what to do with. */
#ifndef DOOR_TOKEN_ANSWER_H
#define DOOR_TOKEN_ANSWER_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "http/reply.h"

struct token_answer {
	int status;
	struct buf body; /* JSON */
	/* For the log; all that may stand there. */
	int64_t number;    /* of the AADSTS error; 0: none */
	char trace_id[64]; /* Entra's; "": none */
};

/* Entra's status and JSON as they are, but that an id token is left out (its issuer is Entra, not
 * the one that the client knows) and that what only signing in anew helps against is invalid_grant,
 * upon which clients do.  ERR_THROTTLED, ERR_UPSTREAM_UNAVAILABLE, always with how long to wait,
 * where Entra is not well or it is no answer of a token endpoint.  Ended with token_answer_done
 * either way. */
bool token_answer_read(const struct http_reply *reply, struct token_answer *ret, struct err *err);
void token_answer_done(struct token_answer *answer);

#endif
