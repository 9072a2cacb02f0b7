/* What a question's state says: what was asked of whom, as a digest, and until when an answer
 * counts: v1.SECONDS.DIGEST.  A document that goes out and comes back; no secret. */
#ifndef GRAPH_QUESTION_STATE_H
#define GRAPH_QUESTION_STATE_H

#include "base/json.h"
#include "base/question.h"
#include "token/user.h"

#define QUESTION_VALID_S 600

struct question_facts {
	const char *tool;
	const cJSON *arguments; /* an object; what is null is absent, whatever the order */
	const struct caller *caller;
	const char *looked; /* what was looked at; "": nothing */
};

void question_state_write(const struct question_facts *facts, char ret[QUESTION_STATE_SIZE]);

enum state_worth {
	STATE_HOLDS,
	STATE_IS_OLD,
	STATE_IS_ANOTHERS, /* of other facts, or none that was written here */
};

/* state: untrusted; NULL: none came. */
enum state_worth question_state_check(const char *state, const struct question_facts *facts);

#endif
