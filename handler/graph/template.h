/* A text of a definition with {arguments} in it, made ready at start: what each argument must
 * become is known from where it stands.  {{ and }} are the braces themselves. */
#ifndef GRAPH_TEMPLATE_H
#define GRAPH_TEMPLATE_H

#include "graph/template_place.h"
#include "graph/tool_arguments.h"

/* What the text is part of. */
enum template_ground {
	GROUND_PATH,    /* the path: an argument is a whole segment, or between '' */
	GROUND_QUERY,   /* a query parameter's value: all of it, between '' or "", or bare */
	GROUND_CLAUSE,  /* one of several that are joined by and: between '' or "", or bare */
	GROUND_KQL,     /* the same in KQL: all of it, between "", or bare */
	GROUND_HEADER,  /* a header: between "", or bare */
	GROUND_BODY,    /* a string of the JSON body: anywhere; a list is all of it */
	GROUND_ELEMENT, /* the same within an each: {item} is known */
};

bool template_ground_is_body(enum template_ground ground);

/* What reads a definition's texts. */
struct template_reader {
	const struct tool_arguments *arguments;
	enum template_ground ground;
	struct tool_problem *problem;
};

struct template_piece {
	char *literal;   /* NULL: an argument */
	size_t argument; /* its index */
	enum template_place place;
};

struct template
{
	struct template_piece *pieces;
	size_t count;
	uint32_t needs; /* bits of the arguments without which it is left out */
	bool splits;    /* holds an "or", so that it needs parentheses beside others */
};

/* Reads a text, or says what is wrong with it; template_done ends *ret either way. */
bool template_read(const struct template_reader *reader, const char *text, struct template *ret);
void template_done(struct template *template);

/* Whether it is one argument and nothing else. */
bool template_is_argument(const struct template *template);

/* Whether it begins with that text in every call. */
bool template_begins(const struct template *template, const char *text);

/* Whether it is the same in every call. */
bool template_is_constant(const struct template *template);

/* Whether the arguments that it needs are there. */
bool template_is_there(const struct template *template, const struct tool_values *values);

/* Appends the text with its arguments, which are there. */
bool template_write(const struct template *template, const struct tool_values *values,
	struct buf *out, struct err *err);

#endif
