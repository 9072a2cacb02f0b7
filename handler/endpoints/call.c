#include "endpoints/call.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#define REQUEST_ID_MAX 128

/* Letters, digits and -_.: only, so that it can stand in a header, a log line and JSON as it is. */
static bool request_id_valid(const char *id)
{
	size_t n = strlen(id);

	return n >= 1 && n <= REQUEST_ID_MAX &&
	       strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:") ==
		       n;
}

void identity_start(struct identity *identity, const char *request_id)
{
	uuid_make(identity->correlation_id);
	if (!request_id || !request_id_valid(request_id)) {
		memcpy(identity->request_id, identity->correlation_id, UUID_SIZE);
		return;
	}
	memcpy(identity->request_id, request_id, strlen(request_id) + 1);
	if (guid_valid(identity->request_id)) /* what Entra and Graph want theirs to be */
		memcpy(identity->correlation_id, identity->request_id, UUID_SIZE);
}

void identity_done(struct identity *identity)
{
	caller_done(&identity->caller);
}

void stranger_is(struct stranger *stranger, const struct err *why)
{
	stranger->code = why->code;
	snprintf(stranger->message, sizeof(stranger->message), "%s", why->message);
}

void call_trace(struct call *call, const char *traceparent)
{
	trace_continue(traceparent, call->trace);
	if (*call->trace)
		memcpy(call->record->trace, call->trace, TRACE_SIZE);
}

struct graph_errand call_errand(const struct call *call)
{
	return (struct graph_errand){.caller = &call->identity->caller,
		.correlation_id = call->identity->correlation_id,
		.trace = *call->trace ? call->trace : NULL,
		.deadline = call->deadline};
}

void call_asked_graph(struct call *call, const struct graph_errand *graph)
{
	struct graph_note *note = &call->record->graph;

	note->ms = graph->graph_ms;
	note->token_source = graph->token_source;
	memcpy(note->request_id, graph->request_id, sizeof(note->request_id));
	memcpy(note->diagnostic, graph->diagnostic, sizeof(note->diagnostic));
}

void call_count(const struct call *call, int status)
{
	struct row_state *row = service_row(call->service, call->endpoint);

	atomic_fetch_add(&row->requests, 1);
	atomic_fetch_add(&row->errors, status >= 400);
}

static void log_mcp(struct log_line *line, const struct mcp_note *note)
{
	log_str(line, "mcp", note->method);
	log_str(line, "tool", note->tool);
	log_str(line, "era", note->era);
	if (note->code)
		log_int(line, "rpc_code", note->code);
	if (note->failure) {
		log_str(line, "code", err_info(note->failure)->slug);
		log_str(line, "detail", note->detail);
	}
}

static void log_graph(struct log_line *line, const struct graph_note *note, int status)
{
	log_int(line, "graph_ms", note->ms);
	log_str(line, "token", note->token_source);
	log_str(line, "graph_request_id", *note->request_id ? note->request_id : NULL);
	if (status >= 400 && *note->diagnostic)
		log_str(line, "graph_diagnostic", note->diagnostic);
}

static void log_identity(struct log_line *line, const struct identity *identity)
{
	log_str(line, "tid", identity->caller.tenant_id);
	log_str(line, "oid", identity->caller.object_id);
	log_str(line, "request_id", identity->request_id);
	if (strcmp(identity->correlation_id, identity->request_id) != 0)
		log_str(line, "client_request_id", identity->correlation_id);
}

static void log_oauth(struct log_line *line, const struct oauth_note *oauth)
{
	log_str(line, "action", oauth->action);
	log_str(line, "client_kind", oauth->client);
	log_str(line, "grant", oauth->grant);
	if (oauth->entra_status)
		log_int(line, "entra_status", oauth->entra_status);
	if (oauth->number)
		log_int(line, "aadsts", oauth->number);
	log_str(line, "trace_id", *oauth->trace_id ? oauth->trace_id : NULL);
}

/* A flood of what is turned away is counted in lines of its own: base/admission. */
static enum log_level level_of(int status, const struct err *err)
{
	if (err && (err->code == ERR_OVERLOADED || err->code == ERR_TOO_MANY_REQUESTS))
		return LOG_DEBUG;
	return status >= 500 ? LOG_WARN : LOG_INFO;
}

void call_log(const struct call *call, int status, const struct err *err)
{
	const struct record *record = call->record;
	struct log_line line;

	log_begin(&line, level_of(status, err), "request");
	log_str(&line, "endpoint", call->endpoint ? call->endpoint->name : "-");
	log_str(&line, "method", record->method);
	log_int(&line, "status", status);
	log_int(&line, "ms", clock_mono_ms() - record->start_ms);
	if (*record->mcp.method)
		log_mcp(&line, &record->mcp);
	if (record->oauth.action)
		log_oauth(&line, &record->oauth);
	if (err) {
		log_str(&line, "code", err_info(err->code)->slug);
		log_str(&line, "detail", err->detail);
	}
	if (record->graph.token_source)
		log_graph(&line, &record->graph, status);
	log_identity(&line, call->identity);
	log_str(&line, "invocation", record->invocation_id);
	log_str(&line, "trace", *record->trace ? record->trace : NULL);
	log_end(&line);
}
