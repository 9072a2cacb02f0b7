/* Which regular expressions a schema may hold. */
#ifndef MCP_SCHEMA_PATTERN_H
#define MCP_SCHEMA_PATTERN_H

#include <stdbool.h>

/* Whether it is one whose cost has a bound, to compile and to match: repetitions written out, it
 * stands for at most 1000 characters, and its parentheses are at most 16 deep.  No letter or digit
 * stands behind a backslash: \1 takes time without bound, and \d means a digit in ECMA-262 alone.
 */
bool schema_pattern_fits(const char *pattern);

#endif
