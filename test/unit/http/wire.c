#include "http/wire.h"

#include <string.h>

#include "stage/support.h"

static void print(struct buf *out, const char *method, int status)
{
	struct response response;

	response_init(&response);
	response_body_static(&response, "text/plain", "body", 4);
	response.status = status;
	buf_init(out);
	wire_response(out, method, "A Reason", &response);
	response_done(&response);
}

static void a_response_is_a_status_line_fields_a_blank_line_and_the_body(void **state)
{
	struct buf out;
	const char *text;

	print(&out, "GET", 200);
	text = buf_text(&out);
	assert_int_equal(strncmp(text, "HTTP/1.1 200 A Reason\r\nDate: ", 29), 0);
	assert_non_null(strstr(text, " GMT\r\nContent-Type: text/plain\r\n"));
	assert_string_equal(strstr(text, "Content-Length"), "Content-Length: 4\r\n\r\nbody");
	buf_done(&out);
}

static void one_to_HEAD_says_how_long_its_body_would_be(void **state)
{
	struct buf out;

	print(&out, "HEAD", 200);
	assert_string_equal(strstr(buf_text(&out), "Content-Length"), "Content-Length: 4\r\n\r\n");
	buf_done(&out);
}

/* RFC 9110 §8.6 */
static void a_204_has_no_length(void **state)
{
	struct buf out;

	print(&out, "HEAD", 204);
	assert_null(strstr(buf_text(&out), "Content-Length"));
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_response_is_a_status_line_fields_a_blank_line_and_the_body),
		cmocka_unit_test(one_to_HEAD_says_how_long_its_body_would_be),
		cmocka_unit_test(a_204_has_no_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
