#include "token/jwks_answer.h"

#include <stdlib.h>

#include "base/log.h"

void jwks_answer_done(struct jwks_answer *answer)
{
	cJSON_Delete(answer->keys);
	free(answer->uri);
	free(answer->etag);
	free(answer->issuer);
	*answer = (struct jwks_answer){0};
}

static bool get(const struct jwks_source *source, const struct jwks_answer *held,
	struct jwks_answer *ret, struct key_set *ret_set, struct err *err)
{
	if (!source->fetch(source->context, TOKEN_V2, held, ret, err))
		return false;
	key_set_read(ret->keys, source->config->tenant_id, ret_set);
	return ret_set->count > 0 || !ret->keys ||
	       err_set(err, ERR_UPSTREAM_UNAVAILABLE, "the key set holds no usable key");
}

/* Without the tag of what was answered: the answer would be that it still is. */
static void get_again(
	const struct jwks_source *source, struct jwks_answer *answer, struct key_set *set)
{
	const struct jwks_answer nothing = {0};
	struct jwks_answer again = {0};
	struct key_set again_set;
	autoerr(err);

	log_event(LOG_INFO, "keys_asked_again", "a key live until now is missing");
	if (get(source, &nothing, &again, &again_set, &err) && again.keys) {
		struct jwks_answer first = *answer;

		if (key_set_complete(&again_set, set)) { /* which is then no server's set */
			free(again.etag);
			again.etag = NULL;
		}
		key_set_done(set);
		*set = again_set;
		*answer = again;
		again = first;
	}
	jwks_answer_done(&again);
}

bool jwks_answer_get(const struct jwks_source *source, const struct jwks_answer *held,
	const struct key_set *held_set, struct jwks_answer *ret, struct key_set *ret_set,
	struct err *err)
{
	if (!get(source, held, ret, ret_set, err))
		return false;
	if (ret->keys && key_set_lacks(ret_set, held_set))
		get_again(source, ret, ret_set);
	return true;
}
