#include "endpoints/run.h"

#include <string.h>

#include "endpoints/authenticate.h"

static bool run(struct call *call, call_step step, struct err *err)
{
	return authenticate(call, err) && step(call, err);
}

static bool run_with(struct call *call, call_step step, const struct secret *token, struct err *err)
{
	struct buf bearer;
	bool good;

	buf_init(&bearer);
	buf_adds(&bearer, "Bearer ");
	buf_add(&bearer, token->data, token->len);
	call->identity->authorization = buf_text(&bearer);
	good = run(call, step, err);
	call->identity->authorization = NULL;
	buf_wipe(&bearer);
	return good;
}

/* Whether the token was not good enough, be it that the row goes without; err NULL: the call went
 * well. */
static bool was_refused(const struct call *call, const struct err *err)
{
	return err_info(err ? err->code : call->identity->stranger.code)->status == 401;
}

static void forget_outcome(struct call *call)
{
	outcome_done(&call->outcome);
	caller_done(&call->identity->caller);
	call->identity->stranger.code = ERR_NONE;
}

/* Without the user's token, which could not be had. */
static bool run_as_stranger(struct call *call, call_step step, struct err *err)
{
	if (call->endpoint->auth != AUTH_OPTIONAL)
		return false;
	stranger_is(&call->identity->stranger, err);
	return step(call, err);
}

static bool same_secret(const struct secret *a, const struct secret *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

/* The user's command may bring another token for one that was refused, then the call is made once
 * more. */
static bool run_as_user(struct call *call, call_step step, struct err *err)
{
	struct user_token *source = call->identity->source;
	struct secret token = {0}, other = {0};
	bool good;

	if (!user_token_get(source, call->deadline, &token, err))
		return run_as_stranger(call, step, err);
	good = run_with(call, step, &token, err);
	if (was_refused(call, good ? NULL : err)) {
		autoerr(ignored);

		user_token_drop(source, &token);
		if (user_token_get(source, call->deadline, &other, &ignored) &&
			!same_secret(&other, &token)) {
			forget_outcome(call);
			good = run_with(call, step, &other, err);
		}
		if (other.data && was_refused(call, good ? NULL : err))
			user_token_drop(source, &other);
	}
	secret_done(&token);
	secret_done(&other);
	return good;
}

bool call_run(struct call *call, call_step step, struct err *err)
{
	return call->identity->source && call->endpoint->auth != AUTH_NONE
		       ? run_as_user(call, step, err)
		       : run(call, step, err);
}
