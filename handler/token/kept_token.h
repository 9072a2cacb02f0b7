/* What the token cache keeps: one for a key and a scope, found by the key, least recently used out
 * first.
 *
 * Each is being minted, or holds a token, or holds a failure.  One that left the table lives on
 * until the last thread that looks at it has let go.  Whoever uses these holds the table's lock.
 */
#ifndef TOKEN_KEPT_TOKEN_H
#define TOKEN_KEPT_TOKEN_H

#include <pthread.h>

#include "base/lru.h"
#include "token/token_cache.h"

struct kept_token {
	struct lru_node node; /* first: a node is its kept token */
	/* These two never change: whoever holds it reads them without the lock. */
	char *scope;         /* it is minted for */
	char *claims;        /* it is minted with; NULL: none */
	struct secret token; /* none while there never was one */
	char *granted;       /* what the token is good for beside its scope; NULL: nothing */
	struct err *failure; /* NULL: none */
	int64_t expires_s;   /* of the token or of the failure */
	int64_t refresh_s;
	int64_t received_s; /* when it was minted */
	bool minting;
	int64_t left_ms; /* of the minter's time when it failed; else INT64_MAX */
	bool in_table;
	unsigned holders;
	pthread_cond_t settled;
};

struct kept_tokens {
	struct lru lru;
	size_t minting; /* of what is kept; they do not count towards the bound */
};

void kept_tokens_init(struct kept_tokens *all, size_t entries_max);
void kept_tokens_done(struct kept_tokens *all);
/* Back under the bound; what is being minted stays. */
void kept_tokens_evict(struct kept_tokens *all);

/* The key's, one after the other; NULL: no more. */
struct kept_token *kept_first(struct kept_tokens *all, const unsigned char *key);
struct kept_token *kept_next(struct kept_token *kept);
/* The key's that holds that very token. */
struct kept_token *kept_find(
	struct kept_tokens *all, const unsigned char *key, const struct secret *token);

/* A new one for the wish, being minted; the table has none for that key and scope. */
struct kept_token *kept_add(struct kept_tokens *all, const struct token_wish *wish);
/* It is being minted no more. */
void kept_hold_token(struct kept_token *kept, struct minted *minted);
void kept_hold_failure(struct kept_token *kept, struct err *err, int64_t until_s);

/* Takes it out of the table, for whoever holds it to release. */
void kept_unlist(struct kept_tokens *all, struct kept_token *kept);
/* The same for one that perhaps nobody holds. */
void kept_forget(struct kept_tokens *all, struct kept_token *kept);
/* The end of one hold (holders). */
void kept_release(struct kept_token *kept);

bool kept_has_token(const struct kept_token *kept);
/* Whether that very token is its. */
bool kept_holds(const struct kept_token *kept, const struct secret *token);
bool kept_is_for(const struct kept_token *kept, const char *scope);
/* Whether its token, got for another scope, is good for this one. */
bool kept_grants(const struct kept_token *kept, const char *scope);
bool kept_fits_claims(const struct kept_token *kept, const struct token_wish *wish);
bool kept_is_live(const struct kept_token *kept, int64_t now_s);

#endif
