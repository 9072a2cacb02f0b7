/* How many connections to a host over TLS there may be.  Without a limit a thousand callers that
 * come at once get a connection each, as soon as the first one's streams are all taken.  Over
 * HTTP/2 a hundred share one; a server that has only HTTP/1.1 is seen by its first answer, and gets
 * as many as there are callers.  For one thread. */
#ifndef HTTP_CONNECTIONS_H
#define HTTP_CONNECTIONS_H

#include <stdbool.h>

struct connections {
	long running; /* callers */
	enum {
		CONNECTIONS_NOT_SEEN,
		CONNECTIONS_SHARED,
		CONNECTIONS_NOT_SHARED
	} shared;     /* as the last answer had it */
	long needed;  /* to have a stream for every caller; 0: no limit */
	long spoiled; /* as many more, for those that take no new call but are not over yet */
	long limit;   /* the outcome; 0: none */
};

/* Works the limit out anew.  True when it has changed. */
bool connections_change(struct connections *connections);
/* So many callers have waited for a connection for some time, from one call of this to the next.  A
 * connection that refused a stream or said goodbye (GOAWAY) takes no new call, but counts for
 * libcurl until the last call on it is over; and a server may grant few streams. */
void connections_note_waiting(struct connections *connections, int waiting);

#endif
