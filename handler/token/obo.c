#include "token/obo.h"

#include <string.h>

#include "base/clock.h"

struct mint_context {
	struct obo *obo;
	const struct caller *caller;
	const char *correlation_id;
};

/* Everything that decides which token comes back.  The assertion itself is not kept. */
static void write_key(
	const struct obo *obo, const struct caller *caller, unsigned char key[SHA256_SIZE])
{
	const struct config *config = obo->entra->config;
	const char *parts[] = {
		caller->tenant_id, config->client_id, config->graph_scope, caller->token.data};
	struct sha256 *sha = sha256_new();

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		sha256_add(sha, parts[i], strlen(parts[i]) + 1); /* the NUL parts them */
	sha256_end(sha, key);
}

/* Not served in the last 300 s of its life, or in the last tenth of a short one, so that it is
 * still good when Graph looks at it. */
static int64_t margin_s(int64_t expires_in_s)
{
	return expires_in_s / 10 < 300 ? expires_in_s / 10 : 300;
}

static bool mint(void *context, struct minted *ret, struct err *err)
{
	const struct mint_context *mint = context;
	struct entra_request request = {.tenant_id = mint->caller->tenant_id,
		.assertion = mint->caller->token.data,
		.correlation_id = mint->correlation_id};
	struct entra_token token = {0};
	int64_t good_until_s;

	if (!entra_exchange(mint->obo->entra, &request, &token, err))
		return false;
	good_until_s = clock_unix_s() + token.expires_in_s - margin_s(token.expires_in_s);
	ret->token = token.token;
	ret->expires_s = good_until_s < mint->caller->expires_s ? good_until_s
								: mint->caller->expires_s;
	return true;
}

bool obo_token(struct obo *obo, const struct caller *caller, const char *correlation_id,
	struct secret *ret, bool *ret_hit, struct err *err)
{
	struct mint_context context = {obo, caller, correlation_id};
	unsigned char key[SHA256_SIZE];
	struct token_wish wish = {
		.key = key, .now_s = clock_unix_s(), .mint = mint, .context = &context};

	write_key(obo, caller, key);
	return token_cache_get(obo->cache, &wish, ret, ret_hit, err);
}

void obo_drop(struct obo *obo, const struct caller *caller, const struct secret *token)
{
	unsigned char key[SHA256_SIZE];

	write_key(obo, caller, key);
	token_cache_drop(obo->cache, key, token);
}
