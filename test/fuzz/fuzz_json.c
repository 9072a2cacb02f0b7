/* A document: what json_parse takes, it takes again when printed, the scanner finds every member
 * that the tree has, and what is passed on stays JSON. */
#include <assert.h>

#include "base/json.h"
#include "base/json_text.h"
#include "base/text.h"
#include "fuzz.h"

static bool is_ascii(const char *text)
{
	while (*text && (unsigned char)*text < 0x80)
		text++;
	return !*text;
}

static void check_members(struct json_span text, const cJSON *object)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, object)
	{
		struct json_span value;

		if (!is_ascii(item->string))
			continue;
		assert(json_find(text, item->string, &value));
		assert(value.len && value.text >= text.text &&
			value.text + value.len <= text.text + text.len);
	}
}

static void check_elements(struct json_span text, const cJSON *array)
{
	struct json_span element = {NULL, 0};
	int count = 0;

	while (json_next(text, &element)) {
		bool nul;

		assert(!json_flaw(element.text, element.len, &nul));
		count++;
	}
	assert(count == cJSON_GetArraySize(array));
}

/* What is passed on is JSON still, on one line. */
static void check_passed(struct json_span span)
{
	bool nul = false, again = false;
	struct buf passed;

	if (json_flaw(span.text, span.len, &nul))
		return;
	buf_init(&passed);
	json_pass(span, &passed);
	assert(!json_flaw(buf_text(&passed), passed.len, &again) && again == nul);
	assert(!strpbrk(buf_text(&passed), "\r\n"));
	buf_done(&passed);
}

static void check_string(struct json_span span)
{
	bool nul = false, flawed = json_flaw(span.text, span.len, &nul);
	struct buf text;

	span = json_trim(span);
	buf_init(&text);
	if (!flawed && json_unquote(span, &text)) {
		assert(!nul && utf8_valid(buf_text(&text), text.len));
		assert(text.len <= span.len);
	}
	buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct json_span span = {text, size};
	cJSON *tree = NULL, *again = NULL;
	autoerr(err);

	check_passed(span);
	check_string(span);
	if (json_parse(text, size, &tree, &err)) {
		char *printed = json_print(tree);

		/* 1e999 is printed as null, which is JSON too */
		assert(json_parse(printed, strlen(printed), &again, &err));
		if (cJSON_IsObject(tree))
			check_members(span, tree);
		if (cJSON_IsArray(tree))
			check_elements(span, tree);
		free(printed);
	} else {
		assert(*err.message);
	}
	cJSON_Delete(again);
	cJSON_Delete(tree);
	free(text);
	return 0;
}
