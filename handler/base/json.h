/* JSON from untrusted bytes, and JSON to send.  Trees are cJSON's; this adds what cJSON leaves
 * out: the grammar is kept to the letter, UTF-8 is checked, depth and number of values are bounded,
 * U+0000 (which cJSON would cut a string at) and anything after the document are refused, and so is
 * an object that holds a name twice: which one counts is for each reader to say (RFC 8259 §4), so
 * what another has checked need not be what is read here. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json_scan.h"

/* Parses n bytes as one JSON document.  Fails with ERR_BAD_REQUEST and a public sentence that says
 * what is wrong.  The caller frees *ret with cJSON_Delete. */
bool json_parse(const char *text, size_t n, cJSON **ret, struct err *err);

/* The same, but half a surrogate pair is U+FFFD in the tree: in what Entra says of people and
 * applications one odd name must not cost all the rest. */
bool json_parse_softly(const char *text, size_t n, cJSON **ret, struct err *err);

/* The same as json_parse for text that json_flaw passed and found no U+0000 in. */
bool json_parse_checked(const char *text, size_t n, cJSON **ret, struct err *err);

/* Frees a tree as cJSON_Delete does, its strings wiped: for what may hold a token. */
void json_wipe(cJSON *tree);

/* The member of that exact name; NULL when absent, or null: many clients write out what they have
 * not got. */
const cJSON *json_given(const cJSON *object, const char *name);

/* Members of an object, by exact name.  NULL or false when absent or of another type. */
const char *json_string(const cJSON *object, const char *name);
bool json_integer(const cJSON *object, const char *name, int64_t *ret);

/* The tree as compact text; the caller frees it.  Aborts when memory runs out. */
char *json_print(const cJSON *tree);

/* Appends valid UTF-8 as a JSON string, quotes included. */
void json_quote(struct buf *out, const char *text);

/* Appends a comma, unless an object or array has just been opened. */
void json_comma(struct buf *out);

/* Adds a string, or JSON null where value is NULL. */
void json_add(cJSON *object, const char *name, const char *value);
void json_add_number(cJSON *object, const char *name, int64_t value);
/* An empty object, or array, added to object; owned by it. */
cJSON *json_add_object(cJSON *object, const char *name);
cJSON *json_add_array(cJSON *object, const char *name);
/* An array of count strings; JSON_STRINGS("a", "b") stands for the last two arguments. */
void json_add_strings(cJSON *object, const char *name, const char *const *strings, size_t count);
#define JSON_STRINGS(...)                                                                          \
	(const char *const[]){__VA_ARGS__},                                                        \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)

/* So that `autofree_json cJSON *x = NULL` is deleted at the end of its scope. */
void json_delete_at(cJSON **tree);
void free_at(void *pointer_to_pointer);
#define autofree_json __attribute__((cleanup(json_delete_at)))
#define autofree __attribute__((cleanup(free_at)))

#endif
