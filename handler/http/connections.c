#include "http/connections.h"

#define STREAMS 100 /* that Entra and Graph let share a connection; libcurl's own guess too */
#define FIRST_CONNECTIONS 4 /* before it is known whether they can be shared */

static long needed(const struct connections *connections)
{
	long needed = connections->running / STREAMS + 1;

	if (connections->shared == CONNECTIONS_NOT_SHARED)
		return 0;
	if (connections->shared == CONNECTIONS_NOT_SEEN && needed > FIRST_CONNECTIONS)
		needed = FIRST_CONNECTIONS;
	if (needed < connections->needed) /* or libcurl closes some, to open them again */
		needed = connections->needed;
	return needed;
}

bool connections_change(struct connections *connections)
{
	long before = connections->limit;

	if (!connections->running)
		return false;
	connections->needed = needed(connections);
	connections->limit = connections->needed ? connections->needed + connections->spoiled : 0;
	return connections->limit != before;
}

void connections_note_waiting(struct connections *connections, int waiting)
{
	connections->spoiled += waiting > 0;
	if (connections->spoiled > connections->running) /* each is kept by a call */
		connections->spoiled = connections->running;
}
