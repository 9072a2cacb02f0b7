#include "base/turn.h"

static _Thread_local struct turn own;

void turn_of_thread(struct turn turn)
{
	own = turn;
}

void turn_leave(void)
{
	if (own.leave)
		own.leave(own.context);
}

void turn_take(void)
{
	if (own.take)
		own.take(own.context);
}
