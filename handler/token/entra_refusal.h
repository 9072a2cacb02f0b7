/* What an answer of Microsoft Entra's other than success means to our caller. */
#ifndef TOKEN_ENTRA_REFUSAL_H
#define TOKEN_ENTRA_REFUSAL_H

#include "base/config.h"
#include "base/err.h"
#include "http/reply.h"
#include "token/entra.h"

/* Turns an answer other than success into our error: decided by HTTP status, then claims, then as
 * entra_table.h says; never by the description.  Always returns false. */
bool entra_refusal(const struct config *config, const struct entra_request *request,
	const struct http_reply *reply, struct err *err);

#endif
