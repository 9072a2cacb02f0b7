/* The host's payload envelope around a request; what is read from it is then answered with. */
#include <assert.h>

#include "fuzz.h"
#include "http/envelope.h"

#define BODY_MAX 4096

static void answer(const struct request *inner)
{
	struct response response, outer;
	autoerr(err);

	response_init(&response);
	response_init(&outer);
	if (inner->body)
		response_body_static(&response, "text/plain", inner->body, inner->body_len);
	for (size_t i = 0; i < inner->header_count && i < 8; i++) {
		static const char *const NAMES[] = {"a", "b", "c", "d", "e", "f", "g", "h"};

		response_header(&response, NAMES[i], inner->headers[i].value);
	}
	if (!envelope_wrap(&response, &outer, &err))
		assert(err.code == ERR_UNSUPPORTED_MEDIA_TYPE);
	response_done(&response);
	response_done(&outer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct request outer = {.method = "POST",
		.path = "/echo",
		.query = "",
		.body = text,
		.body_len = size,
		.invocation_id = "i"};
	struct envelope envelope;
	autoerr(err);

	if (envelope_open(&envelope, &outer, BODY_MAX, &err)) {
		assert(envelope.inner.header_count <= HEADERS_MAX);
		assert(envelope.inner.method && envelope.inner.query);
		assert(envelope.inner.body_too_large || envelope.inner.body_len <= BODY_MAX);
		answer(&envelope.inner);
	}
	envelope_done(&envelope);
	free(text);
	return 0;
}
