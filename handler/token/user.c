#include "token/user.h"

#include <stdlib.h>

#include "base/buf.h"

void caller_copy(const struct caller *caller, struct caller *ret)
{
	*ret = (struct caller){.kind = caller->kind,
		.tenant_id = xstrdup_if(caller->tenant_id),
		.object_id = xstrdup_if(caller->object_id),
		.name = xstrdup_if(caller->name),
		.username = xstrdup_if(caller->username),
		.scopes = xstrdup_if(caller->scopes),
		.client_id = xstrdup_if(caller->client_id),
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
