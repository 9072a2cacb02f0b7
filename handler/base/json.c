#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_text.h"

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Comparing each with each takes less than sorting. */
#define FEW 32

static bool few_hold_twins(const cJSON *object)
{
	const cJSON *a, *b;

	cJSON_ArrayForEach(a, object)
	{
		for (b = a->next; b; b = b->next) {
			if (*a->string == *b->string && !strcmp(a->string, b->string))
				return true;
		}
	}
	return false;
}

/* The names of an object, sorted; the caller frees the array, not the names. */
static const char **sorted_names(const cJSON *object, size_t *ret_count)
{
	size_t count = (size_t)cJSON_GetArraySize(object), i = 0;
	const char **names = xcalloc(count + 1, sizeof(*names));
	const cJSON *item;

	cJSON_ArrayForEach(item, object)
	{
		names[i++] = item->string;
	}
	qsort(names, count, sizeof(*names), compare_names);
	*ret_count = count;
	return names;
}

static bool many_hold_twins(const cJSON *object)
{
	size_t count;
	const char **names = sorted_names(object, &count);
	bool found = false;

	for (size_t i = 1; i < count && !found; i++)
		found = !strcmp(names[i - 1], names[i]);
	free(names);
	return found;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as json_parse lets a tree be */
static bool has_twins(const cJSON *tree)
{
	bool found = false;
	const cJSON *item;

	if (cJSON_IsObject(tree))
		found = cJSON_GetArraySize(tree) <= FEW ? few_hold_twins(tree)
							: many_hold_twins(tree);
	cJSON_ArrayForEach(item, tree)
	{
		found = found || has_twins(item);
	}
	return found;
}

bool json_parse(const char *text, size_t n, cJSON **ret, struct err *err)
{
	bool nul = false;
	const char *flaw = json_flaw(text, n, &nul);

	if (!flaw && nul)
		flaw = "The JSON holds the character U+0000.";
	if (flaw)
		return err_say(err, ERR_BAD_REQUEST, "%s", flaw);
	return json_parse_checked(text, n, ret, err);
}

bool json_parse_softly(const char *text, size_t n, cJSON **ret, struct err *err)
{
	struct buf whole;
	bool good, nul;

	if (json_parse(text, n, ret, err))
		return true;
	if (json_flaw(text, n, &nul) || nul)
		return false;
	buf_init(&whole);
	json_pass((struct json_span){text, n}, &whole);
	good = json_parse_checked(buf_text(&whole), whole.len, ret, err);
	buf_wipe(&whole);
	return good;
}

bool json_parse_checked(const char *text, size_t n, cJSON **ret, struct err *err)
{
	cJSON *tree = cJSON_ParseWithLength(text, n);

	if (!tree) /* half a surrogate pair, or a number of more than 63 characters */
		return err_say(err, ERR_BAD_REQUEST, "The JSON holds a value that cannot be read.");
	if (has_twins(tree)) {
		cJSON_Delete(tree);
		return err_say(err, ERR_BAD_REQUEST, "An object in the JSON holds a name twice.");
	}
	*ret = tree;
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as json_parse lets a tree be */
static void wipe_strings(cJSON *tree)
{
	cJSON *item;

	if (tree && tree->valuestring)
		explicit_bzero(tree->valuestring, strlen(tree->valuestring));
	cJSON_ArrayForEach(item, tree)
	{
		wipe_strings(item);
	}
}

void json_wipe(cJSON *tree)
{
	wipe_strings(tree);
	cJSON_Delete(tree);
}

const cJSON *json_given(const cJSON *object, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNull(item) ? NULL : item;
}

const char *json_string(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

bool json_integer(const cJSON *object, const char *name, int64_t *ret)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	/* 2^53: beyond it a double no longer holds every integer. */
	if (!cJSON_IsNumber(item) || !(fabs(item->valuedouble) <= 9007199254740992.0))
		return false;
	*ret = (int64_t)item->valuedouble;
	return true;
}

char *json_print(const cJSON *tree)
{
	return or_die(cJSON_PrintUnformatted(tree));
}

/* RFC 8259 §7 */
static void add_escape(struct buf *out, char c)
{
	static const char HEX[] = "0123456789abcdef";
	static const char FROM[] = "\"\\\b\f\n\r\t", TO[] = "\"\\bfnrt";
	const char *known = strchr(FROM, c);
	char escape[6] = {
		'\\', known ? TO[known - FROM] : 'u', '0', '0', HEX[c >> 4 & 1], HEX[c & 15]};

	buf_add(out, escape, known ? 2 : 6);
}

void json_quote(struct buf *out, const char *text)
{
	const char *from = text; /* what is not written yet */

	buf_add(out, "\"", 1);
	for (; *text; text++) {
		if ((unsigned char)*text >= ' ' && *text != '"' && *text != '\\')
			continue;
		buf_add(out, from, (size_t)(text - from));
		add_escape(out, *text);
		from = text + 1;
	}
	buf_add(out, from, (size_t)(text - from));
	buf_add(out, "\"", 1);
}

void json_comma(struct buf *out)
{
	if (out->len && !strchr("{[", out->data[out->len - 1]))
		buf_adds(out, ",");
}

void json_add(cJSON *object, const char *name, const char *value)
{
	cJSON *item = value ? cJSON_CreateString(value) : cJSON_CreateNull();

	cJSON_AddItemToObject(object, name, or_die(item));
}

void json_add_number(cJSON *object, const char *name, int64_t value)
{
	or_die(cJSON_AddNumberToObject(object, name, (double)value));
}

cJSON *json_add_object(cJSON *object, const char *name)
{
	return or_die(cJSON_AddObjectToObject(object, name));
}

cJSON *json_add_array(cJSON *object, const char *name)
{
	return or_die(cJSON_AddArrayToObject(object, name));
}

void json_add_strings(cJSON *object, const char *name, const char *const *strings, size_t count)
{
	cJSON *array = json_add_array(object, name);

	for (size_t i = 0; i < count; i++)
		cJSON_AddItemToArray(array, or_die(cJSON_CreateString(strings[i])));
}

void json_delete_at(cJSON **tree)
{
	cJSON_Delete(*tree);
}

void free_at(void *pointer_to_pointer)
{
	free(*(void **)pointer_to_pointer);
}
