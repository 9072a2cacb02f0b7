/* A document: what json_parse takes, it takes again when printed, and the scanner finds every
 * member that the tree has. */
#include <assert.h>

#include "base/json.h"
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct json_span span = {text, size};
	cJSON *tree = NULL, *again = NULL;
	struct err err;

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
