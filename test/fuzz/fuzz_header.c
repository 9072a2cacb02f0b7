/* One header value: as text that may be wrapped in base64, as an argument, as a traceparent, as
 * challenges, as a time to wait; and as a request target. */
#include <assert.h>

#include "base/b64.h"
#include "fuzz.h"
#include "http/challenge.h"
#include "http/head.h"
#include "http/retry_after.h"
#include "http/trace.h"
#include "mcp/headers.h"
#include "mcp/param_headers.h"

/* Whether the value agrees with an argument that is what it stands for. */
static void check_agreement(const char *value, const struct buf *decoded)
{
	struct request request = {.headers = {{"mcp-param-x", value}}, .header_count = 1};
	struct param_headers params = {
		.list = {{.name = (char *)"Mcp-Param-X", .path = {"x"}}}, .count = 1};
	cJSON *arguments = cJSON_CreateObject();

	assert(param_headers_differing(&params, &request, arguments));
	json_add(arguments, "x", buf_text(decoded));
	assert(!param_headers_differing(&params, &request, arguments) ==
		!memchr(buf_text(decoded), '\0', decoded->len));
	cJSON_Delete(arguments);
}

static void check_trace(const char *value)
{
	char trace[TRACE_SIZE], again[TRACE_SIZE];

	if (!trace_read(value, strlen(value), trace))
		return;
	assert(strlen(trace) == TRACE_SIZE - 1 && !strncmp(trace, "00-", 3));
	assert(trace_read(trace, strlen(trace), again) && !strcmp(trace, again));
}

/* Each ends behind where it began, within the field. */
static void check_challenges(const char *field)
{
	const char *end = field + strlen(field), *at = field;
	struct challenge challenge;
	struct buf value;

	while (challenge_next(&at, &challenge)) {
		assert(challenge.scheme.len && challenge.scheme.text >= field);
		assert(challenge.params.text >= challenge.scheme.text + challenge.scheme.len);
		assert(at == challenge.params.text + challenge.params.len && at <= end);
		buf_init(&value);
		if (challenge_param(&challenge, "claims", &value))
			assert(value.len < challenge.params.len);
		buf_done(&value);
		field = at;
	}
}

static void check_wait(const char *value)
{
	int seconds = retry_after_s(value, 1800000000);

	assert(seconds >= 0 && seconds <= RETRY_AFTER_MAX_S);
}

static void check_target(const char *target)
{
	const char *path = head_path(target);

	assert(!*path || *path == '/' || !strcmp(path, "*"));
	if (*target == '/')
		assert(path == target);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *value = fuzz_text(data, size);
	struct request request = {.headers = {{"X", value}}, .header_count = 1};
	struct json_span span = {"", 0};
	struct buf decoded;

	buf_init(&decoded);
	if (header_single(&request, "x", &span)) /* else its copies differ */
		assert(span.len <= size);
	if (header_decode(span, &decoded)) {
		assert(decoded.len <= span.len);
		if (!strchr(value, ',')) /* else it may be copies */
			check_agreement(value, &decoded);
	} else {
		assert(!decoded.len);
	}
	check_trace(value);
	check_challenges(value);
	check_wait(value);
	check_target(value);
	buf_done(&decoded);
	free(value);
	return 0;
}
