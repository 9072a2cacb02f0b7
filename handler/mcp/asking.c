#include "mcp/asking.h"

#include <stdatomic.h>
#include <string.h>

#include "base/deadline.h"
#include "mcp/elicitation.h"

void asking_hear_client(struct asking *asking, const struct rpc_message *rpc)
{
	if (!rpc->fault && rpc->kind == RPC_REQUEST && !strcmp(rpc->method, "initialize"))
		atomic_store(&asking->takes_forms,
			elicitation_takes_forms(
				cJSON_GetObjectItemCaseSensitive(rpc->params, "capabilities")));
}

void asking_hear_answer(struct asking *asking, const struct rpc_message *rpc, struct json_span line)
{
	if (!rpc->fault && rpc->kind == RPC_RESPONSE && rpc->id)
		jobs_answer(asking->jobs, rpc->id, line);
}

static bool write_question(const struct asking *asking, const char *id, const char *text)
{
	autofree_json cJSON *params = elicitation_form(text);
	autofree char *printed = json_print(params);
	struct buf line;
	bool good;

	buf_init(&line);
	buf_addf(&line, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"elicitation/create\",", id);
	buf_adds(&line, "\"params\":");
	buf_adds(&line, printed);
	buf_adds(&line, "}");
	good = writer_line(asking->writer, line.data, line.len);
	buf_done(&line);
	return good;
}

/* So that the client takes the question off its screen. */
static void withdraw(const struct asking *asking, const char *id)
{
	struct buf line;

	buf_init(&line);
	buf_addf(&line,
		"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
		"\"params\":{\"requestId\":%s}}",
		id);
	writer_line(asking->writer, line.data, line.len);
	buf_done(&line);
}

static enum person_answer ask(const struct mcp_asker *asker, const char *text)
{
	const struct job_asker *self = (const struct job_asker *)asker;
	const struct asking *asking = self->asking;
	struct deadline deadline = deadline_after(asking->wait_ms);
	autofree_json cJSON *response = NULL;
	autofree char *answer = NULL;
	char id[JOBS_QUESTION_SIZE];
	autoerr(err);

	if (!jobs_begin_question(asking->jobs, self->job, id))
		return PERSON_BUSY;
	if (!write_question(asking, id, text))
		deadline = deadline_after(0);
	answer = jobs_await_answer(asking->jobs, self->job, deadline);
	if (!answer)
		withdraw(asking, id);
	if (!answer || !json_parse(answer, strlen(answer), &response, &err))
		return PERSON_SILENT;
	/* an error has no result, and is no answer */
	return elicitation_answer(cJSON_GetObjectItemCaseSensitive(response, "result"));
}

const struct mcp_asker *asking_of_job(
	struct asking *asking, struct job *job, struct job_asker *ret_room)
{
	if (!job || !atomic_load(&asking->takes_forms))
		return NULL;
	*ret_room = (struct job_asker){{ask}, asking, job};
	return &ret_room->asker;
}
