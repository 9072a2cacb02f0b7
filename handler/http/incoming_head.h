/* A request's head, as civetweb has cut it up, as the request that handlers know.  Part of
 * http/incoming.
 */
#ifndef HTTP_INCOMING_HEAD_H
#define HTTP_INCOMING_HEAD_H

#include "http/incoming.h"

/* Fills in all but the body.  Cuts the query off the target, where civetweb has not done so. */
void incoming_head(struct request *request, const struct mg_request_info *info);
/* Puts the target together again, for whoever reads the same head later. */
void incoming_head_again(struct request *request);

#endif
