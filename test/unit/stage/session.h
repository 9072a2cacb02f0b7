/* A session of the stdio transport: the loop on a thread of its own, the client's ends of its pipes
 * in the test's hands, and the tools `wait`, that runs until it may go on, and `ask`, that is
 * bench_ask. */
#ifndef UNIT_SESSION_H
#define UNIT_SESSION_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "mcp/stdio.h"
#include "support.h"

struct session {
	struct mcp_server *server;
	struct mcp_stdio_options options; /* to be changed before the start */
	int in_fd, out_fd;                /* the loop's */
	int to_fd, from_fd;               /* the client's */
	int wake_fds[2];                  /* the loop's, and the one that a test writes to */
	pthread_t thread;
	int status;         /* what the loop returned */
	char held[1 << 16]; /* read from the loop and not yet heard */
	size_t held_len;
	sem_t begun, go; /* of the tool */
	_Atomic(int) cancels;
	_Atomic(int64_t) cancelled_ms; /* when, by clock_mono_ms */
};

extern struct session session;

/* cmocka's fixtures, around session_start. */
int session_set_up(void **state);
int session_tear_down(void **state);
void session_start(void);

void session_say_n(const char *text, size_t n);
void session_say(const char *text);

/* The loop's next line, without the newline; NULL at the end of its output. */
const char *session_hear(void);
void session_expect(const char *line);

/* The loop must end with that status and say nothing more; once the test has ended the input, or
 * session_finish does. */
void session_finished(int status);
void session_finish(int status);

/* Waits until that many calls of the tool have begun; lets that many go on. */
void session_await_begun(int count);
void session_go(int count);

#endif
