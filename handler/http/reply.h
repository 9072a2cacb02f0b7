/* What a server answered to a request of ours, as http_send gives it. */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct http_reply {
	int status;
	struct buf head; /* header lines as received */
	struct buf body;
	bool cut;           /* the body passed body_max, or its head says that it would; what was
			       kept is of no use */
	int64_t connection; /* what brought it */
};

/* Wipes it too: the body may hold a token, the head an address that opens a file. */
void http_reply_done(struct http_reply *reply);

/* Copies the value of the index-th header of that name into out; false when there is none. */
bool http_reply_header(
	const struct http_reply *reply, const char *name, int index, struct buf *out);

#endif
