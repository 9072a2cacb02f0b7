#include "graph/profile.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_text.h"
#include "base/log.h"
#include "graph/batch.h"
#include "token/owner.h"

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

void profile_open(struct json_span profile, const char *select, unsigned include, struct buf *out)
{
	bool keeps_id = !select || selects_id(select);
	struct json_span key, value = {NULL, 0};

	buf_adds(out, "{");
	while (json_member(profile, &key, &value)) {
		if ((!keeps_id && json_spells(key, "id")) || graph_batch_brings(include, key))
			continue;
		json_comma(out);
		json_pass(key, out);
		buf_adds(out, ":");
		json_pass(value, out);
	}
}
