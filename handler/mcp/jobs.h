/* The calls of a stdio session that are waiting or running, and the threads that run them.  One
 * lock, held for no longer than a look or a change. */
#ifndef MCP_JOBS_H
#define MCP_JOBS_H

#include <pthread.h>
#include <stdbool.h>

#include "base/deadline.h"
#include "mcp/rpc.h"

#define JOBS_THREADS 8
#define JOBS_SPARE 2 /* threads that never wait for a person */
#define JOBS_QUESTION_SIZE 32

/* A call, or a batch of them. */
struct job {
	struct job *next;
	struct rpc_message rpc;
	char *text; /* of a batch, which is read again element by element; else NULL */
	size_t len;
	bool started;
	bool cancelled;
	bool answered;                     /* by run, on its thread */
	char question[JOBS_QUESTION_SIZE]; /* raw id of what it asks its client; "": nothing */
	char *answer;                      /* to that, the response as it came; NULL: none yet */
};

struct jobs {
	void (*run)(void *context, struct job *job); /* on any of the threads */
	void *context;
	int event_fd; /* an eventfd, signalled whenever a job has ended */
	pthread_t threads[JOBS_THREADS];
	int thread_count;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t work;
	pthread_cond_t heard;
	struct job *list; /* oldest first */
	int count;
	int dropped;   /* ended or freed without an answer, though not cancelled */
	int questions; /* open */
	int64_t asked; /* so far */
	bool deaf;     /* no answer comes any more */
	bool stopping;
};

/* Starts up to JOBS_THREADS threads; false when there could be none.  jobs_stop either way. */
bool jobs_start(struct jobs *jobs);

/* Adds a job for the message, which it takes over; line is where it stood. */
void jobs_add(struct jobs *jobs, struct rpc_message *rpc, struct json_span line);

/* Nobody waits for the answer to that raw id any more. */
void jobs_cancel(struct jobs *jobs, const char *id);

/* Whether somebody still waits for the job's answer. */
bool jobs_is_wanted(struct jobs *jobs, const struct job *job);

/* Gives a running job an id for a question to its client.  False: as many are open as may be, for
 * others need the threads, or no answer can come or be of use any more. */
bool jobs_begin_question(struct jobs *jobs, struct job *job, char ret_id[JOBS_QUESTION_SIZE]);
/* Waits for the answer, and ends the question.  The caller frees it; NULL: none came in time, or
 * nobody waits for the job any more. */
char *jobs_await_answer(struct jobs *jobs, struct job *job, struct deadline deadline);
/* The answer to the question with that raw id, if there is one; the first counts. */
void jobs_answer(struct jobs *jobs, const char *id, struct json_span line);
/* The input has ended: no answer comes any more. */
void jobs_deafen(struct jobs *jobs);

/* How many wait or run. */
int jobs_count(struct jobs *jobs);

/* No job is wanted any more and none is begun.  Returns whether one is running. */
bool jobs_abandon(struct jobs *jobs);

/* Abandons, waits for the threads and frees what never ran; then `dropped` is whole. */
void jobs_stop(struct jobs *jobs);

#endif
