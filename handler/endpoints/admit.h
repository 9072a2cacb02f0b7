/* A place for a call over HTTP among those under way, and whose share of them it comes out of: the
 * user's, once the token is checked; the token's own where it is passed on unchecked; else that of
 * the client's address, where that is known. */
#ifndef ENDPOINTS_ADMIT_H
#define ENDPOINTS_ADMIT_H

#include "endpoints/call.h"

/* For the call of whoever its identity says it is, until admission_leave.  Errors: those of
 * admission_enter. */
bool admit(struct call *call, struct err *err);

/* The same before it waits to learn who is calling.  A row that does without takes no turn from
 * others and never waits for one: false, with err as it was, where no place is free, or none of
 * its share. */
bool admit_stranger(struct call *call, struct err *err);

#endif
