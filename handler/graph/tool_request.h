/* What a Graph tool asks: its definition's request with a call's arguments in their places.  An
 * argument can fill its place and nothing more: never another segment, clause, header or member,
 * and never an address. */
#ifndef GRAPH_TOOL_REQUEST_H
#define GRAPH_TOOL_REQUEST_H

#include "base/json.h"
#include "graph/page.h"
#include "graph/request.h"
#include "graph/tool_arguments.h"
#include "graph/tool_problem.h"

struct tool_request;

/* What a definition says beside the request itself. */
struct tool_request_facts {
	const struct tool_arguments *arguments; /* which outlive the request */
	const char *select; /* what "$select": true stands for; NULL: that is a mistake */
	const struct page_rules *pages; /* NULL: not paged */
};

/* Reads a definition's `request`, or says in *problem what is wrong with it (its place begins below
 * `request`).  Nothing of the cJSON tree is kept.  Ended with tool_request_free.  Any thread may
 * use one. */
bool tool_request_read(const cJSON *request, const struct tool_request_facts *facts,
	struct tool_request **ret, struct tool_problem *problem);
void tool_request_free(struct tool_request *request);

/* The arguments of which a call must give one for the request to be sent, a bit each; 0: it always
 * is. */
uint32_t tool_request_when(const struct tool_request *request);
/* What has been done once it was answered, a sentence; NULL: none is given. */
const char *tool_request_done(const struct tool_request *request);

/* A request ready to be sent, and what it is made of. */
struct tool_request_text {
	struct graph_request request; /* scope, once and answer_max are the caller's to set; path
					 NULL: the arguments do not ask for this one */
	struct buf path, query, body;
	struct buf headers[GRAPH_REQUEST_HEADERS_MAX];
};

/* Writes the request for those arguments (an object, as the tool's schema allows; a member may be
 * null: absent) and that page (NULL: not paged).  Ended with tool_request_text_done.
 * ERR_BAD_REQUEST with a sentence that names the argument for what its place does not take. */
bool tool_request_write(const struct tool_request *request, const cJSON *arguments,
	const struct page *page, struct tool_request_text *ret, struct err *err);
void tool_request_text_done(struct tool_request_text *text);

#endif
