#include <string.h>

#include "base/clock.h"
#include "base/version.h"
#include "endpoints/endpoints.h"

const struct tool tool_status = {
	.name = "status",
	.title = "Server status",
	.description = "Returns this server's health, version and configuration state, whether the "
		       "caller is signed in and as whom, and what was last seen of Microsoft Entra "
		       "and Graph. Use it to find out why another tool fails. Changes nothing.",
	.input_schema = "{\"type\":\"object\",\"additionalProperties\":false}",
	.output_schema =
		"{\"type\":\"object\",\"properties\":{\"service\":{\"type\":\"string\"},"
		"\"version\":{\"type\":\"string\"},\"commit\":{\"type\":\"string\"},"
		"\"uptimeSeconds\":{\"type\":\"integer\"},"
		"\"configuration\":{\"type\":\"object\",\"properties\":{"
		"\"complete\":{\"type\":\"boolean\"},\"problems\":{\"type\":\"array\",\"items\":{"
		"\"type\":\"object\"}},\"unknownSettings\":{\"type\":\"array\",\"items\":{"
		"\"type\":\"object\"}}},"
		"\"required\":[\"complete\",\"problems\",\"unknownSettings\"]},"
		"\"authentication\":{\"type\":\"object\",\"properties\":{\"state\":{\"type\":"
		"\"string\","
		"\"enum\":[\"anonymous\",\"authenticated\",\"invalid\"]}},\"required\":[\"state\"]}"
		","
		"\"credential\":{\"type\":[\"string\",\"null\"]},"
		"\"upstreams\":{\"type\":\"object\"},\"counters\":{\"type\":\"object\"}},"
		"\"required\":[\"service\",\"version\",\"commit\",\"uptimeSeconds\","
		"\"configuration\","
		"\"credential\",\"authentication\",\"upstreams\",\"counters\"],"
		"\"additionalProperties\":false}",
};

static void add_misnamed(cJSON *state, const struct config *config)
{
	cJSON *list = json_add_array(state, "unknownSettings");

	for (size_t i = 0; i < config->misnamed_count; i++) {
		cJSON *misnamed = cJSON_CreateObject();

		cJSON_AddItemToArray(list, misnamed);
		json_add(misnamed, "name", config->misnamed[i].variable);
		json_add(misnamed, "looksLike", config->misnamed[i].setting);
	}
}

static void add_configuration(cJSON *result, const struct config *config)
{
	cJSON *state = json_add_object(result, "configuration");
	cJSON *problems;

	cJSON_AddBoolToObject(state, "complete", config->problem_count == 0);
	problems = json_add_array(state, "problems");
	for (size_t i = 0; i < config->problem_count; i++) {
		cJSON *problem = cJSON_CreateObject();

		cJSON_AddItemToArray(problems, problem);
		json_add(problem, "setting", config->problems[i].name);
		json_add(problem, "problem", config->problems[i].text);
	}
	add_misnamed(state, config);
}

static void add_scopes(cJSON *user, const char *scopes)
{
	cJSON *list = json_add_array(user, "scopes");

	while (*scopes) {
		size_t n = strcspn(scopes, " ");

		if (n) {
			autofree char *scope = xstrndup(scopes, n);

			cJSON_AddItemToArray(list, cJSON_CreateString(scope));
		}
		scopes += n;
		scopes += strspn(scopes, " ");
	}
}

static void add_user(cJSON *state, const struct caller *caller, int64_t now_s)
{
	cJSON *user = json_add_object(state, "user");

	json_add(user, "objectId", caller->object_id);
	json_add(user, "tenantId", caller->tenant_id);
	json_add(user, "name", caller->name);
	json_add(user, "username", caller->username);
	json_add(user, "clientId", caller->client_id);
	add_scopes(user, caller->scopes);
	json_add_number(user, "expiresInSeconds", caller->expires_s - now_s);
}

static void add_authentication(cJSON *result, const struct call *call, int64_t now_s)
{
	cJSON *state = json_add_object(result, "authentication");

	if (call->caller.kind == CALLER_USER) {
		json_add(state, "state", "authenticated");
		add_user(state, &call->caller, now_s);
	} else if (call->stranger.code == ERR_MISSING_TOKEN) {
		json_add(state, "state", "anonymous");
		/* over stdio nobody sends one: why it could not be had */
		if (call->service->user_token && call->service->rules)
			json_add(state, "reason", call->stranger.message);
	} else {
		json_add(state, "state", "invalid");
		json_add(state, "code", err_info(call->stranger.code)->slug);
		json_add(state, "reason", call->stranger.message);
	}
}

static void add_upstream(cJSON *upstreams, const char *name, struct health *health, int64_t now_s)
{
	cJSON *state = json_add_object(upstreams, name);
	int64_t ok_s = health ? atomic_load(&health->ok_s) : 0;
	int64_t failed_s = health ? atomic_load(&health->failed_s) : 0;

	json_add(state, "state",
		health && atomic_load(&health->failing) ? "failing"
		: ok_s                                  ? "ok"
							: "unused");
	if (ok_s)
		json_add_number(state, "lastOkSecondsAgo", now_s - ok_s);
	if (failed_s) {
		json_add_number(state, "lastFailureSecondsAgo", now_s - failed_s);
		json_add(state, "lastFailure",
			err_info((enum err_code)atomic_load(&health->failure))->slug);
	}
	json_add_number(state, "calls", health ? atomic_load(&health->calls) : 0);
	json_add_number(state, "failures", health ? atomic_load(&health->failures) : 0);
}

static void add_counters(cJSON *result, struct service *service)
{
	cJSON *counters = json_add_object(result, "counters");

	for (size_t i = 0; i < endpoint_count; i++) {
		cJSON *row = json_add_object(counters, endpoints[i].name);

		json_add_number(row, "requests", atomic_load(&service->requests[i]));
		json_add_number(row, "errors", atomic_load(&service->errors[i]));
	}
	json_add_number(counters, "cachedTokens",
		service->tokens ? (int64_t)token_cache_count(service->tokens) : 0);
}

/* Over HTTP only, for probes: no argument of the tool. */
bool status_read(struct call *call, cJSON **ret, struct err *err)
{
	const struct service *service = call->service;
	struct buf ready;
	bool found, good;

	(void)ret;
	buf_init(&ready);
	good = request_query(call->request, "ready", &ready, &found, err);
	if (good && found && !strcmp(buf_text(&ready), "1") && service->config->problem_count)
		call->response->status = 503;
	buf_done(&ready);
	return good;
}

bool endpoint_status(struct call *call, struct err *err)
{
	struct service *service = call->service;
	struct entra *entra = service->entra;
	int64_t now_s = clock_unix_s();
	cJSON *result, *upstreams;

	(void)err;
	call->result = result = cJSON_CreateObject();
	json_add(result, "service", SERVICE_NAME);
	json_add(result, "version", SERVICE_VERSION);
	json_add(result, "commit", SERVICE_COMMIT);
	json_add_number(result, "uptimeSeconds", now_s - service->started_s);
	add_configuration(result, service->config);
	json_add(result, "credential",
		entra && entra->credential ? credential_kind(entra->credential) : NULL);
	add_authentication(result, call, now_s);
	upstreams = json_add_object(result, "upstreams");
	add_upstream(upstreams, "entraKeys", entra ? &entra->keys : NULL, now_s);
	add_upstream(upstreams, "entraExchange", entra ? &entra->exchange : NULL, now_s);
	add_upstream(upstreams, "graph", service->graph.health, now_s);
	add_counters(result, service);
	return true;
}
