/* A shell command of the user's own settings, run for what it prints. */
#ifndef BASE_COMMAND_H
#define BASE_COMMAND_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/deadline.h"
#include "base/err.h"

#define COMMAND_OUTPUT_MAX 65536

/* Runs /bin/sh -c text, with nothing to read, its errors on our stderr, and adds what it prints to
 * *out, COMMAND_OUTPUT_MAX bytes at most.  It and all it started are killed when the deadline has
 * passed, when it prints more, or when stop_fd becomes readable.  ERR_INTERNAL with a detail that
 * says which, or its exit status when that is not 0.  Any thread. */
bool command_run(
	const char *text, struct deadline deadline, int stop_fd, struct buf *out, struct err *err);

#endif
