#include "http/challenge.h"

#include <string.h>
#include <strings.h>

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static const char TOKEN[] = "!#$%&'*+-.^_`|~" ALNUM; /* RFC 9110 §5.6.2 */
static const char TOKEN68[] = "-._~+/" ALNUM;        /* RFC 9110 §11.2 */
static const char SPACE[] = " \t";
static const char BETWEEN[] = " \t,";

static bool is(struct json_span span, const char *text)
{
	return span.len == strlen(text) && !strncasecmp(span.text, text, span.len);
}

/* The bytes of a quoted string, quotes included; one without an end goes on to the field's. */
static size_t quoted_length(const char *text)
{
	const char *p = text + 1;

	while (*p && *p != '"')
		p += *p == '\\' && p[1] ? 2 : 1;
	return (size_t)(p - text) + (*p == '"');
}

/* auth-param (RFC 9110 §11.2), and unquoted also what should have been quoted, as base64. */
static bool take_param(const char **at, struct json_span *name, struct json_span *value)
{
	const char *p = *at + strspn(*at, BETWEEN);
	size_t n = strspn(p, TOKEN);

	*name = (struct json_span){p, n};
	p += n;
	p += strspn(p, SPACE);
	if (!n || *p != '=')
		return false;
	p++;
	p += strspn(p, SPACE);
	*value = (struct json_span){p, *p == '"' ? quoted_length(p) : strcspn(p, BETWEEN)};
	*at = p + value->len;
	return true;
}

/* The one value that a scheme may have in the place of parameters, as Negotiate's. */
static const char *skip_token68(const char *p)
{
	const char *value = p + strspn(p, SPACE);
	const char *end = value + strspn(value, TOKEN68);

	if (end == value)
		return p;
	end += strspn(end, "=");
	end += strspn(end, SPACE);
	return *end == ',' || !*end ? end : p;
}

static bool take_scheme(const char **at, struct json_span *ret)
{
	size_t n = strspn(*at, TOKEN);

	if (!n || ((*at)[n] && !strchr(BETWEEN, (*at)[n])))
		return false;
	*ret = (struct json_span){*at, n};
	*at += n;
	return true;
}

static const char *skip_garbage(const char *p)
{
	p += strcspn(p, ",");
	return p + strspn(p, BETWEEN);
}

bool challenge_next(const char **field, struct challenge *ret)
{
	struct json_span name, value;
	const char *p = *field + strspn(*field, BETWEEN), *params;

	while (!take_scheme(&p, &ret->scheme)) {
		if (!*p)
			return false;
		p = skip_garbage(p);
	}
	params = p = skip_token68(p);
	while (take_param(&p, &name, &value))
		;
	ret->params = (struct json_span){params, (size_t)(p - params)};
	*field = p;
	return true;
}

bool challenge_is(const struct challenge *challenge, const char *scheme)
{
	return is(challenge->scheme, scheme);
}

static void unquote(struct json_span value, struct buf *out)
{
	const char *p = value.text, *end = p + value.len;

	if (p == end || *p != '"') {
		buf_add(out, p, value.len);
		return;
	}
	for (p++; p < end && *p != '"'; p++) {
		p += *p == '\\' && p + 1 < end;
		buf_add(out, p, 1);
	}
}

bool challenge_param(const struct challenge *challenge, const char *name, struct buf *out)
{
	const char *p = challenge->params.text, *end = p + challenge->params.len;
	struct json_span found, value;

	while (p < end && take_param(&p, &found, &value)) {
		if (is(found, name)) {
			unquote(value, out);
			return true;
		}
	}
	return false;
}
