#include "token/user.h"

#include <stdlib.h>

#include "base/buf.h"

static char *copy(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

void caller_copy(const struct caller *caller, struct caller *ret)
{
	*ret = (struct caller){.kind = caller->kind,
		.tenant_id = copy(caller->tenant_id),
		.object_id = copy(caller->object_id),
		.name = copy(caller->name),
		.username = copy(caller->username),
		.scopes = copy(caller->scopes),
		.client_id = copy(caller->client_id),
		.expires_s = caller->expires_s};
}

void caller_done(struct caller *caller)
{
	secret_done(&caller->token);
	free(caller->tenant_id);
	free(caller->object_id);
	free(caller->name);
	free(caller->username);
	free(caller->scopes);
	free(caller->client_id);
	*caller = (struct caller){0};
}
