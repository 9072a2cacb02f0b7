/* A request for tokens, sent to Entra and answered. */
#ifndef DOOR_REDEEM_H
#define DOOR_REDEEM_H

#include "door/door.h"
#include "door/token_answer.h"

struct redeem_errand {
	const struct buf *form;
	const char *correlation_id; /* GUID, sent as client-request-id */
	const char *trace;          /* traceparent to send on; "": none */
	struct deadline deadline;
};

/* Sends it once: a code counts but once, and a second sending of it is taken for a theft.  The
 * client's Origin is not sent on, as Entra has its own rules for pages.  Errors as
 * token_answer_read has them; ERR_UPSTREAM_*.  Ended with token_answer_done either way. */
bool redeem(const struct door *door, const struct redeem_errand *errand, struct token_answer *ret,
	struct err *err);

#endif
