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
	struct jwks_keys *ret, struct err *err)
{
	struct jwks_answer *answer = &ret->answer;

	if (!source->fetch(source->context, TOKEN_V2, held, answer, err))
		return false;
	key_set_read(answer->keys, source->config->tenant_id, &ret->set);
	return ret->set.count > 0 || !answer->keys ||
	       err_set(err, ERR_UPSTREAM_UNAVAILABLE, "the key set holds no usable key");
}

/* Without the tag of what was answered: the answer would be that it still is. */
static void get_again(const struct jwks_source *source, struct jwks_keys *keys)
{
	const struct jwks_answer nothing = {0};
	struct jwks_keys again = {0};
	autoerr(err);

	log_event(LOG_INFO, "keys_asked_again", "a key live until now is missing");
	if (get(source, &nothing, &again, &err) && again.answer.keys) {
		struct jwks_answer first = keys->answer;

		if (key_set_complete(&again.set, &keys->set)) { /* which is then no server's set */
			free(again.answer.etag);
			again.answer.etag = NULL;
		}
		key_set_done(&keys->set);
		*keys = again;
		again.answer = first;
	}
	jwks_answer_done(&again.answer);
}

bool jwks_keys_get(const struct jwks_source *source, const struct jwks_keys *held,
	struct jwks_keys *ret, struct err *err)
{
	if (!get(source, &held->answer, ret, err))
		return false;
	if (ret->answer.keys && key_set_lacks(&ret->set, &held->set))
		get_again(source, ret);
	return true;
}
