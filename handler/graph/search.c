#include "graph/search.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/worker.h"
#include "graph/enabled.h"
#include "graph/search_result.h"

/* Of one kind: all together may be as long as what other tools read. */
#define ANSWER_BYTES_MAX (1u << 20)

static const struct {
	enum found_kind found;
	const char *permissions[3];
	const char *request; /* what it says before the query's words */
} KINDS[] = {
	{FOUND_MAIL, {"Mail.Read"}, "\"entityTypes\":[\"message\"],\"enableTopResults\":true"},
	{FOUND_EVENT, {"Calendars.Read"}, "\"entityTypes\":[\"event\"]"},
	{FOUND_CHAT, {"Chat.Read", "ChannelMessage.Read.All"},
		"\"entityTypes\":[\"chatMessage\"],\"enableTopResults\":true"},
	{FOUND_FILE, {"Sites.Read.All"}, "\"entityTypes\":[\"driveItem\",\"listItem\",\"site\"]"},
};
#define KIND_COUNT (sizeof(KINDS) / sizeof(KINDS[0]))
static_assert(KIND_COUNT <= SEARCH_KINDS_MAX, "room for what each found");

/* One kind, asked in a thread of its own. */
struct kind_search {
	const struct search *search;
	size_t kind;
	struct graph_errand errand;
	struct search_found found;
	struct worker worker;
};

/* A page of ten serves; the first have to stand beside those of the other kinds. */
static void write_body(const struct kind_search *asking, struct buf *body)
{
	buf_addf(body,
		"{\"requests\":[{%s,\"query\":{\"queryString\":", KINDS[asking->kind].request);
	json_quote(body, asking->search->query);
	buf_adds(body, "},\"from\":0,\"size\":10}]}");
}

static void ask(void *context)
{
	struct kind_search *asking = context;
	struct graph *graph = asking->search->graph;
	autofree char *scope = enabled_scope(graph->config, KINDS[asking->kind].permissions);
	struct graph_request request = {.method = "POST",
		.path = "/v1.0/search/query",
		.body_type = "application/json",
		.scope = scope,
		.answer_max = ANSWER_BYTES_MAX,
		.bad_request = "Microsoft Search does not take this query."};
	struct search_found *found = &asking->found;
	struct buf body;

	buf_init(&body);
	write_body(asking, &body);
	request.body = body.data;
	if (graph_send(graph, &request, &asking->errand, &found->answer, &found->err))
		search_found_read(found);
	buf_done(&body);
}

static bool is_wanted(const struct search *search, size_t kind)
{
	for (const char *const *each = KINDS[kind].permissions; *each; each++) {
		if (!text_is_one_of(*each, search->permissions))
			return false;
	}
	return true;
}

static size_t prepare(const struct search *search, const struct graph_errand *errand,
	struct kind_search ret[KIND_COUNT])
{
	size_t count = 0;

	for (size_t i = 0; i < KIND_COUNT; i++) {
		if (!is_wanted(search, i))
			continue;
		ret[count] = (struct kind_search){.search = search, .kind = i, .errand = *errand};
		ret[count].found.kind = KINDS[i].found;
		err_init(&ret[count++].found.err);
	}
	return count;
}

/* The calling thread does one itself, and those that no thread is to be had for. */
static void ask_all(struct kind_search *askings, size_t count)
{
	for (size_t i = 1; i < count; i++)
		worker_start(&askings[i].worker, ask, &askings[i]);
	for (size_t i = 0; i < count; i++) {
		if (!askings[i].worker.started)
			ask(&askings[i]);
	}
	for (size_t i = 1; i < count; i++)
		worker_join(&askings[i].worker);
}

/* For the log: how long the slowest took, whether any had to exchange, and what Graph said of the
 * first that failed, else of the last. */
static void note(const struct kind_search *askings, size_t count, struct graph_errand *ret)
{
	bool failed = false;

	for (size_t i = 0; i < count; i++) {
		const struct graph_errand *each = &askings[i].errand;

		if (each->graph_ms > ret->graph_ms)
			ret->graph_ms = each->graph_ms;
		if (!ret->token_source ||
			(each->token_source && !strcmp(each->token_source, "exchange")))
			ret->token_source = each->token_source;
		if (!failed) {
			memcpy(ret->request_id, each->request_id, sizeof(ret->request_id));
			memcpy(ret->diagnostic, each->diagnostic, sizeof(ret->diagnostic));
		}
		failed = failed || askings[i].found.err.code;
	}
}

bool graph_search(
	const struct search *search, struct graph_errand *errand, struct buf *ret, struct err *err)
{
	struct kind_search askings[KIND_COUNT];
	struct search_found *found[KIND_COUNT];
	size_t count = prepare(search, errand, askings);
	bool good;

	if (!count)
		return err_set(
			err, ERR_SERVER_CONFIGURATION, "search: no kind has its permissions");
	ask_all(askings, count);
	note(askings, count, errand);
	for (size_t i = 0; i < count; i++)
		found[i] = &askings[i].found;
	good = search_result_write(
		found, count, (size_t)search->graph->config->result_bytes_max, ret, err);
	for (size_t i = 0; i < count; i++)
		search_found_done(found[i]);
	return good;
}
