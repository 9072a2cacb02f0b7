#include "graph/write_guard.h"

#include <stdio.h>
#include <string.h>

#include "graph/confirm_text.h"
#include "graph/looked.h"
#include "graph/mailbox.h"
#include "graph/question_state.h"
#include "graph/recipient.h"
#include "graph/shown.h"

#define ANSWER_BYTES_MAX (4u << 20)
#define MAILBOX_BYTES_MAX 300 /* that are shown */

/* A write that is to be let through. */
struct guarded {
	const struct config *config;
	const struct graph_tool_call *call;
	const struct guard_rules *rules;
	const struct caller *caller;
	struct tool_values arguments;
	struct buf looked; /* the object that was picked, as text; empty: nothing was looked at */
	cJSON *looked_tree;
	bool in_part; /* there is more than could be looked at */
};

static bool is_guarded(const struct config *config, const struct graph_tool_call *call)
{
	return call->tool->definition->writes &&
	       (config->confirm_writes || *config->write_recipient_domains);
}

/* Before anything is asked or looked at: what cannot be done anyway. */
static bool begin(struct guarded *guarded, struct err *err)
{
	const struct graph_tool_call *call = guarded->call;
	const struct graph_tool *tool = call->tool->definition;
	const struct person *person = &call->person;

	guarded->rules = tool->guard;
	buf_init(&guarded->looked);
	if (!tool_values_read(tool->arguments, call->arguments, &guarded->arguments, err) ||
		!graph_tool_check(call, err))
		return false;
	if (!guarded->config->confirm_writes)
		return true;
	if (person->answer == PERSON_DECLINES)
		return err_set(err, ERR_DECLINED, "guard: declined");
	if (person->answer == PERSON_CANCELS)
		return err_say(err, ERR_DECLINED,
			"The person closed the question without an answer. Nothing was done.");
	return person->can_be_asked ||
	       err_say(err, ERR_CONFIRMATION_REQUIRED,
		       "The person has to confirm this, and cannot be asked here. Use a client "
		       "that "
		       "can ask (MCP elicitation over stdio, or MCP 2026-07-28 over HTTP), do it "
		       "by "
		       "hand in Outlook or Teams, or have the operator leave CONFIRM_WRITES off. "
		       "Nothing was done.");
}

static void end(struct guarded *guarded)
{
	buf_done(&guarded->looked);
	cJSON_Delete(guarded->looked_tree);
}

static bool read_look(struct guarded *guarded, const struct graph_answer *answer, struct err *err)
{
	struct buf *looked = &guarded->looked;

	if (!json_is_object(answer->body))
		return err_set(err, ERR_GRAPH_ERROR, "guard: what was looked at is no object");
	guarded->in_part = !looked_write(guarded->rules->looked, answer->body, looked);
	return json_parse_softly(looked->data, looked->len, &guarded->looked_tree, err) ||
	       err_set(err, ERR_GRAPH_ERROR, "guard: what was looked at cannot be read");
}

static bool ask_graph(struct graph *graph, struct guarded *guarded, struct graph_request *request,
	struct graph_errand *errand, struct err *err)
{
	const struct graph_tool_call *call = guarded->call;
	struct graph_answer answer;
	bool good;

	request->scope = enabled_look_scope_of(call->tool, call->arguments);
	request->answer_max = ANSWER_BYTES_MAX;
	request->not_found = call->tool->definition->not_found;
	request->elsewhere = guarded->arguments.mailbox ? MAILBOX_NOT_OPEN : NULL;
	request->bad_request = GRAPH_TOOL_NOT_TAKEN ".";
	if (!graph_send(graph, request, errand, &answer, err)) {
		graph_tool_say_why(err);
		return false;
	}
	good = read_look(guarded, &answer, err);
	graph_answer_done(&answer);
	return good;
}

/* graph NULL: nothing can be looked at, and what a look would bring is missing. */
static bool look(
	struct graph *graph, struct guarded *guarded, struct graph_errand *errand, struct err *err)
{
	const struct tool_request *wanted = guarded->rules->look;
	struct tool_request_text text;
	bool good = true;

	if (!wanted)
		return true;
	if (!tool_request_write(wanted, guarded->call->arguments, NULL, &text, err))
		return false;
	if (text.request.path && graph)
		good = ask_graph(graph, guarded, &text.request, errand, err);
	else if (text.request.path)
		guarded->in_part = true;
	tool_request_text_done(&text);
	return good;
}

static bool refuse_recipients(const char *names, struct err *err)
{
	return err_say(err, ERR_RECIPIENT_NOT_ALLOWED,
		"WRITE_RECIPIENT_DOMAINS does not allow this to reach %s. Nothing was done.",
		names);
}

/* Who it would reach must be known, and inside. */
static bool check_recipients(const struct guarded *guarded, struct err *err)
{
	const struct confirm_values values = {&guarded->arguments, guarded->looked_tree};
	const struct tool_node *all = &guarded->rules->recipients;
	int outside = 0, count = 0;
	struct buf names;

	if (!*guarded->config->write_recipient_domains || !all->count)
		return true;
	buf_init(&names);
	for (size_t i = 0; i < all->count; i++) {
		const struct tool_node *node = tool_node_find(&all->inner[i], &guarded->arguments);
		const char *name = node ? node->text.pieces->literal : NULL;
		const cJSON *value = name ? confirm_values_find(&values, name, strlen(name)) : NULL;

		if (value)
			outside += recipients_outside(
				guarded->config->write_recipient_domains, value, &names, &count);
	}
	if (outside)
		refuse_recipients(buf_text(&names), err);
	buf_done(&names);
	if (outside)
		return false;
	if (guarded->looked_tree)
		return (count && !guarded->in_part) ||
		       refuse_recipients("somebody whom Microsoft Graph does not name", err);
	return !guarded->in_part ||
	       refuse_recipients("somebody whom only the other instance sees", err);
}

static void ask(const struct guarded *guarded, struct question *ret)
{
	const struct confirm_values values = {&guarded->arguments, guarded->looked_tree};
	struct buf text;
	size_t begin;

	buf_init(&text);
	if (guarded->arguments.mailbox) {
		buf_adds(&text, "In the mailbox of ");
		shown_add(guarded->arguments.mailbox, MAILBOX_BYTES_MAX, &text);
		buf_adds(&text, ":\n");
	}
	if (guarded->in_part)
		buf_adds(&text, "There is more to it than can be shown here.\n");
	begin = text.len;
	confirm_text_write(guarded->rules->confirm, &values, &text);
	if (text.len == begin)
		buf_addf(&text, "%s?", guarded->call->tool->definition->title);
	ret->text = text.data;
}

static bool confirm(const struct guarded *guarded, struct question *ret, struct err *err)
{
	const struct graph_tool_call *call = guarded->call;
	const struct person *person = &call->person;
	const struct question_facts facts = {call->tool->definition->name, call->arguments,
		guarded->caller, buf_text(&guarded->looked)};

	if (!guarded->config->confirm_writes)
		return true;
	if (person->answer == PERSON_AGREES) {
		switch (question_state_check(person->state, &facts)) {
		case STATE_HOLDS:
			return true;
		case STATE_IS_OLD:
			return err_say(err, ERR_CONFIRMATION_REQUIRED,
				"The person agreed more than ten minutes after the question. "
				"Nothing was done; call again to have it put anew.");
		case STATE_IS_ANOTHERS:
			break;
		}
	}
	question_state_write(&facts, ret->state);
	ask(guarded, ret);
	return true;
}

static bool pass(struct graph *graph, struct guarded *guarded, struct graph_errand *errand,
	struct question *ret, struct err *err)
{
	bool good;

	if (!is_guarded(guarded->config, guarded->call))
		return true;
	good = begin(guarded, err) && look(graph, guarded, errand, err) &&
	       check_recipients(guarded, err) && confirm(guarded, ret, err);
	end(guarded);
	return good;
}

bool write_guard_pass(void *context, const struct graph_tool_call *call,
	struct graph_errand *errand, struct question *ret, struct err *err)
{
	struct graph *graph = context;
	struct guarded guarded = {.config = graph->config, .call = call, .caller = errand->caller};

	return pass(graph, &guarded, errand, ret, err);
}

bool write_guard_pass_blind(const struct config *config, const struct graph_tool_call *call,
	const struct caller *caller, struct question *ret, struct err *err)
{
	struct guarded guarded = {.config = config, .call = call, .caller = caller};

	return pass(NULL, &guarded, NULL, ret, err);
}
