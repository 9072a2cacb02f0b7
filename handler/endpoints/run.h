/* The path of a call, whatever brought it: nothing runs that was not let in here. */
#ifndef ENDPOINTS_RUN_H
#define ENDPOINTS_RUN_H

#include "endpoints/call.h"

/* What is left for a caller who may call: the row's own run, where the arguments are there. */
typedef bool (*call_step)(struct call *call, struct err *err);

/* Authenticates the call as its row asks and takes the step. */
bool call_run(struct call *call, call_step step, struct err *err);

#endif
