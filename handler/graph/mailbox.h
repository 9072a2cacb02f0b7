/* Whose mailbox a call is about: the caller's own, or another user's or a shared one that Exchange
 * lets the caller open. */
#ifndef GRAPH_MAILBOX_H
#define GRAPH_MAILBOX_H

#include "base/buf.h"
#include "base/json.h"

#define MAILBOX_ARGUMENT "mailbox"
#define MAILBOX_OWN "/me/" /* how a path of the caller's own begins */
/* What a 403 or a 404 means there: Exchange tells no one which. */
#define MAILBOX_NOT_OPEN                                                                           \
	"Perhaps the user may not open this mailbox, or not do this in it, or there is none of "   \
	"this name."

/* The argument of a call, within its arguments; NULL: it is not given (null is absent).
 * ERR_BAD_REQUEST, naming it, for what is no address and no object id: of what may stand behind
 * /users/ nothing else is a mailbox. */
bool mailbox_read(const cJSON *arguments, const char **ret, struct err *err);

/* Appends a path that begins with MAILBOX_OWN as it is for that mailbox; NULL: as it is. */
void mailbox_add_path(const char *mailbox, const char *path, struct buf *out);

#endif
