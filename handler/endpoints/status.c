#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/version.h"
#include "endpoints/endpoints.h"

const struct tool tool_status = {
	.name = "status",
	.title = "Server status",
	.description = "Returns this server's health, version and configuration state, whether the "
		       "caller is signed in and as whom, and what was last seen of Microsoft Entra "
		       "and Graph. Use it to find out why another tool fails. Changes nothing.",
	.input_schema = TOOL_NO_ARGUMENTS,
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
		"\"credential\":{" TOOL_TEXT_OR_NULL "},"
		"\"graphTools\":{\"type\":\"object\",\"properties\":{\"enabled\":{\"type\":"
		"\"array\",\"items\":{\"type\":\"string\"}},\"problems\":{\"type\":\"array\","
		"\"items\":{\"type\":\"object\"}}},\"required\":[\"enabled\",\"problems\"]},"
		"\"upstreams\":{\"type\":\"object\"},\"counters\":{\"type\":\"object\","
		"\"properties\":{"
		"\"cachedTokens\":{\"type\":\"integer\"},\"logLinesLost\":{\"type\":\"integer\","
		"\"description\":\"since the start; 0: none\"}},"
		"\"required\":[\"cachedTokens\",\"logLinesLost\"]}},"
		"\"required\":[\"service\",\"version\",\"commit\",\"uptimeSeconds\","
		"\"configuration\","
		"\"credential\",\"graphTools\",\"authentication\",\"upstreams\",\"counters\"],"
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

static void add_graph_tools(cJSON *result, const struct graph_tools *tools)
{
	cJSON *state = json_add_object(result, "graphTools");
	cJSON *enabled = json_add_array(state, "enabled");
	cJSON *problems = json_add_array(state, "problems");

	for (size_t i = 0; i < tools->enabled.count; i++)
		cJSON_AddItemToArray(
			enabled, cJSON_CreateString(tools->enabled.list[i].definition->name));
	for (size_t i = 0; i < tools->definitions.problem_count; i++) {
		const struct tool_problem *problem = &tools->definitions.problems[i];
		cJSON *one = cJSON_CreateObject();

		cJSON_AddItemToArray(problems, one);
		json_add(one, "file", problem->file);
		json_add(one, "tool", problem->tool);
		json_add(one, "place", problem->place);
		json_add(one, "problem", problem->text);
	}
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

static void add_authentication(cJSON *result, const struct identity *identity, int64_t now_s)
{
	const struct stranger *stranger = &identity->stranger;
	cJSON *state = json_add_object(result, "authentication");

	if (identity->caller.kind == CALLER_USER) {
		json_add(state, "state", "authenticated");
		add_user(state, &identity->caller, now_s);
	} else if (stranger->code == ERR_MISSING_TOKEN) {
		json_add(state, "state", "anonymous");
		if (*stranger->message) /* why a token could not be had that nobody sends */
			json_add(state, "reason", stranger->message);
	} else {
		const struct err_info *info = err_info(stranger->code);

		json_add(state, "state", "invalid");
		json_add(state, "code", info->slug);
		json_add(state, "reason", *stranger->message ? stranger->message : info->text);
	}
}

static void add_upstream(cJSON *upstreams, const char *name, struct health *health, int64_t now_ms)
{
	cJSON *state = json_add_object(upstreams, name);
	int64_t ok_ms = health ? atomic_load(&health->ok_ms) : 0;
	int64_t failed_ms = health ? atomic_load(&health->failed_ms) : 0;

	json_add(state, "state",
		health && atomic_load(&health->failing) ? "failing"
		: ok_ms                                 ? "ok"
							: "unused");
	if (ok_ms)
		json_add_number(state, "lastOkSecondsAgo", (now_ms - ok_ms) / 1000);
	if (failed_ms) {
		json_add_number(state, "lastFailureSecondsAgo", (now_ms - failed_ms) / 1000);
		json_add(state, "lastFailure",
			err_info((enum err_code)atomic_load(&health->failure))->slug);
	}
	json_add_number(state, "calls", health ? atomic_load(&health->calls) : 0);
	json_add_number(state, "failures", health ? atomic_load(&health->failures) : 0);
}

static void add_calls(cJSON *counters, struct admission *admission)
{
	cJSON *calls = json_add_object(counters, "calls");
	struct admission_count count;

	admission_count(admission, &count);
	json_add_number(calls, "underWay", count.in);
	json_add_number(calls, "waiting", count.waiting);
	json_add_number(calls, "overloaded",
		count.shed[ADMISSION_FULL] + count.shed[ADMISSION_WAITED] +
			count.shed[ADMISSION_BODY]);
	json_add_number(calls, "tooManyRequests", count.shed[ADMISSION_CALLER]);
}

static void add_counters(cJSON *result, struct service *service)
{
	cJSON *counters = json_add_object(result, "counters");

	for (size_t i = 0; i < service->row_count; i++) {
		cJSON *row = json_add_object(counters, service->rows[i].name);

		json_add_number(row, "requests", atomic_load(&service->row_states[i].requests));
		json_add_number(row, "errors", atomic_load(&service->row_states[i].errors));
	}
	add_calls(counters, service->admission);
	json_add_number(counters, "cachedTokens",
		service->state == SERVICE_ASKS_GRAPH
			? (int64_t)token_cache_count(service->upstreams.tokens)
			: 0);
	json_add_number(counters, "logLinesLost", log_lines_lost());
}

/* Never waits, and is what tells how things are. */
bool status_spared(const struct http_exchange *exchange)
{
	(void)exchange;
	return true;
}

/* Over HTTP only, for probes: no argument of the tool. */
bool status_read(struct http_exchange *exchange, cJSON **ret, struct err *err)
{
	const struct config *config = exchange->call.service->config;
	struct buf ready;
	bool found, good;

	(void)ret;
	buf_init(&ready);
	good = request_query(exchange->request, "ready", &ready, &found, err);
	if (good && found && !strcmp(buf_text(&ready), "1") && config->problem_count)
		exchange->response->status = 503;
	buf_done(&ready);
	return good;
}

static void add_upstreams(cJSON *result, const struct service *service, int64_t now_ms)
{
	const struct upstreams *asked = &service->upstreams;
	bool configured = service->state != SERVICE_NOT_CONFIGURED;
	cJSON *upstreams = json_add_object(result, "upstreams");

	add_upstream(upstreams, "entraKeys", configured ? &asked->entra->keys : NULL, now_ms);
	add_upstream(
		upstreams, "entraExchange", configured ? &asked->entra->exchange : NULL, now_ms);
	add_upstream(upstreams, "graph", asked->graph.health, now_ms);
}

bool endpoint_status(struct call *call, struct err *err)
{
	struct service *service = call->service;
	int64_t now_ms = clock_mono_ms();
	cJSON *result = cJSON_CreateObject();

	(void)err;
	json_add(result, "service", SERVICE_NAME);
	json_add(result, "version", SERVICE_VERSION);
	json_add(result, "commit", SERVICE_COMMIT);
	json_add_number(result, "uptimeSeconds", (now_ms - service->started_ms) / 1000);
	add_configuration(result, service->config);
	json_add(result, "credential",
		service->state == SERVICE_ASKS_GRAPH
			? credential_kind(service->upstreams.entra->credential)
			: NULL);
	add_graph_tools(result, service->graph_tools);
	add_authentication(result, call->identity, clock_unix_s());
	add_upstreams(result, service, now_ms);
	add_counters(result, service);
	outcome_tree(&call->outcome, result);
	return true;
}
