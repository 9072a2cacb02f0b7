/* The path of a call, whatever brought it. */
#ifndef ENDPOINTS_RUN_H
#define ENDPOINTS_RUN_H

#include "endpoints/call.h"

/* What the transport asks of a known caller before the endpoint runs; sets call->arguments. */
typedef bool (*call_take)(struct call *call, struct err *err);

/* Authenticates the call, has its arguments taken (take NULL: they are there) and runs its row,
 * which sets call->outcome. */
bool call_run(struct call *call, call_take take, struct err *err);

#endif
