#include "http/wire.h"

#include <string.h>

#include "base/clock.h"

/* name: value, at once: a response has a dozen of them. */
static void add_field(struct buf *out, const char *name, const char *value)
{
	size_t name_len = strlen(name), value_len = strlen(value);
	char *at = buf_reserve(out, name_len + value_len + 4);

	at = mempcpy(at, name, name_len);
	at = mempcpy(at, ": ", 2);
	at = mempcpy(at, value, value_len);
	at[0] = '\r';
	at[1] = '\n';
	out->len += name_len + value_len + 4;
}

static void add_date(struct buf *out)
{
	char text[CLOCK_HTTP_SIZE];

	clock_http(clock_unix_s(), text);
	add_field(out, "Date", text);
}

void wire_response(
	struct buf *out, const char *method, const char *reason, const struct response *response)
{
	buf_adds(out, "HTTP/1.1 ");
	buf_add_int(out, response->status);
	buf_add(out, " ", 1);
	buf_adds(out, reason);
	buf_add(out, "\r\n", 2);
	add_date(out);
	for (size_t i = 0; i < response->header_count; i++)
		add_field(out, response->headers[i].name, response->headers[i].value);
	if (response->status != 204) {
		buf_adds(out, "Content-Length: ");
		buf_add_int(out, (int64_t)response->body_len);
		buf_add(out, "\r\n", 2);
	}
	buf_add(out, "\r\n", 2);
	if (strcmp(method, "HEAD") != 0)
		buf_add(out, response->body, response->body_len);
}
