#include "token/user_token.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/command.h"
#include "base/text.h"
#include "token/jwt.h"
#include "token/token_cache.h"

#define MARGIN_S 60
#define UNKNOWN_LIFE_S 300 /* of a token that does not say when it expires */

struct user_token {
	const struct config *config;
	struct token_cache *cache; /* its one token */
	int stop_fd;
};

struct user_token *user_token_new(const struct config *config)
{
	struct user_token *source = xcalloc(1, sizeof(*source));

	source->config = config;
	source->cache = token_cache_new(16);
	source->stop_fd = eventfd(0, EFD_CLOEXEC);
	return source;
}

void user_token_free(struct user_token *source)
{
	if (!source)
		return;
	token_cache_free(source->cache);
	close(source->stop_fd);
	free(source);
}

void user_token_stop(struct user_token *source)
{
	eventfd_write(source->stop_fd, 1);
}

static bool no_token(const struct config *config, struct err *err)
{
	return err_say(err, ERR_MISSING_TOKEN,
		"No access token. Set ACCESS_TOKEN_COMMAND (or ACCESS_TOKEN) to: az account "
		"get-access-token --tenant %s --scope api://%s/%s --query accessToken -o tsv",
		config->tenant_id, config->client_id, config->required_scope);
}

static int64_t served_until_s(const char *token, size_t n, int64_t now_s)
{
	int64_t expires_s = now_s + UNKNOWN_LIFE_S;
	autoerr(ignored);
	struct jwt jwt;

	if (jwt_parse(token, n, &jwt, &ignored)) {
		json_integer(jwt.claims, "exp", &expires_s);
		jwt_done(&jwt);
	}
	return token_served_until_s(now_s, expires_s, MARGIN_S);
}

/* The token in what the command printed: all of it, or a member of a JSON object.  *ret points into
 * printed or *ret_tree. */
static const char *find_token(struct buf *printed, cJSON **ret_tree)
{
	autoerr(ignored);

	while (printed->len && strchr(" \t\r\n", printed->data[printed->len - 1]))
		printed->data[--printed->len] = '\0';
	if (*buf_text(printed) != '{')
		return buf_text(printed);
	if (!json_parse(printed->data, printed->len, ret_tree, &ignored))
		return NULL;
	return json_string(*ret_tree, "accessToken");
}

/* A token_mint. */
static bool run_command(const struct token_wish *wish, struct minted *ret, struct err *err)
{
	struct user_token *source = wish->context;
	autofree_json cJSON *tree = NULL;
	const char *token = NULL;
	autoerr(failure);
	struct buf printed;

	buf_init(&printed);
	if (command_run(source->config->access_token_command,
		    deadline_within(wish->deadline, (int64_t)USER_TOKEN_COMMAND_S * 1000),
		    source->stop_fd, &printed, &failure)) {
		err_set(&failure, ERR_INTERNAL, "it printed no token");
		token = find_token(&printed, &tree);
	}
	if (token && b64token_valid(token, JWT_BYTES_MAX)) {
		secret_set(&ret->token, token, strlen(token));
		ret->expires_s = served_until_s(token, ret->token.len, clock_unix_s());
	} else {
		err_say(err, ERR_MISSING_TOKEN,
			"ACCESS_TOKEN_COMMAND brought no access token (%.60s). Run it by hand to "
			"see why; it may be that you have to sign in again, for example with: az "
			"login --tenant %s",
			failure.detail, source->config->tenant_id);
	}
	if (tree && token)
		explicit_bzero((char *)token, strlen(token)); /* the tree's own copy */
	buf_wipe(&printed);
	return ret->token.data != NULL;
}

/* There is but one user. */
static const unsigned char KEY[SHA256_SIZE] = {0};

bool user_token_get(
	struct user_token *source, struct deadline deadline, struct secret *ret, struct err *err)
{
	const struct config *config = source->config;
	struct token_wish wish = {.key = KEY,
		.now_s = clock_unix_s(),
		.deadline = deadline,
		.mint = run_command,
		.context = source};
	enum token_source ignored;

	if (config->access_token.data) {
		secret_set(ret, config->access_token.data, config->access_token.len);
		return true;
	}
	if (!*config->access_token_command)
		return no_token(config, err);
	return token_cache_get(source->cache, &wish, ret, &ignored, err);
}

void user_token_drop(struct user_token *source, const struct secret *token)
{
	token_cache_drop(source->cache, &(struct token_refused){.key = KEY, .token = token});
}
