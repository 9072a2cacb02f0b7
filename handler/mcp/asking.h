/* Questions of a stdio session to its client's person, in the legacy era: a request of ours to the
 * client, whose answer comes in among its own messages. */
#ifndef MCP_ASKING_H
#define MCP_ASKING_H

#include "mcp/jobs.h"
#include "mcp/lines.h"
#include "mcp/mcp_server.h"

struct asking {
	struct jobs *jobs;
	struct writer *writer;
	int wait_ms;               /* for one answer */
	_Atomic(bool) takes_forms; /* as the client said in initialize */
};

/* Takes what the client says it can from its initialize; another message is none of ours. */
void asking_hear_client(struct asking *asking, const struct rpc_message *rpc);

/* Takes a response of the client, read from that line, to the job that waits for it, if one does.
 */
void asking_hear_answer(
	struct asking *asking, const struct rpc_message *rpc, struct json_span line);

/* How a job puts its question; lives as long as its run. */
struct job_asker {
	struct mcp_asker asker;
	struct asking *asking;
	struct job *job;
};

/* What a message of the job is to have as its asker; NULL: its client cannot be asked. */
const struct mcp_asker *asking_of_job(
	struct asking *asking, struct job *job, struct job_asker *ret_room);

#endif
