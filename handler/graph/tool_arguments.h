/* The arguments that a tool's definition names, and the values that a call gives them. */
#ifndef GRAPH_TOOL_ARGUMENTS_H
#define GRAPH_TOOL_ARGUMENTS_H

#include <stdint.h>

#include "base/json.h"
#include "graph/tool_problem.h"

#define TOOL_ARGUMENTS_MAX 16

enum argument_kind {
	ARGUMENT_TEXT,      /* any string */
	ARGUMENT_CHOICE,    /* a string of an enum */
	ARGUMENT_DATE_TIME, /* a string of format date-time */
	ARGUMENT_INTEGER,
	ARGUMENT_BOOLEAN,
	ARGUMENT_LIST, /* an array of strings */
};

struct tool_argument {
	char *name;
	enum argument_kind kind;
	bool always;     /* required, or with a default */
	bool bare;       /* its text holds nothing that a clause, a query or a header is made of */
	cJSON *values;   /* ARGUMENT_CHOICE: its enum */
	cJSON *fallback; /* its default; NULL: none */
};

/* What the template of an `each` calls an element of its list. */
#define ARGUMENT_ITEM TOOL_ARGUMENTS_MAX

struct tool_arguments {
	struct tool_argument at[TOOL_ARGUMENTS_MAX + 1]; /* the last is ARGUMENT_ITEM */
	size_t count;                                    /* without it */
	bool mailbox; /* beside them a call may name a mailbox that is not the caller's */
};

/* Reads {name: schema} and the array of names that are required (each NULL: none), or says in
 * *problem, whose place begins with arguments or required, what is wrong.  Of a schema it reads
 * type, enum, format and default; the rest is for who compiles it.  tool_arguments_done ends *ret
 * either way. */
bool tool_arguments_read(const cJSON *arguments, const cJSON *required, struct tool_arguments *ret,
	struct tool_problem *problem);
void tool_arguments_done(struct tool_arguments *arguments);

/* The index of the argument of that name of n bytes; -1: there is none. */
int tool_arguments_find(const struct tool_arguments *arguments, const char *name, size_t n);

/* What one call gives; a bit of has or given is 1 << an argument's index. */
struct tool_values {
	const struct tool_arguments *arguments;
	const cJSON *at[TOOL_ARGUMENTS_MAX + 1]; /* given, or the default; NULL: neither */
	uint32_t given;                          /* by the caller */
	uint32_t has;                            /* given, or with a default */
	const char *mailbox;                     /* NULL: the caller's own */
};

/* Finds the values in an object (NULL: an empty one), which must outlive *ret; null is absent.
 * ERR_BAD_REQUEST, naming the argument, for a value that is not of its kind, or no mailbox. */
bool tool_values_read(const struct tool_arguments *arguments, const cJSON *object,
	struct tool_values *ret, struct err *err);

#define TOOL_VALUE_ROOM 21 /* of a number, or of a moment */

/* The text of a value that is there and no list; a moment in UTC, as 2026-11-27T10:00:00Z.  It
 * lies in the value, or in room. */
const char *tool_values_text(
	const struct tool_values *values, size_t index, char room[TOOL_VALUE_ROOM]);

#endif
