#include "exchange.h"

#include <string.h>
#include <strings.h>

static const char *nothing(const char *name)
{
	return NULL;
}

static bool no_keys(void *context, enum token_version version, const struct jwks_answer *held,
	struct jwks_answer *ret, struct err *err)
{
	return err_set(err, ERR_UPSTREAM_UNAVAILABLE, "no network here");
}

static const struct graph_tools NO_TOOLS;

static void start(struct exchange *exchange, const struct endpoint *rows, size_t count)
{
	exchange->service.config = &exchange->config;
	exchange->service.graph_tools = &NO_TOOLS;
	exchange->service.table = rows;
	exchange->service.table_count = count;
	service_start(&exchange->service, mcp_run_tool);
	response_init(&exchange->response);
}

static void start_configured(struct exchange *exchange, const char *name, const char *value,
	const struct endpoint *rows, size_t count)
{
	*exchange = (struct exchange){0};
	settings_load(&exchange->config, name, value);
	caller_rules_init(
		&exchange->rules, &exchange->config, jwks_new(&exchange->config, no_keys, NULL));
	exchange->service.state = SERVICE_ASKS_GATEWAY;
	exchange->service.sign_in.rules = &exchange->rules;
	if (*exchange->config.mcp_client_id)
		exchange->service.sign_in.door = door_new(&exchange->config, NULL);
	exchange->service.upstreams.entra = &exchange->entra;
	start(exchange, rows, count);
}

void exchange_start(struct exchange *exchange, const char *name, const char *value)
{
	start_configured(exchange, name, value, endpoints, endpoint_count);
}

void exchange_start_with(struct exchange *exchange, const struct endpoint *rows, size_t count)
{
	start_configured(exchange, "MCP_AUTH", "optional", rows, count);
}

void exchange_start_unconfigured(struct exchange *exchange)
{
	*exchange = (struct exchange){0};
	config_load(&exchange->config, nothing);
	start(exchange, endpoints, endpoint_count);
}

void exchange_done(struct exchange *exchange)
{
	response_done(&exchange->response);
	service_stop(&exchange->service);
	door_free(exchange->service.sign_in.door);
	jwks_free(exchange->rules.jwks);
	caller_rules_done(&exchange->rules);
	config_done(&exchange->config);
}

void exchange_header(struct exchange *exchange, const char *name, const char *value)
{
	struct request *request = &exchange->request;

	request->headers[request->header_count++] = (struct header){name, value};
}

int exchange_send(
	struct exchange *exchange, const char *method, const char *target, const char *body)
{
	struct request *request = &exchange->request;
	size_t path_len = strcspn(target, "?");
	autofree char *path = xstrndup(target, path_len);

	request->method = method;
	request->path = path;
	request->query = target + path_len + (target[path_len] == '?');
	request->body = body ? body : "";
	if (!request->body_len)
		request->body_len = strlen(request->body);
	response_done(&exchange->response);
	dispatch(&exchange->service, request, NULL, &exchange->response);
	*request = (struct request){0};
	return exchange->response.status;
}

const char *exchange_answer_header(const struct exchange *exchange, const char *name)
{
	for (size_t i = 0; i < exchange->response.header_count; i++) {
		if (!strcasecmp(exchange->response.headers[i].name, name))
			return exchange->response.headers[i].value;
	}
	return NULL;
}

cJSON *exchange_json(const struct exchange *exchange)
{
	cJSON *tree = NULL;
	autoerr(err);

	assert_string_equal(exchange_answer_header(exchange, "Content-Type"), "application/json");
	assert_true(json_parse(exchange->response.body, exchange->response.body_len, &tree, &err));
	return tree;
}

bool exchange_code_is(const struct exchange *exchange, const char *code)
{
	autofree_json cJSON *tree = exchange_json(exchange);
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(tree, "error");

	assert_string_equal(
		json_string(error, "requestId"), exchange_answer_header(exchange, "x-request-id"));
	assert_true(*json_string(error, "message"));
	return !strcmp(json_string(error, "code"), code);
}
