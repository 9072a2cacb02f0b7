#include "engine.h"

#include <stdio.h>
#include <string.h>

struct engine engine;

int engine_set_up(void **state)
{
	autoerr(err);

	(void)state;
	upstream_reset();
	settings_load(&engine.config, NULL, NULL);
	assert_true(credential_new(&engine.config, NULL, &engine.credential, &err));
	engine.entra = (struct entra){.config = &engine.config, .credential = engine.credential};
	obo_init(&engine.obo, &engine.entra, token_cache_new(16));
	engine.graph = (struct graph){.config = &engine.config, .obo = &engine.obo};
	return 0;
}

int engine_tear_down(void **state)
{
	(void)state;
	obo_done(&engine.obo);
	token_cache_free(engine.obo.cache);
	credential_free(engine.credential);
	config_done(&engine.config);
	upstream_reset();
	return 0;
}

struct caller engine_caller(const char *assertion)
{
	static char tenant[] = TENANT, ada[] = ADA_ID;
	struct caller caller = {.kind = CALLER_USER,
		.tenant_id = tenant,
		.object_id = ada,
		.expires_s = NOW_S + 3600};

	secret_set(&caller.token, assertion, strlen(assertion));
	return caller;
}

struct entra_request engine_request(const struct caller *caller)
{
	return (struct entra_request){.caller = caller,
		.scope = engine.config.graph_scope,
		.correlation_id = ENGINE_CORRELATION,
		.deadline = deadline_after(25000)};
}

struct graph_errand engine_errand(const struct caller *caller)
{
	return (struct graph_errand){.caller = caller,
		.deadline = deadline_after(engine.config.graph_deadline_ms),
		.correlation_id = ENGINE_CORRELATION};
}

void engine_will_grant(const char *token)
{
	char body[128];

	snprintf(body, sizeof(body), "{\"access_token\":\"%s\",\"expires_in\":3600}", token);
	upstream_answers(200, "", body);
}
