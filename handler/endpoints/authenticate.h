/* The one place where it is decided who is calling and whether that will do, whatever the
 * transport. */
#ifndef ENDPOINTS_AUTHENTICATE_H
#define ENDPOINTS_AUTHENTICATE_H

#include "endpoints/call.h"

/* Checks the caller as the call's row asks, filling its identity's caller (or stranger) unless that
 * is known already. */
bool authenticate(struct call *call, struct err *err);

#endif
