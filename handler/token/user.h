/* The user on whose behalf a call is made, as their token tells; who checks it is caller.h. */
#ifndef TOKEN_USER_H
#define TOKEN_USER_H

#include <stdint.h>

#include "base/secret.h"

enum caller_kind {
	CALLER_ANONYMOUS,
	CALLER_USER,  /* a token for this API, fully checked */
	CALLER_GRAPH, /* a Graph token the gateway exchanged: unchecked, only good for passing on */
};

struct caller {
	enum caller_kind kind;
	struct secret token;
	/* CALLER_USER only; the user is tenant_id with object_id, never a name */
	char *tenant_id;
	char *object_id;
	char *name;      /* may be NULL */
	char *username;  /* may be NULL */
	char *scopes;    /* space-separated */
	char *client_id; /* of the calling application */
	int64_t expires_s;
};

/* Copies all but the token. */
void caller_copy(const struct caller *caller, struct caller *ret);
void caller_done(struct caller *caller);

#endif
