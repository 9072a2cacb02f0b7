#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "load.h"
#include "net.h"

#define ANSWER_BYTES_MAX (4 << 20)

char *answer_room(struct answer *answer, size_t *ret_room)
{
	if (answer->size == answer->room) {
		answer->room = answer->room ? answer->room * 2 : 16384;
		if (answer->room > ANSWER_BYTES_MAX)
			return NULL;
		answer->bytes = reallocarray(answer->bytes, answer->room, 1);
		if (!answer->bytes)
			die("answer");
	}
	*ret_room = answer->room - answer->size;
	return answer->bytes + answer->size;
}

static bool is_field(const char *line, const char *name)
{
	return !strncasecmp(line, name, strlen(name));
}

/* False: not an HTTP answer. */
static bool read_head(struct answer *answer, const char *end)
{
	const char *line = memchr(answer->bytes, '\n', answer->size);

	if (answer->size < 12 || memcmp(answer->bytes, "HTTP/1.", 7) != 0)
		return false;
	answer->status = (int)strtol(answer->bytes + 9, NULL, 10);
	answer->head_size = (size_t)(end + 4 - answer->bytes);
	for (; line < end; line = memchr(line, '\n', (size_t)(end + 4 - line))) {
		line++;
		if (is_field(line, "content-length:"))
			answer->body_size = strtoull(line + 15, NULL, 10);
		else if (is_field(line, "transfer-encoding: chunked"))
			answer->chunked = true;
		else if (is_field(line, "connection: close"))
			answer->closes = true;
	}
	return true;
}

enum answer_state answer_look(struct answer *answer)
{
	size_t size;

	if (!answer->head_size) {
		const char *end = memmem(answer->bytes, answer->size, "\r\n\r\n", 4);

		if (!end)
			return ANSWER_PARTIAL;
		if (!read_head(answer, end))
			return ANSWER_BROKEN;
	}
	answer->body = answer->bytes + answer->head_size;
	size = answer->size - answer->head_size;
	if (answer->chunked) { /* trailers are not looked for: nobody here sends them */
		answer->body_size = size;
		return size >= 5 && !memcmp(answer->body + size - 5, "0\r\n\r\n", 5)
			       ? ANSWER_COMPLETE
			       : ANSWER_PARTIAL;
	}
	if (size > answer->body_size)
		return ANSWER_BROKEN;
	return size == answer->body_size ? ANSWER_COMPLETE : ANSWER_PARTIAL;
}

bool answer_is_good(const struct answer *answer, const struct shot *shot)
{
	static const char FAILED[] = "\"isError\":true";

	return answer->status >= 200 && answer->status < 300 &&
	       memmem(answer->body, answer->body_size, shot->expected, shot->expected_size) &&
	       !memmem(answer->body, answer->body_size, FAILED, sizeof(FAILED) - 1);
}

void answer_clear(struct answer *answer)
{
	*answer = (struct answer){.bytes = answer->bytes, .room = answer->room};
}

struct shot *shots_read(const char *path, size_t *ret_count)
{
	size_t size, count = 0, room = 1;
	char *at = file_read(path, &size), *end = at + size;
	struct shot *shots = calloc(room, sizeof(*shots));

	while (shots && at < end) {
		struct shot *shot;

		if (count == room)
			shots = reallocarray(shots, room *= 2, sizeof(*shots));
		if (!shots)
			break;
		shot = &shots[count++];
		shot->size = strtoull(at, &at, 10);
		shot->expected_size = strtoull(at, &at, 10);
		shot->bytes = at + 1;
		shot->expected = shot->bytes + shot->size;
		at += 1 + shot->size + shot->expected_size;
	}
	if (!shots || at != end || !count)
		die("the file of requests is malformed");
	*ret_count = count;
	return shots;
}
