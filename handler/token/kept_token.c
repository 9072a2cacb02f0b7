#include "token/kept_token.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "token/scope_names.h"

#define CLOCK_SLACK_S 60

void kept_tokens_init(struct kept_tokens *all, size_t entries_max)
{
	lru_init(&all->lru, entries_max);
	all->minting = 0;
}

static void kept_free(struct lru_node *node)
{
	struct kept_token *kept = (struct kept_token *)node;

	secret_done(&kept->token);
	err_done(kept->failure);
	free(kept->failure);
	free(kept->granted);
	free(kept->scope);
	free(kept->claims);
	pthread_cond_destroy(&kept->settled);
	free(kept);
}

void kept_tokens_done(struct kept_tokens *all)
{
	lru_done(&all->lru, kept_free);
}

void kept_tokens_evict(struct kept_tokens *all)
{
	struct lru_node *node = all->lru.oldest;

	while (node && all->lru.count - all->minting > all->lru.entries_max) {
		struct lru_node *newer = node->newer;

		if (!((struct kept_token *)node)->minting)
			kept_forget(all, (struct kept_token *)node);
		node = newer;
	}
}

struct kept_token *kept_first(struct kept_tokens *all, const unsigned char *key)
{
	return (struct kept_token *)lru_find(&all->lru, key);
}

struct kept_token *kept_next(struct kept_token *kept)
{
	return (struct kept_token *)lru_find_next(&kept->node);
}

struct kept_token *kept_find(
	struct kept_tokens *all, const unsigned char *key, const struct secret *token)
{
	struct kept_token *kept = kept_first(all, key);

	while (kept && !kept_holds(kept, token))
		kept = kept_next(kept);
	return kept;
}

struct kept_token *kept_add(struct kept_tokens *all, const struct token_wish *wish)
{
	struct kept_token *kept = xcalloc(1, sizeof(*kept));

	memcpy(kept->node.key, wish->key, SHA256_SIZE);
	kept->scope = xstrdup_if(wish->scope);
	kept->claims = xstrdup_if(wish->claims);
	kept->received_s = wish->now_s;
	kept->minting = true;
	kept->in_table = true;
	pthread_cond_init(&kept->settled, NULL);
	lru_add(&all->lru, &kept->node);
	all->minting++;
	return kept;
}

void kept_hold_token(struct kept_token *kept, struct minted *minted)
{
	secret_done(&kept->token);
	free(kept->granted);
	kept->token = minted->token;
	kept->granted = minted->granted;
	kept->expires_s = minted->expires_s;
	kept->refresh_s = minted->refresh_s;
}

void kept_hold_failure(struct kept_token *kept, struct err *err, int64_t until_s)
{
	kept->failure = xcalloc(1, sizeof(*kept->failure));
	err_move(err, kept->failure);
	kept->expires_s = until_s;
}

void kept_unlist(struct kept_tokens *all, struct kept_token *kept)
{
	lru_remove(&all->lru, &kept->node);
	kept->in_table = false;
}

void kept_forget(struct kept_tokens *all, struct kept_token *kept)
{
	kept_unlist(all, kept);
	if (!kept->holders)
		kept_free(&kept->node);
}

void kept_release(struct kept_token *kept)
{
	if (--kept->holders == 0 && !kept->in_table)
		kept_free(&kept->node);
}

bool kept_has_token(const struct kept_token *kept)
{
	return !kept->minting && !kept->failure;
}

bool kept_holds(const struct kept_token *kept, const struct secret *token)
{
	return kept_has_token(kept) && kept->token.len == token->len &&
	       !memcmp(kept->token.data, token->data, token->len);
}

bool kept_is_for(const struct kept_token *kept, const char *scope)
{
	return kept->scope == scope || (scope && text_is(kept->scope, scope));
}

bool kept_grants(const struct kept_token *kept, const char *scope)
{
	return scope && scope_names_hold(kept->granted, scope);
}

bool kept_fits_claims(const struct kept_token *kept, const struct token_wish *wish)
{
	return !wish->claims || text_is(kept->claims, wish->claims);
}

/* What is from a time that has not come is of a clock that was set back: nothing it says of times
 * holds.  Callers' own readings of the time differ by less than CLOCK_SLACK_S. */
bool kept_is_live(const struct kept_token *kept, int64_t now_s)
{
	return kept->expires_s > now_s && kept->received_s <= now_s + CLOCK_SLACK_S;
}
