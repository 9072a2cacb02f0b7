/* One request on its way: what it needs of libcurl, and what came back.  The client's own. */
#ifndef HTTP_TRANSFER_H
#define HTTP_TRANSFER_H

#include <curl/curl.h>
#include <semaphore.h>

#include "http/client.h"

struct transfer {
	CURL *easy;
	struct http_reply reply;
	size_t body_max;
	CURLcode result;
	int64_t start_ms, end_ms; /* when it began, and when its time is over */
	int local_port;           /* of the connection it was sent on; 0: not sent yet */
	bool tls;
	sem_t finished; /* posted last of all: result and reply are the caller's again */
	struct transfer *next, **at; /* what points to this one, while it runs */
};

/* Readies a fresh or reset easy handle for the call.  ca_file must outlive the transfer; the
 * headers are in *ret_headers, to be freed with transfer_free_headers once it has ended. */
void transfer_prepare(struct transfer *transfer, const struct http_call *call, const char *ca_file,
	struct curl_slist **ret_headers);
/* Wipes them too: one may be a token. */
void transfer_free_headers(struct curl_slist *headers);

/* A kept connection that its server had given up, seen before a byte of the answer.  libcurl itself
 * repeats only over HTTP/1.1. */
bool transfer_died_idle(const struct transfer *transfer);

#endif
