#include <string.h>
#include <strings.h>

#include "base/version.h"
#include "door/authorize.h"
#include "door/oauth_error.h"
#include "door/redeem.h"
#include "door/registration.h"
#include "door/token_request.h"
#include "endpoints/endpoints.h"
#include "endpoints/origin.h"

#define BELOW "/oauth/"
#define JSON "application/json"
/* Nothing may be loaded, run, sent or framed. */
#define NO_CONTENT_POLICY                                                                          \
	"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"

static const struct door *door_of(const struct http_exchange *exchange)
{
	return exchange->call.service->sign_in.door;
}

static bool authorize(struct http_exchange *exchange, struct err *err)
{
	struct buf location;
	bool good;

	buf_init(&location);
	good = authorize_location(door_of(exchange), exchange->request->query, &location, err);
	if (good) {
		exchange->response->status = 302;
		response_header(exchange->response, "Location", buf_text(&location));
	}
	buf_done(&location);
	return good;
}

static void note_answer(struct oauth_note *note, const struct token_answer *answer)
{
	note->entra_status = answer->status;
	note->number = answer->number;
	memcpy(note->trace_id, answer->trace_id, sizeof(note->trace_id));
}

/* RFC 9110 §15.5.2: a 401 says how. */
static void challenge(struct response *response)
{
	response_header_static(response, "WWW-Authenticate", "Basic realm=\"" SERVICE_NAME "\"");
}

static bool send_to_entra(
	struct http_exchange *exchange, const struct token_request *request, struct err *err)
{
	struct redeem_errand errand = {.form = &request->form,
		.correlation_id = exchange->identity.correlation_id,
		.trace = exchange->call.trace,
		.deadline = exchange->call.deadline};
	struct response *response = exchange->response;
	struct token_answer answer;
	bool good = redeem(door_of(exchange), &errand, &answer, err);

	note_answer(&exchange->record.oauth, &answer);
	if (good) {
		response->status = answer.status;
		response_header_static(response, "Pragma", "no-cache"); /* RFC 6749 §5.1 */
		response_body_secret(response, JSON, answer.body.data, answer.body.len);
		buf_init(&answer.body); /* the response's */
		if (answer.status == 401)
			challenge(response);
	}
	token_answer_done(&answer);
	return good;
}

static bool token(struct http_exchange *exchange, struct err *err)
{
	struct token_request request;
	struct oauth_note *note = &exchange->record.oauth;
	bool good = token_request_read(door_of(exchange), exchange->request, &request, err);

	note->grant = request.grant;
	if (request.client < CLIENT_KIND__COUNT)
		note->client = client_kind_names[request.client];
	good = good && send_to_entra(exchange, &request, err);
	token_request_done(&request);
	return good;
}

static bool register_client(struct http_exchange *exchange, struct err *err)
{
	const struct request *request = exchange->request;
	char *answer;

	if (!request_is_type(request, JSON))
		return err_say(err, ERR_UNSUPPORTED_MEDIA_TYPE,
			"Send the client metadata with Content-Type: " JSON ".");
	if (!registration_answer(door_of(exchange), request->body, request->body_len, &answer, err))
		return false;
	exchange->response->status = 201;
	response_body_owned(exchange->response, JSON, answer, strlen(answer));
	return true;
}

struct action {
	const char *name, *methods;
	bool (*run)(struct http_exchange *exchange, struct err *err);
};

static const struct action ACTIONS[] = {
	{"authorize", "GET", authorize},
	{"token", "POST", token},
	{"register", "POST", register_client},
};

/* The client's path, which in payload mode stands in its URL. */
static const char *path_of(const struct request *request)
{
	const char *host = request->url ? strstr(request->url, "://") : NULL;

	return path_without_prefix(host ? strchrnul(host + 3, '/') : request->path);
}

static const struct action *action_of(const struct request *request)
{
	const char *path = path_of(request);
	size_t n;

	if (strncasecmp(path, BELOW, strlen(BELOW)) != 0)
		return NULL;
	path += strlen(BELOW);
	n = strcspn(path, "/?");
	for (size_t i = 0; i < sizeof(ACTIONS) / sizeof(ACTIONS[0]); i++) {
		const char *after = path + n + (path[n] == '/');

		if (strlen(ACTIONS[i].name) == n && !strncasecmp(ACTIONS[i].name, path, n) &&
			(!*after || *after == '?'))
			return &ACTIONS[i];
	}
	return NULL;
}

bool endpoint_oauth(struct http_exchange *exchange, struct err *err)
{
	const struct request *request = exchange->request;
	const struct action *action = action_of(request);

	if (exchange->call.service->state == SERVICE_NOT_CONFIGURED)
		return err_set(err, ERR_NOT_CONFIGURED, "settings missing or wrong");
	if (!action || !door_of(exchange))
		return err_set(err, ERR_NOT_FOUND, "no such part of the door, or no door");
	exchange->record.oauth.action = action->name;
	if (!method_is_among(action->methods, request->method))
		return err_set(err, ERR_METHOD_NOT_ALLOWED, "another method");
	if (!strcmp(request->method, "POST") && !origin_check(exchange, err))
		return false;
	return action->run(exchange, err);
}

static void write_error(struct http_exchange *exchange, const struct action *action,
	const struct err *err, const struct oauth_help *help)
{
	const char *accept = request_header(exchange->request, "Accept");
	struct response *response = exchange->response;
	bool page = action && action->run == authorize &&
		    oauth_error_form(accept) == OAUTH_ERROR_PAGE;
	char *text = page ? oauth_error_page(err, help, exchange->identity.request_id)
			  : oauth_error_json(err, help);

	if (page)
		response_header_static(response, "Content-Security-Policy", NO_CONTENT_POLICY);
	response_body_owned(response, page ? "text/html; charset=utf-8" : JSON, text, strlen(text));
}

static void write_fields(
	struct http_exchange *exchange, const struct action *action, const struct err *err)
{
	struct response *response = exchange->response;

	response->status = oauth_error_status(err->code);
	/* RFC 6749 §5.2; not to a browser, which would ask its user for a password */
	if (err->code == ERR_INVALID_CLIENT && action && action->run == token &&
		request_header(exchange->request, "Authorization")) {
		response->status = 401;
		challenge(response);
	}
	if (err->code == ERR_METHOD_NOT_ALLOWED && action)
		response_allow(response, action->methods);
	response_retry_after(response, oauth_error_wait_s(err));
}

static const char *given(const struct buf *text)
{
	return text->len ? buf_text(text) : NULL;
}

void oauth_refuse(struct http_exchange *exchange, const struct err *err)
{
	const struct action *action = action_of(exchange->request);
	struct buf about, remedy;

	buf_init(&about);
	buf_init(&remedy);
	if (err->code == ERR_INVALID_REDIRECT_URI && action && action->run == authorize)
		authorize_help(door_of(exchange), exchange->request->query, &about, &remedy);
	write_fields(exchange, action, err);
	write_error(exchange, action, err, &(struct oauth_help){given(&about), given(&remedy)});
	buf_done(&about);
	buf_done(&remedy);
}
