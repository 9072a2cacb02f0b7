/* A value of a definition's request: a text, or JSON of the body, or one of several by an argument,
 * or one that is left out.  Read at start; a call only walks it. */
#ifndef GRAPH_TOOL_NODE_H
#define GRAPH_TOOL_NODE_H

#include "graph/template.h"

enum node_kind {
	NODE_TEXT,   /* a template */
	NODE_JSON,   /* a number, true, false or null of the body */
	NODE_OBJECT, /* of the body */
	NODE_ARRAY,  /* of the body, or the texts that are joined to one */
	NODE_EACH,   /* an array of the body: one node, once for each of a list's elements */
	NODE_CHOICE, /* one of several, by an argument's value */
};

struct tool_node {
	enum node_kind kind;
	uint32_t when,
		unless; /* bits of arguments: left out without any, or with any; 0: no matter */
	char *name;     /* within an object, or the value that it is chosen by; NULL: none */
	struct template text; /* NODE_TEXT */
	char *json;           /* NODE_JSON */
	size_t argument;      /* NODE_EACH, NODE_CHOICE: its index */
	struct tool_node *inner;
	size_t count;
};

/* Reads a node, or says what is wrong with it.  On a reader's ground other than the body's only
 * texts are taken.  tool_node_done ends *ret either way. */
bool tool_node_read(const struct template_reader *reader, const cJSON *json, struct tool_node *ret);
/* The same for the texts of an array, as the inner nodes of a NODE_ARRAY. */
bool tool_node_read_texts(
	const struct template_reader *reader, const cJSON *array, struct tool_node *ret);
void tool_node_done(struct tool_node *node);

/* Reads the members when and unless of an object, an argument's name or an array of names each. */
bool tool_node_read_conditions(
	const struct template_reader *reader, const cJSON *object, struct tool_node *ret);

/* Whether each text that the node can be begins so in every call. */
bool tool_node_begins(const struct tool_node *node, const char *text);

/* What there is of the node in a call: itself, or what is chosen; NULL: it is left out. */
const struct tool_node *tool_node_find(
	const struct tool_node *node, const struct tool_values *values);

#endif
