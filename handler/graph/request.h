/* What is asked of Microsoft Graph: a description that graph_send carries out.  It holds nothing of
 * one call (whose token, which try, until when), so that what is always asked alike is a constant.
 */
#ifndef GRAPH_REQUEST_H
#define GRAPH_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/json_scan.h"
#include "http/message.h"
#include "token/caller.h"

#define GRAPH_REQUEST_HEADERS_MAX 4

struct graph_request {
	const char *method;
	const char *path;  /* below GRAPH_BASE_URL, encoded: "/v1.0/me" */
	const char *query; /* encoded, without the "?"; NULL: none */
	struct header headers[GRAPH_REQUEST_HEADERS_MAX]; /* beside those of every request; one
							     whose value is NULL is left out */
	const char *body;                                 /* NULL: none */
	const char *body_type;                            /* of the body */
	const char *scope; /* permissions that the token is got for, as the exchange names them;
			      NULL: GRAPH_SCOPE */
	bool once;         /* a write: not sent again where Graph may have done it already */
	size_t answer_max; /* bytes; a longer answer is an error */
	bool file;         /* the answer is no JSON but a file: its bytes, an answer that is cut
			      where they are too many, a 302 to where they are, or a 405, none */

	/* Of a $batch: the id of the part whose answer decides; NULL: the answer as a whole. */
	const char *part;
	/* Of a read about the caller: refuses an object that is not about them.  The deciding
	 * answer must be a 200 with an object then.  NULL: it is about anything. */
	bool (*check)(struct json_span object, const struct caller *caller, struct err *err);

	/* Sentences for the client, NULL: the usual ones. */
	const char *bad_request; /* what of theirs a 400 means; NULL: that it is our mistake */
	const char *not_found;   /* what a 404 means */
	const char *elsewhere;   /* what a 403 means, and a 404 too, of what is not the caller's own
				  */
};

#endif
