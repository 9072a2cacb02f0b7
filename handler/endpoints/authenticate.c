#include "endpoints/authenticate.h"

#include "base/clock.h"

static bool identify(struct call *call, bool needed, struct err *err)
{
	const struct service *service = call->service;
	struct identity *identity = call->identity;
	struct caller_query query = {
		identity->authorization, identity->may_be_graphs, clock_unix_s(), call->deadline};

	/* A proxy before us may have looked at the other one. */
	if (identity->ambiguous)
		return err_set(err, ERR_INVALID_REQUEST, "more than one Authorization header");
	if (service->state != SERVICE_NOT_CONFIGURED)
		return caller_check(service->sign_in.rules, &query, &identity->caller, err);
	if (identity->authorization || needed)
		return err_set(err, ERR_NOT_CONFIGURED, "settings missing or wrong");
	return err_set(err, ERR_MISSING_TOKEN, "no Authorization header");
}

bool authenticate(struct call *call, struct err *err)
{
	enum auth_need need = call->endpoint->auth;
	bool needed = need == AUTH_USER ||
		      (need == AUTH_MCP && call->service->config->mcp_auth_required);

	if (need == AUTH_NONE || call->identity->caller.kind == CALLER_USER)
		return true;
	if (identify(call, needed, err))
		return true;
	if (needed || (need == AUTH_MCP && err->code != ERR_MISSING_TOKEN))
		return false;
	stranger_is(&call->identity->stranger, err);
	return true;
}
