/* The process's open files: the three that every program has, and how many there may be. */
#ifndef BASE_FILES_H
#define BASE_FILES_H

/* Opens those of the three that the parent left closed: else they would go to what is opened next,
 * the client's input might be a socket of ours, and the log its output. */
void files_open_standard(void);

/* Lets there be as many as the system allows this process.  What it gives a process to begin with
 * is little, for the sake of programs that use select(); nothing here does. */
void files_raise_limit(void);

/* How many there may be. */
int files_limit(void);

#endif
