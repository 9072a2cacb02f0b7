/* The answer to an error: status, JSON body, WWW-Authenticate, Retry-After.  The status is the
 * code's, but 403 for a claims challenge at /mcp whose claims go in the scope (door/claims.h). */
#ifndef ENDPOINTS_ANSWER_ERROR_H
#define ENDPOINTS_ANSWER_ERROR_H

#include "endpoints/http_exchange.h"

void answer_error(struct http_exchange *exchange, const struct err *err);

#endif
