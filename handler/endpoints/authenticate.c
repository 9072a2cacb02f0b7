#include "endpoints/authenticate.h"

#include "base/clock.h"

static bool needs_caller(const struct call *call)
{
	enum auth_need need = call->endpoint->auth;

	return need == AUTH_USER || (need == AUTH_MCP && call->service->config->mcp_auth_required);
}

static bool identify(struct call *call, struct err *err)
{
	const struct service *service = call->service;
	struct identity *identity = call->identity;
	struct caller_query query = {.authorization = identity->authorization,
		.accept_graph = identity->may_be_graphs,
		.now_s = clock_unix_s(),
		.deadline = call->deadline};

	/* A proxy before us may have looked at the other one. */
	if (identity->ambiguous)
		return err_set(err, ERR_INVALID_REQUEST, "more than one Authorization header");
	if (service->state != SERVICE_NOT_CONFIGURED)
		return caller_check(service->sign_in.rules, &query, &identity->caller, err);
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
