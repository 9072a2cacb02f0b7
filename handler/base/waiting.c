#include "base/waiting.h"

static _Thread_local struct waiting told;

void waiting_tell(struct waiting who)
{
	told = who;
}

void waiting_begins(void)
{
	if (told.begins)
		told.begins(told.context);
}

void waiting_ends(void)
{
	if (told.ends)
		told.ends(told.context);
}
