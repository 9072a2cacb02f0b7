#include "endpoints/admit.h"

#include <stdio.h>

#include "base/b64.h"

/* Not what its claims say: unchecked they may be anybody's. */
static void share_of_token(const struct secret *token, char ret[ADMISSION_CALLER_SIZE])
{
	struct sha256 *sha = sha256_new();
	unsigned char digest[SHA256_SIZE];
	struct buf text;

	sha256_add(sha, token->data, token->len);
	sha256_end(sha, digest);
	buf_init(&text);
	b64url_encode(&text, digest, sizeof(digest));
	snprintf(ret, ADMISSION_CALLER_SIZE, "token %s", buf_text(&text));
	buf_done(&text);
}

static void share_of(const struct identity *identity, char ret[ADMISSION_CALLER_SIZE])
{
	const struct caller *caller = &identity->caller;

	*ret = '\0';
	if (caller->kind == CALLER_USER)
		snprintf(ret, ADMISSION_CALLER_SIZE, "%s %s", caller->tenant_id, caller->object_id);
	else if (caller->kind == CALLER_GRAPH)
		share_of_token(&caller->token, ret);
	else if (*identity->address)
		snprintf(ret, ADMISSION_CALLER_SIZE, "at %s", identity->address);
}

bool admit(struct call *call, struct err *err)
{
	char share[ADMISSION_CALLER_SIZE];

	share_of(call->identity, share);
	return admission_enter(call->service->admission, call->pass, share, call->deadline, err);
}

bool admit_stranger(struct call *call, struct err *err)
{
	char share[ADMISSION_CALLER_SIZE];

	if (call->endpoint->auth != AUTH_OPTIONAL)
		return admit(call, err);
	share_of(call->identity, share);
	return admission_enter_free(call->service->admission, call->pass, share);
}
