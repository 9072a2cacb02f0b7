/* A hit of Microsoft Search, or an id that a client brings back: a result is one line of JSON whose
 * id can be read again, and an id that is taken is made of parts that fill a segment each. */
#include <assert.h>

#include "base/json_text.h"
#include "base/text.h"
#include "fuzz.h"
#include "graph/search_hit.h"

static void check_parts(const struct found_id *id)
{
	for (int i = 0; i < FOUND_PARTS_MAX; i++) {
		const char *part = id->parts[i];

		assert(!strpbrk(part, "/\\?#% \"") && !text_has_control(part));
		assert(!*part || part[strspn(part, ".")]);
	}
}

static void check_id(const char *text)
{
	struct found_id id = {.kind = FOUND_HIT}, again = {.kind = FOUND_HIT};
	struct buf written;
	autoerr(err);

	if (!found_id_read(text, &id, &err)) {
		assert(err.code == ERR_BAD_REQUEST);
		return;
	}
	check_parts(&id);
	buf_init(&written);
	if (found_id_write(&id, &written)) {
		assert(found_id_read(buf_text(&written), &again, &err));
		assert(!memcmp(&id, &again, sizeof(id)));
	}
	buf_done(&written);
}

static void check_result(struct json_span result)
{
	struct json_span id, text;
	struct found_id read;
	struct buf unquoted;
	bool nul;
	autoerr(err);

	assert(!json_flaw(result.text, result.len, &nul) && !memchr(result.text, '\n', result.len));
	assert(json_find(result, "id", &id) && json_find(result, "text", &text));
	buf_init(&unquoted);
	assert(json_unquote(id, &unquoted) && found_id_read(buf_text(&unquoted), &read, &err));
	buf_done(&unquoted);
}

static void check_hit(struct json_span hit)
{
	static const enum found_kind SEARCHED[] = {FOUND_MAIL, FOUND_EVENT, FOUND_CHAT, FOUND_FILE};

	for (size_t i = 0; i < sizeof(SEARCHED) / sizeof(SEARCHED[0]); i++) {
		struct buf out;

		buf_init(&out);
		if (search_hit_write(SEARCHED[i], hit, &out))
			check_result((struct json_span){out.data, out.len});
		else
			assert(!out.len);
		buf_done(&out);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	bool nul;

	check_id(text);
	if (!json_flaw(text, strlen(text), &nul))
		check_hit(json_trim((struct json_span){text, strlen(text)}));
	free(text);
	return 0;
}
