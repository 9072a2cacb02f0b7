/* One request on its way: what it needs of libcurl, and what came back.  The client's own. */
#ifndef HTTP_TRANSFER_H
#define HTTP_TRANSFER_H

#include <curl/curl.h>
#include <semaphore.h>

#include "http/client.h"
#include "http/socket.h"

struct transfer {
	CURL *easy;
	struct http_reply reply;
	size_t body_max;
	CURLcode result;
	int64_t end_ms;          /* when its time is over */
	bool tls, once;          /* of the fetch */
	bool waits;              /* had no connection when it was last looked at */
	bool nested;             /* its TLS may be within a proxy's */
	struct sockets *sockets; /* the driver's */
	int64_t socket;          /* its connection's id; 0: none yet */
	int64_t sent_ms;         /* when it was sent there */
	int sends;               /* how often it was sent, anywhere */
	enum {
		TRANSFER_SENT_NOT,
		TRANSFER_SENT,
		TRANSFER_MET_INPUT,  /* on its connection, before it was sent: so it was not */
		TRANSFER_NOT_RESENT, /* libcurl would have, with the fetch's `once` */
	} state;
	sem_t finished; /* posted last of all: result and reply are the caller's again */
	struct transfer *next, **at; /* what points to this one, while it runs */
};

/* Readies a fresh or reset easy handle for the fetch.  ca_file and transfer->sockets must outlive
 * the transfer; the headers are in *ret_headers, to be freed with transfer_free_headers once it has
 * ended. */
void transfer_prepare(struct transfer *transfer, const struct http_fetch *fetch,
	const char *ca_file, struct curl_slist **ret_headers);
/* Wipes them too: one may be a token. */
void transfer_free_headers(struct curl_slist *headers);

/* Whether it has no TLS connection yet, or had one and was refused there; false where it needs
 * none. On the driver. */
bool transfer_waits(const struct transfer *transfer);
/* Whether it may be sent again: nothing of it was, or its connection died, which showed before a
 * byte of the answer.  libcurl itself repeats over HTTP/1.1, and what was refused. */
bool transfer_may_repeat(const struct transfer *transfer);
/* What became of it, for the log. */
const char *transfer_outcome(const struct transfer *transfer);

#endif
