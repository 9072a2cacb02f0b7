#include "mcp/headers.h"

#include <string.h>

#include "base/b64.h"
#include "base/json.h"

static const char PREFIX[] = "=?base64?", SUFFIX[] = "?=";
#define PREFIX_LEN (sizeof(PREFIX) - 1)
#define SUFFIX_LEN (sizeof(SUFFIX) - 1)

bool header_decode(struct json_span value, struct buf *ret)
{
	bool wrapped = value.len >= PREFIX_LEN + SUFFIX_LEN &&
		       !memcmp(value.text, PREFIX, PREFIX_LEN) &&
		       !memcmp(value.text + value.len - SUFFIX_LEN, SUFFIX, SUFFIX_LEN);

	if (wrapped)
		return b64_decode(
			ret, value.text + PREFIX_LEN, value.len - PREFIX_LEN - SUFFIX_LEN);
	buf_add(ret, value.text, value.len); /* an incomplete wrapping is plain text */
	return true;
}

/* RFC 9110 §5.6.3: optional white space is space and tab. */
static struct json_span trim(const char *value)
{
	struct json_span span = {value + strspn(value, " \t"), 0};

	span.len = strlen(span.text);
	while (span.len && strchr(" \t", span.text[span.len - 1]))
		span.len--;
	return span;
}

bool header_single(const struct request *request, const char *name, struct json_span *ret)
{
	if (request_header_count(request, name) != 1)
		return false;
	*ret = trim(request_header(request, name));
	return true;
}

static bool says(const char *bytes, size_t len, const char *expected)
{
	return strlen(expected) == len && !memcmp(bytes, expected, len);
}

bool header_equals(const struct request *request, const char *name, const char *expected)
{
	struct json_span value;

	return header_single(request, name, &value) && says(value.text, value.len, expected);
}

bool header_decodes_to(const struct request *request, const char *name, const char *expected)
{
	struct json_span value;
	struct buf decoded;
	bool same;

	if (!header_single(request, name, &value))
		return false;
	buf_init(&decoded);
	same = header_decode(value, &decoded) && says(buf_text(&decoded), decoded.len, expected);
	buf_done(&decoded);
	return same;
}

static bool number_agrees(const struct buf *text, double expected)
{
	autofree_json cJSON *number = NULL;
	struct err err;

	return json_parse(buf_text(text), text->len, &number, &err) && cJSON_IsNumber(number) &&
	       number->valuedouble == expected;
}

static bool value_agrees(const struct buf *text, const cJSON *argument)
{
	if (cJSON_IsString(argument))
		return says(buf_text(text), text->len, argument->valuestring);
	if (cJSON_IsNumber(argument))
		return number_agrees(text, argument->valuedouble);
	return says(buf_text(text), text->len, cJSON_IsTrue(argument) ? "true" : "false");
}

bool header_agrees(
	const struct request *request, const struct param_header *param, const cJSON *arguments)
{
	const cJSON *argument = arguments;
	struct json_span value;
	struct buf decoded;
	bool same;

	for (size_t i = 0; param->path[i]; i++)
		argument = cJSON_GetObjectItemCaseSensitive(argument, param->path[i]);
	if (!argument || cJSON_IsNull(argument))
		return !request_header_count(request, param->header);
	if (cJSON_IsObject(argument) || cJSON_IsArray(argument))
		return true; /* the schema's to refuse: no header can say it */
	if (!header_single(request, param->header, &value))
		return false;
	buf_init(&decoded);
	same = header_decode(value, &decoded) && value_agrees(&decoded, argument);
	buf_done(&decoded);
	return same;
}
