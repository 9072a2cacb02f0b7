#include "graph/profile.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/json_text.h"
#include "base/log.h"
#include "graph/batch.h"
#include "token/owner.h"

#define ANSWER_BYTES_MAX (4u << 20)
#define PART "me"

static const struct graph_request ALONE = {
	.method = "GET",
	.path = "/v1.0/me",
	.answer_max = ANSWER_BYTES_MAX,
	.check = profile_check,
	.not_found = "Microsoft Graph does not know this user.",
};

static const struct graph_request WITH_MORE = {
	.method = "POST",
	.path = "/v1.0/$batch",
	.body_type = "application/json",
	.answer_max = ANSWER_BYTES_MAX,
	.part = PART,
	.check = profile_check,
	.not_found = "Microsoft Graph does not know this user.",
};

/* Graph's property names ignore case. */
static bool selects_id(const char *select)
{
	size_t n;

	for (; *select; select += n + (select[n] == ',')) {
		n = strcspn(select, ",");
		if (n == 2 && !strncasecmp(select, "id", 2))
			return true;
	}
	return false;
}

char *profile_select(const char *select)
{
	struct buf list;

	if (!select)
		return NULL;
	buf_init(&list);
	buf_addf(&list, "%s%s", select, selects_id(select) ? "" : ",id");
	return list.data;
}

bool profile_check(struct json_span profile, const struct caller *caller, struct err *err)
{
	autofree char *expected = owner_expected(caller);
	struct json_span key, value = {NULL, 0};
	struct buf id;
	int count = 0;
	bool said = false, same;

	buf_init(&id);
	while (json_member(profile, &key, &value)) {
		if (json_spells(key, "id") && count++ == 0)
			said = json_unquote(value, &id);
	}
	same = !expected || (said && owner_same(buf_text(&id), expected));
	buf_done(&id);
	if (count <= 1 && same)
		return true;
	err_set(err, ERR_GRAPH_ERROR, "graph: the profile %s",
		count > 1 ? "says twice whose it is"
		: said    ? "is another user's"
			  : "does not say whose it is");
	log_event(LOG_WARN, "anothers_answer", "%s", err->detail);
	return false;
}

void profile_open(struct json_span profile, const struct profile_query *query, struct buf *out)
{
	bool keeps_id = !query->select || selects_id(query->select);
	struct json_span key, value = {NULL, 0};

	buf_adds(out, "{");
	while (json_member(profile, &key, &value)) {
		if ((!keeps_id && json_spells(key, "id")) ||
			graph_batch_brings(query->include, key))
			continue;
		json_comma(out);
		json_pass(key, out);
		buf_adds(out, ":");
		json_pass(value, out);
	}
}

static void write_object(
	const struct graph_answer *answer, const struct profile_query *query, struct buf *ret)
{
	int64_t now_s = clock_unix_s();
	struct json_span profile = answer->body;
	struct graph_answer part = {0};

	if (query->include && graph_answer_part(answer, PART, now_s, &part))
		profile = part.body;
	buf_init(ret);
	profile_open(profile, query, ret);
	graph_answer_done(&part);
	graph_batch_add(answer, query->include, now_s, ret);
	buf_adds(ret, "}");
}

bool graph_me(void *context, const struct profile_query *query, struct graph_errand *errand,
	struct buf *ret, struct err *err)
{
	struct graph_request request = query->include ? WITH_MORE : ALONE;
	autofree char *select = profile_select(query->select);
	autofree char *body = query->include ? graph_batch_body(select, query->include) : NULL;
	struct graph_answer answer;
	struct buf parameters;
	bool good;

	buf_init(&parameters);
	request.body = body;
	if (select) {
		request.bad_request = "Microsoft Graph does not know a property named in $select.";
		buf_addf(&parameters, "$select=%s", select);
		request.query = body ? NULL : buf_text(&parameters);
	}
	good = graph_send(context, &request, errand, &answer, err);
	if (good) {
		write_object(&answer, query, ret);
		graph_answer_done(&answer);
	}
	buf_done(&parameters);
	return good;
}
