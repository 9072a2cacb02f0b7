/* One connection to the fake upstream: TLS or plain, HTTP/2 or HTTP/1.1. */
#ifndef UPSTREAM_PEER_H
#define UPSTREAM_PEER_H

#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#include "service.h"

#define STREAMS_MAX 100 /* at once on one connection, as large services allow */
#define BODY_BYTES_MAX 65536

struct bytes {
	char *data;
	size_t size, room, sent;
};

struct peer;

/* Called with each whole question; stream says where the answer belongs. */
typedef void (*on_question)(struct peer *peer, int32_t stream, const struct question *question);

struct peer {
	int fd;
	enum listener listener;
	uint64_t serial; /* never used again: tells this one from a later one with its fd */
	SSL *ssl;        /* NULL: plain */
	bool shaken;
	bool wants_write;    /* as epoll knows it */
	bool gone;           /* to be closed */
	nghttp2_session *h2; /* NULL: HTTP/1.1, or not known yet */
	struct bytes in;     /* HTTP/1.1 */
	struct bytes out;
	on_question asked;
	void *context;
};

void bytes_add(struct bytes *bytes, const char *data, size_t size);

/* Reads and answers what there is; then peer->gone may be set. */
void peer_read(struct peer *peer);
/* Queues an answer; peer_flush sends it. */
void peer_reply(struct peer *peer, int32_t stream, const struct reply *reply);
/* Sends what is queued, as far as it goes.  Returns whether something is left. */
bool peer_flush(struct peer *peer);
/* Closes. */
void peer_done(struct peer *peer);

/* HTTP/2's part and HTTP/1.1's: false ends the connection. */
bool h2_start(struct peer *peer);
bool h2_receive(struct peer *peer, const char *data, size_t size);
bool h2_collect(struct peer *peer); /* nghttp2's frames into out */
void h2_reply(struct peer *peer, int32_t stream, const struct reply *reply);
bool h1_receive(struct peer *peer, const char *data, size_t size);
void h1_reply(struct peer *peer, const struct reply *reply);

#endif
