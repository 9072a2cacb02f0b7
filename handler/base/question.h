/* A question to the person in front of a client, put before something is done in their name.  Who
 * needs the answer runs twice: a first time, which gives the question, and once more with what came
 * back.  Nothing is kept in between: what the answer is worth is bound to goes out and comes back
 * as a state, as in MCP 2026-07-28, "Multi round-trip requests". */
#ifndef BASE_QUESTION_H
#define BASE_QUESTION_H

#include <stdbool.h>

#define QUESTION_STATE_SIZE 96

struct question {
	char *text;                      /* owned; NULL: nothing is asked */
	char state[QUESTION_STATE_SIZE]; /* comes back with the answer */
};

enum person_answer {
	PERSON_SILENT, /* was not asked yet, or did not answer */
	PERSON_AGREES,
	PERSON_DECLINES,
	PERSON_BUSY,    /* could not be asked: has other questions */
	PERSON_CANCELS, /* closed the question without an answer */
};

/* The person, as far as a run of something knows.  Zeroed: nobody can be asked. */
struct person {
	bool can_be_asked;
	enum person_answer answer;
	const char *state; /* of the question that was answered, untrusted; NULL: none came */
};

#endif
