#include "mcp/schema_pattern.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define CHARACTERS_MAX 1000
#define DEPTH_MAX 16

struct pattern_walk {
	const char *p;
	unsigned long sums[DEPTH_MAX + 1]; /* of the parentheses that are open */
	size_t depth;
	unsigned long last; /* what stands before, and may be repeated */
};

static bool add(struct pattern_walk *walk, unsigned long characters)
{
	walk->last = characters;
	walk->sums[walk->depth] += characters;
	return walk->sums[walk->depth] <= CHARACTERS_MAX;
}

/* What stands before, so many times in all. */
static bool repeat(struct pattern_walk *walk, unsigned long times)
{
	unsigned long before = walk->last;

	if (times > CHARACTERS_MAX)
		return false;
	if (times < 2)
		return true;
	walk->sums[walk->depth] -= before;
	return add(walk, before * times);
}

/* Moves behind a "[…]", in which a "]" stands first. */
static bool take_set(struct pattern_walk *walk)
{
	const char *p = walk->p + (*walk->p == '^');
	const char *end = *p ? strchr(p + 1, ']') : NULL;

	walk->p = end ? end + 1 : walk->p + strlen(walk->p);
	return add(walk, 1);
}

/* Behind a brace: {n}, {n,} or {n,m}. */
static bool take_interval(struct pattern_walk *walk)
{
	char *end;
	unsigned long times = strtoul(walk->p, &end, 10);

	if (*end == ',' && isdigit((unsigned char)end[1]))
		times = strtoul(end + 1, &end, 10);
	else if (*end == ',')
		times++;
	walk->p = end + strspn(end, ",}");
	return repeat(walk, times);
}

static bool open_parenthesis(struct pattern_walk *walk)
{
	if (walk->depth == DEPTH_MAX)
		return false;
	walk->sums[++walk->depth] = 0;
	return true;
}

static bool close_parenthesis(struct pattern_walk *walk)
{
	return walk->depth && add(walk, walk->sums[walk->depth--] + 1);
}

static bool take(struct pattern_walk *walk)
{
	switch (*walk->p++) {
	case '\\':
		return *walk->p && !isalnum((unsigned char)*walk->p++) && add(walk, 1);
	case '[':
		return take_set(walk);
	case '(':
		return open_parenthesis(walk);
	case ')':
		return close_parenthesis(walk);
	case '{':
		return take_interval(walk);
	case '+': /* compiled as once, and then any more */
		return repeat(walk, 2);
	case '*':
	case '?':
		return true;
	default:
		return add(walk, 1);
	}
}

bool schema_pattern_fits(const char *pattern)
{
	struct pattern_walk walk = {.p = pattern};

	while (*walk.p) {
		if (!take(&walk))
			return false;
	}
	return !walk.depth;
}
