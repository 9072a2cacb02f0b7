#include "endpoints/authenticate.h"

#include "base/clock.h"
#include "endpoints/admit.h"

static bool needs_caller(const struct call *call)
{
	enum auth_need need = call->endpoint->auth;

	return need == AUTH_USER || (need == AUTH_MCP && call->service->config->mcp_auth_required);
}

/* Keys that are yet to come are waited for at a place, as whatever takes time: so at first without
 * waiting. */
static bool check_token(struct call *call, struct caller_query *query, struct err *err)
{
	const struct caller_rules *rules = call->service->sign_in.rules;
	struct caller *caller = &call->identity->caller;

	if (call->pass) {
		query->deadline = (struct deadline){0};
		if (caller_check(rules, query, caller, err))
			return true;
		if (err->code != ERR_UPSTREAM_TIMEOUT || !admit_stranger(call, err))
			return false;
	}
	query->deadline = call->deadline;
	return caller_check(rules, query, caller, err);
}

static bool identify(struct call *call, struct err *err)
{
	const struct service *service = call->service;
	struct identity *identity = call->identity;
	struct caller_query query = {.authorization = identity->authorization,
		.accept_graph = identity->may_be_graphs,
		.now_s = clock_unix_s()};

	/* A proxy before us may have looked at the other one. */
	if (identity->ambiguous)
		return err_set(err, ERR_INVALID_REQUEST, "more than one Authorization header");
	if (service->state != SERVICE_NOT_CONFIGURED)
		return check_token(call, &query, err);
	if (identity->authorization || needs_caller(call))
		return err_set(err, ERR_NOT_CONFIGURED, "settings missing or wrong");
	return err_set(err, ERR_MISSING_TOKEN, "no Authorization header");
}

bool authenticate(struct call *call, struct err *err)
{
	enum auth_need need = call->endpoint->auth;

	if (need == AUTH_NONE || call->identity->caller.kind == CALLER_USER)
		return true;
	if (identify(call, err))
		return true;
	if (needs_caller(call) || (need == AUTH_MCP && err->code != ERR_MISSING_TOKEN))
		return false;
	stranger_is(&call->identity->stranger, err);
	return true;
}
