#include "token/scope_names.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "token/cloud.h"

/* A part of a text. */
struct piece {
	const char *start;
	size_t len;
};

/* The next name of a list, len 0 at its end; *list goes on behind it. */
static struct piece next_name(const char **list)
{
	struct piece name = {.start = *list + strspn(*list, " ")};

	name.len = strcspn(name.start, " ");
	*list = name.start + name.len;
	return name;
}

static bool same(struct piece one, struct piece other)
{
	return one.len == other.len && !strncasecmp(one.start, other.start, one.len);
}

static bool is_text(struct piece piece, const char *text)
{
	return same(piece, (struct piece){text, strlen(text)});
}

/* Parts a full name into resource (len 0: it names none) and short name. */
static struct piece short_name(struct piece full, struct piece *ret_resource)
{
	size_t end = full.len;

	while (end && full.start[end - 1] != '/')
		end--;
	*ret_resource = (struct piece){full.start, end};
	/* a resource's own slash at its end is doubled */
	while (ret_resource->len && full.start[ret_resource->len - 1] == '/')
		ret_resource->len--;
	return (struct piece){full.start + end, full.len - end};
}

/* A name without a resource is Graph's. */
static bool is_graph(struct piece resource, struct piece asked)
{
	return !resource.len || same(resource, asked) || is_text(resource, CLOUD_GRAPH_APP_ID) ||
	       cloud_has_graph(resource.start, resource.len);
}

/* RFC 6749 §3.3, scope-token */
static bool is_scope_token(struct piece name)
{
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.start[i];

		if (c <= ' ' || c > '~' || c == '"' || c == '\\')
			return false;
	}
	return name.len > 0;
}

char *scope_names_read(const char *answered, const char *asked)
{
	struct piece asked_resource, resource, full;
	struct buf names;

	short_name(next_name(&asked), &asked_resource);
	buf_init(&names);
	while (full = next_name(&answered), full.len) {
		struct piece name = short_name(full, &resource);

		if (!is_scope_token(name) || *name.start == '.' ||
			!is_graph(resource, asked_resource) ||
			names.len + 1 + name.len > SCOPE_NAMES_BYTES_MAX)
			continue;
		if (names.len)
			buf_adds(&names, " ");
		buf_add(&names, name.start, name.len);
	}
	return names.data;
}

static bool has(const char *names, struct piece wanted)
{
	struct piece name;

	do
		name = next_name(&names);
	while (name.len && !same(name, wanted));
	return name.len > 0;
}

bool scope_names_hold(const char *names, const char *scope)
{
	struct piece resource, full = next_name(&scope);
	bool holds = names && full.len;

	for (; holds && full.len; full = next_name(&scope))
		holds = has(names, short_name(full, &resource));
	return holds;
}
