/* The command line, and the Functions host's word on the port. */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <stdbool.h>

struct arguments {
	int port;
	bool stdio;
	bool permissions; /* are to be printed, and nothing served */
	bool under_host;
};

/* True to go on and serve; otherwise *ret_exit is the exit status.  Before any thread starts. */
bool arguments_read(int argc, char **argv, struct arguments *ret, int *ret_exit);

/* The port to listen on: the host's variable, else its older twin, else --port.  False when a
 * variable is set to something that is no port.  Before any thread starts. */
bool arguments_choose_port(struct arguments *arguments);

#endif
