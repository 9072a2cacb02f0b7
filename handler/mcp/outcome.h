/* What a call of a tool came to: JSON text, and for a model perhaps content blocks besides it; or a
 * question, and nothing done yet. */
#ifndef MCP_OUTCOME_H
#define MCP_OUTCOME_H

#include <stddef.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/question.h"

struct outcome {
	const char *json; /* an object in one line, which ends with a NUL; NULL: none */
	size_t len;
	char *owned;              /* json, where it is to be freed */
	cJSON *blocks;            /* owned; array of content blocks, such as an image; NULL: none */
	struct question question; /* with a text: nothing else is set */
};

/* Set json: to a tree, which is printed and deleted; to a text, which is taken over; to bytes that
 * outlive the outcome.  Once. */
void outcome_tree(struct outcome *outcome, cJSON *tree);
void outcome_text(struct outcome *outcome, struct buf *text);
void outcome_fixed(struct outcome *outcome, const char *json, size_t len);
void outcome_done(struct outcome *outcome);

#endif
