/* A token cache with a token endpoint made by hand, for the tests of its rules.  Every mint gives a
 * token of its own, "token-1" onwards; the time is an argument of every call. */
#ifndef UNIT_MINTING_H
#define UNIT_MINTING_H

#include "support.h"
#include "threads.h"
#include "token/token_cache.h"

#define MINTING_BOUND 3

struct endpoint_double {
	int mints;
	int64_t expires_s; /* of the tokens given out from now on, as the next */
	int64_t refresh_s;
	const char *granted; /* beside the scope it is asked for; NULL: nothing */
	bool refuses;
	int retry_after_s;       /* of its refusals */
	int64_t hold_s;          /* of its refusals */
	int waiters_wanted;      /* a mint goes on once so many threads wait for it */
	void (*meanwhile)(void); /* runs within a mint, once; NULL: nothing */
};

extern struct token_cache *cache;
extern struct endpoint_double entra;
extern _Atomic(int) last_retry_after_s; /* that a refused caller was told */

/* A fresh cache of MINTING_BOUND entries, an endpoint whose tokens live for 100 s from NOW_S. */
int minting_set_up(void **state);
int minting_tear_down(void **state);
/* The same with another bound. */
void minting_restart(size_t entries_max);

bool minting_mint(const struct token_wish *wish, struct minted *ret, struct err *err);
/* All keys fall into one bucket, so that chains are walked. */
void minting_key(unsigned char ret[SHA256_SIZE], const char *who);

/* A call of the cache that need not hurry; NULL: none. */
struct minting_call {
	const char *who, *scope, *claims;
	int64_t now_s;
	token_mint mint; /* NULL: minting_mint */
};

/* The number of the token that the call gets; minus that of the refusal when refused.  Asserts
 * nothing, so that any thread may ask. */
int minting_call(const struct minting_call *call, enum token_source *ret_source);

/* The same for who, with no scope. */
int minting_get(const char *who, int64_t now_s, enum token_source *ret_source);
/* The same, wanted anew. */
int minting_get_anew(const char *who, int64_t now_s);
/* The same for a challenge's claims. */
int minting_get_with(const char *who, int64_t now_s, const char *claims);
/* Refreshes who's token with that text, with a pause of 60 s after a failure. */
void minting_refresh(const char *who, const char *text, int64_t now_s);
/* As Graph refuses who's token with that text. */
void minting_drop(const char *who, const char *text);
/* The same of one that was wanted for that scope. */
void minting_drop_for(const char *who, const char *scope, const char *text);

/* Runs so many threads at once (64 at most), each with an int of its own that is 0 at first, and
 * wants each to have made that number of it. */
void assert_each_of(int threads, void *(*run)(void *number), int number);

void assert_gets(const char *who, int64_t now_s, int number, enum token_source source);
void assert_refused(const char *who, int64_t now_s, int number);

#endif
