/* JSON as text: whether it is JSON at all, and where in the bytes a value stands.  For what a
 * tree does not keep: how a number or a string was written.
 *
 * What is passed on is read as spans: a profile of 0.5 KB is checked and copied in 18,900
 * instructions, parsed and printed again in 33,400.  What is read and let go, such as a token's
 * claims or what Entra answers, is a tree (json.h): several members of a short document cost hardly
 * more that way (14,700 instructions for 12,300), and a name that comes twice is refused.
 */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#define JSON_DEPTH_MAX 32
#define JSON_VALUES_MAX 20000 /* a value takes some 80 bytes as a tree, far more than as text */

/* Bytes within somebody else's text; not NUL-terminated. */
struct json_span {
	const char *text;
	size_t len;
};

/* NULL when the n bytes are one JSON document (RFC 8259) in UTF-8 within the bounds above, else a
 * sentence that says why not.  *ret_nul: some string holds U+0000, written \u0000.  Escapes of
 * single surrogates pass here. */
const char *json_flaw(const char *text, size_t n, bool *ret_nul);

/* The same with any number of values: for text whose bytes have a bound and of which no tree is
 * made.
 */
const char *json_flaw_of_spans(const char *text, size_t n, bool *ret_nul);

/* Whether the text, that one of them passed, is an object; an empty span is none. */
bool json_is_object(struct json_span span);

/* The value of the first member of that (ASCII) name, however its name is escaped.  False when
 * there is none or the span is no object.  Only for spans of text that json_flaw passed. */
bool json_find(struct json_span object, const char *name, struct json_span *ret);

/* The same of a member of a member: "from.user.displayName".  (A name cannot hold a dot then.) */
bool json_find_at(struct json_span object, const char *place, struct json_span *ret);

/* The member after *value, or the first one when value->text is NULL: its name's token and its
 * value; false at the end or when the span is no object.  Same precondition. */
bool json_member(struct json_span object, struct json_span *key, struct json_span *value);

/* The element after *element, or the first one when element->text is NULL; false at the end or
 * when the span is no array.  Same precondition. */
bool json_next(struct json_span array, struct json_span *element);

/* The span without white space around it, nor a byte order mark before that: a reader may skip one
 * (RFC 8259 §8.1), json_flaw does not. */
struct json_span json_trim(struct json_span span);

#endif
