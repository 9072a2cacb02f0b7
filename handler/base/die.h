/* The end of a program that cannot go on. */
#ifndef BASE_DIE_H
#define BASE_DIE_H

/* Says so on stderr, as an error of the log, and aborts.  It needs no memory, and does not wait for
 * somebody to read what it says. */
_Noreturn void die(const char *event);

#endif
