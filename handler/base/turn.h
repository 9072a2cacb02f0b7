/* Turns: of a server's threads about as many run as there are processors, and one that is about to
 * wait for something lets another run meanwhile.  Whoever waits says so here and knows nothing of
 * the server; threads that nobody gave a turn to wait without a word.
 */
#ifndef BASE_TURN_H
#define BASE_TURN_H

struct turn {
	void (*leave)(void *context); /* before a wait; must not wait itself */
	void (*take)(void *context);  /* after it */
	void *context;
};

/* The calling thread's, from now on. */
void turn_of_thread(struct turn turn);

void turn_leave(void);
void turn_take(void);

#endif
