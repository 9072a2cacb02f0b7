#include "token/owner.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "token/jwt.h"

static const char *next_digit(const char *id)
{
	return id + strspn(id, "-");
}

bool owner_same(const char *id, const char *other)
{
	id += strspn(id, "0-");
	other += strspn(other, "0-");
	while (*id && tolower((unsigned char)*id) == tolower((unsigned char)*other)) {
		id = next_digit(id + 1);
		other = next_digit(other + 1);
	}
	return !*id && !*other;
}

/* False where the token cannot be read. */
static bool read_token(const struct secret *token, struct jwt *ret)
{
	autoerr(ignored);

	return jwt_parse(token->data, token->len, ret, &ignored);
}

static bool names_another(const struct jwt *jwt, const char *claim, const char *expected)
{
	const char *named = json_string(jwt->claims, claim);

	return named && !owner_same(named, expected);
}

bool owner_differs(const struct secret *graph_token, const struct caller *caller)
{
	struct jwt jwt;
	bool differs;

	if (!read_token(graph_token, &jwt))
		return false;
	differs = names_another(&jwt, "oid", caller->object_id) ||
		  names_another(&jwt, "tid", caller->tenant_id);
	jwt_done(&jwt);
	return differs;
}

char *owner_expected(const struct caller *caller)
{
	const char *named;
	char *expected;
	struct jwt jwt;

	if (caller->kind == CALLER_USER)
		return xstrdup(caller->object_id);
	if (!read_token(&caller->token, &jwt))
		return NULL;
	named = json_string(jwt.claims, "oid");
	expected = named ? xstrdup(named) : NULL;
	jwt_done(&jwt);
	return expected;
}
