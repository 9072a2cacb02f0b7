#include "base/die.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void die(const char *event)
{
	struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};

	if (poll(&room, 1, 0) > 0)
		dprintf(STDERR_FILENO, "level=error event=%s\n", event);
	abort();
}
