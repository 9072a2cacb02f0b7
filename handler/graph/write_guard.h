/* What stands before a write, where the operator wants it: that it reaches nobody outside
 * WRITE_RECIPIENT_DOMAINS, and that the person agrees (CONFIRM_WRITES).  The first is a limit; the
 * second is a seat belt, no lock: a client may answer for its person.
 *
 * An answer counts for ten minutes, for the same user, tool and arguments, and as long as what was
 * looked at is the same: a digest of all that goes out as the question's state.  It has no key,
 * for whoever could make one up can agree as well. */
#ifndef GRAPH_WRITE_GUARD_H
#define GRAPH_WRITE_GUARD_H

#include "base/question.h"
#include "graph/graph.h"
#include "graph/tool_run.h"

/* Whether a tool may run.  With a text in *ret: not yet, the person is to be asked, and it is to be
 * called again with the answer.  Of a tool that only reads, or where nothing is set, always.
 * ERR_RECIPIENT_NOT_ALLOWED, ERR_CONFIRMATION_REQUIRED, ERR_DECLINED; ERR_BAD_REQUEST for arguments
 * that the tool does not take; what graph_send says of the look.
 * A graph_source's; context is a struct graph. */
bool write_guard_pass(void *context, const struct graph_tool_call *call,
	struct graph_errand *errand, struct question *ret, struct err *err);

/* The same of what the arguments say alone: nothing is looked at.  What would be is taken for
 * outside, and the question says that there is more. */
bool write_guard_pass_blind(const struct config *config, const struct graph_tool_call *call,
	const struct caller *caller, struct question *ret, struct err *err);

#endif
