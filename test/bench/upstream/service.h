/* What the fake Entra and Graph answer, whatever carries it; and the counters. */
#ifndef UPSTREAM_SERVICE_H
#define UPSTREAM_SERVICE_H

#include <stddef.h>
#include <stdint.h>

enum listener {
	GRAPH,
	ENTRA,
	CONTROL, /* plain HTTP: /counters, /reset, /fail?user=N, /delay?graph=MS, /delay?entra=MS */
	LISTENER__COUNT,
};

struct question {
	enum listener listener;
	char method[8];
	char *path; /* owned */
	char *authorization;
	char *body;
	size_t body_size;
};

struct reply {
	int status;
	int delay_ms;
	char *body; /* owned */
};

struct service {
	char *metadata[2]; /* by version - 1 */
	char *jwks;
	long users;
	long *exchanges_of; /* by user */
	long failing_user;  /* Entra answers 503 to this one; -1: to nobody */
	long delays_ms[LISTENER__COUNT];
	long connections[LISTENER__COUNT];
	long exchanges, refused, graph_calls, graph_refused, key_fetches;
};

void service_init(
	struct service *service, const char *entra_url, const char *tenant_id, long users);
/* The answer to a question; the caller frees its body. */
struct reply service_answer(struct service *service, const struct question *question);
void question_done(struct question *question);

#endif
