/* Small questions about text, and copies of it. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True when there is a text (NULL: none) and it is the expected one. */
bool text_is(const char *text, const char *expected);
/* True when it is one of all; NULL ends them. */
bool text_is_one_of(const char *text, const char *const *all);
/* True when item is one of the non-empty parts of list between separators. */
bool list_has(const char *list, char separator, const char *item);
/* True for 1 to max of a-z, 0-9 and _, a letter first: a name of ours. */
bool text_is_name(const char *text, size_t max);
/* True for the 8-4-4-4-12 hexadecimal form. */
bool guid_valid(const char *text);
/* True for 1 to max characters of what RFC 6750 §2.1 lets stand behind "Bearer". */
bool b64token_valid(const char *text, size_t max);

/* True when the n bytes are UTF-8 (RFC 3629: no overlong forms, no surrogates). */
bool utf8_valid(const char *text, size_t n);
/* How many of the n bytes of valid UTF-8 are whole code points within max bytes. */
size_t utf8_fitting(const char *text, size_t n, size_t max);
/* Code points in valid UTF-8. */
size_t utf8_length(const char *text);
/* True when NUL-terminated valid UTF-8 holds a C0 or C1 control character or DEL. */
bool utf8_has_control(const char *text);

/* True when it holds an ASCII control character. */
bool text_has_control(const char *text);
/* Lower-cases ASCII text in place and returns it; NULL stays NULL. */
char *text_lower(char *text);
/* The value of a hexadecimal digit; -1: it is none. */
int text_hex(char c);
/* A copy without slashes at the end, which the caller frees. */
char *text_without_slash(const char *text);

#define INT_DIGITS_SIZE 21

/* The number in decimal, as text at the end of ret.  (printf takes twenty times as long.) */
const char *int_digits(int64_t value, char ret[INT_DIGITS_SIZE]);

#endif
