#include "http/envelope.h"

#include <string.h>
#include <strings.h>

#include "base/b64.h"
#include "base/text.h"

bool envelope_expected(const struct request *outer)
{
	return outer->invocation_id && !strcmp(outer->method, "POST");
}

/* The HTTP trigger is the member of Data that has a Url and a Method. */
static const cJSON *trigger_in(const cJSON *tree)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(tree, "Data"))
	{
		if (json_string(item, "Url") && json_string(item, "Method"))
			return item;
	}
	return NULL;
}

/* False when there is no room: what is left out might be the second of a kind. */
static bool read_header(struct request *inner, const char *name, const cJSON *value)
{
	const char *text = cJSON_GetStringValue(value);

	if (!name || !text)
		return true;
	if (inner->header_count == HEADERS_MAX)
		return false;
	inner->headers[inner->header_count++] = (struct header){name, text};
	return true;
}

/* Values are arrays, with a string for each time the client sent that header. */
static bool read_headers(struct request *inner, const cJSON *headers, struct err *err)
{
	const cJSON *item, *value;

	cJSON_ArrayForEach(item, headers)
	{
		bool room = cJSON_IsArray(item) || read_header(inner, item->string, item);

		for (value = cJSON_IsArray(item) ? item->child : NULL; value; value = value->next)
			room = room && read_header(inner, item->string, value);
		if (!room)
			return err_set(
				err, ERR_HEADERS_TOO_LARGE, "%d or more fields", HEADERS_MAX);
	}
	return true;
}

/* The host sends these two kinds of body as base64, all others as text. */
static bool is_base64_body(const struct request *inner)
{
	const char *type = request_header(inner, "Content-Type");

	return request_is_type(inner, "application/octet-stream") ||
	       (type && !strncasecmp(type, "multipart/", 10));
}

static bool read_body(
	struct envelope *envelope, const cJSON *trigger, size_t body_max, struct err *err)
{
	struct request *inner = &envelope->inner;
	const char *text = json_string(trigger, "Body");
	size_t n = text ? strlen(text) : 0;

	inner->body = text ? text : "";
	inner->body_len = n;
	if (n && is_base64_body(inner)) {
		buf_init(&envelope->body);
		if (!b64_decode(&envelope->body, text, n))
			return err_say(err, ERR_BAD_REQUEST,
				"The host's envelope holds a body that is not base64.");
		inner->body = buf_text(&envelope->body);
		inner->body_len = envelope->body.len;
	}
	if (inner->body_len > body_max) {
		inner->body_too_large = true;
		inner->body_len = 0;
	}
	return true;
}

bool envelope_open(
	struct envelope *envelope, const struct request *outer, size_t body_max, struct err *err)
{
	const cJSON *trigger;
	const char *query;

	*envelope = (struct envelope){0};
	if (outer->body_too_large) {
		envelope->inner = *outer;
		return true;
	}
	if (!json_parse(outer->body, outer->body_len, &envelope->tree, err))
		return err_wrap(err, "host envelope");
	trigger = trigger_in(envelope->tree);
	if (!trigger)
		return err_say(err, ERR_BAD_REQUEST, "The host's envelope holds no HTTP trigger.");
	query = strchr(json_string(trigger, "Url"), '?');
	envelope->inner.method = json_string(trigger, "Method");
	envelope->inner.path = outer->path;
	envelope->inner.url = json_string(trigger, "Url");
	envelope->inner.query = query ? query + 1 : "";
	envelope->inner.invocation_id = outer->invocation_id;
	envelope->binding = trigger->string;
	return read_headers(&envelope->inner, cJSON_GetObjectItemCaseSensitive(trigger, "Headers"),
		       err) &&
	       read_body(envelope, trigger, body_max, err);
}

void envelope_done(struct envelope *envelope)
{
	json_wipe(envelope->tree);
	buf_wipe(&envelope->body);
}

/* The body is appended by itself, as it may hold tokens, which printing a tree would leave copies
 * of.
 */
static void write_wrapped(const struct response *inner, const char *body, struct buf *ret)
{
	autofree_json cJSON *headers = cJSON_CreateObject();
	autofree char *printed = NULL;

	for (size_t i = 0; i < inner->header_count; i++)
		json_add(headers, inner->headers[i].name, inner->headers[i].value);
	printed = json_print(headers);
	buf_adds(ret, "{\"Outputs\":{\"res\":{\"statusCode\":");
	buf_add_int(ret, inner->status);
	buf_adds(ret, ",\"headers\":");
	buf_adds(ret, printed);
	buf_adds(ret, ",\"body\":");
	json_quote(ret, body);
	buf_adds(ret, "}},\"Logs\":[],\"ReturnValue\":null}");
}

bool envelope_wrap(const struct response *inner, struct response *outer, struct err *err)
{
	struct buf body, text;

	if (memchr(inner->body, '\0', inner->body_len) || !utf8_valid(inner->body, inner->body_len))
		return err_say(err, ERR_UNSUPPORTED_MEDIA_TYPE,
			"This host passes bodies on as text and would change these bytes; set "
			"enableForwardingHttpRequest in host.json.");
	buf_init(&body);
	buf_init(&text);
	buf_add(&body, inner->body, inner->body_len);
	write_wrapped(inner, body.data, &text);
	buf_wipe(&body);
	(inner->secret ? response_body_secret : response_body_owned)(
		outer, "application/json", text.data, text.len);
	return true;
}

void envelope_serve(
	const struct envelope_way *way, const struct request *outer, struct response *response)
{
	struct envelope envelope;
	struct response inner;
	autoerr(err);

	response_init(&inner);
	if (!envelope_open(&envelope, outer, way->body_max, &err)) {
		/* Wrapped all the same: of a plain error the host would show nobody the reason. */
		way->handler(way->context, outer, &err, &inner);
		envelope_wrap(&inner, response, &err);
	} else {
		way->handler(way->context, &envelope.inner, NULL, &inner);
		if (!envelope_wrap(&inner, response, &err)) {
			response_done(&inner);
			way->handler(way->context, &envelope.inner, &err, &inner);
			envelope_wrap(&inner, response, &err);
		}
	}
	envelope_done(&envelope);
	response_done(&inner);
}
