/* Who waits says so, and who minds hears it: of a server's threads about as many run as there are
 * processors, and one that is about to wait lets another run meanwhile.  Neither knows the other;
 * of a thread that nobody minds the words are lost.
 */
#ifndef BASE_WAITING_H
#define BASE_WAITING_H

struct waiting {
	void (*begins)(void *context); /* must not wait itself */
	void (*ends)(void *context);
	void *context;
};

/* Who is to hear it of the calling thread, from now on. */
void waiting_tell(struct waiting who);

void waiting_begins(void);
void waiting_ends(void);

#endif
