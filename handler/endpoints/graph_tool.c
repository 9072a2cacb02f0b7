/* A call of any Graph tool: POST /tools/NAME with its arguments as the body, or as an MCP tool. */
#include "endpoints/endpoints.h"

static bool read(struct http_exchange *exchange, cJSON **ret, struct err *err)
{
	return exchange_read_json(exchange, ret, err);
}

static bool run(struct call *call, struct err *err)
{
	const struct graph_source *source = &call->service->upstreams.graph;
	const struct graph_tool_call asked = {call->endpoint->graph, call->arguments, call->person};
	struct question *question = &call->outcome.question;
	struct graph_errand graph = call_errand(call);
	struct buf result;
	bool good = source->guard(source->context, &asked, &graph, question, err);

	if (good && !question->text)
		good = source->run_tool(source->context, &asked, &graph, &result, err);
	call_asked_graph(call, &graph);
	if (good && !question->text)
		outcome_text(&call->outcome, &result);
	return good;
}

const struct endpoint graph_tool_row = {
	.methods = "POST", .auth = AUTH_USER, .read = read, .run = run};
