#include "graph/profile.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/log.h"
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

bool profile_check(cJSON *profile, const struct caller *caller, const char *select, struct err *err)
{
	autofree char *expected = owner_expected(caller);
	const char *id = json_string(profile, "id");

	if (expected && (!id || !owner_same(id, expected))) {
		err_set(err, ERR_GRAPH_ERROR, "graph: the profile %s",
			id ? "is another user's" : "does not say whose it is");
		log_event(LOG_WARN, "anothers_answer", "%s", err->detail);
		return false;
	}
	if (select && !selects_id(select))
		cJSON_DeleteItemFromObjectCaseSensitive(profile, "id");
	return true;
}
