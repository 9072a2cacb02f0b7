/* What the strings of JSON text say, and a value as text to pass on.  Only for spans of text that
 * json_flaw passed. */
#ifndef BASE_JSON_TEXT_H
#define BASE_JSON_TEXT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/json_scan.h"

/* Whether that is a string token, quotes included, that spells the (ASCII) text, however it is
 * escaped. */
bool json_spells(struct json_span token, const char *text);

/* Whether two string tokens, quotes included, are the same string, however each is escaped. */
bool json_same_string(struct json_span a, struct json_span b);

/* Appends what a string token says, in UTF-8; half a surrogate pair as U+FFFD.  False, with *out of
 * no use, when it is no string or holds U+0000. */
bool json_unquote(struct json_span token, struct buf *out);

/* Appends the value as the bytes it is, but on one line, and with \ufffd in the place of half a
 * surrogate pair, at which others refuse the whole document (RFC 8259 §8.2). */
void json_pass(struct json_span span, struct buf *out);

#endif
