#include "graph/pick.h"

#include <string.h>

#include "base/json_text.h"
#include "content/html_text.h"

static void write_html(struct json_span value, struct buf *out)
{
	struct buf html, text;

	buf_init(&html);
	buf_init(&text);
	if (json_unquote(value, &html)) {
		html_text((struct json_span){buf_text(&html), html.len}, &text);
		json_quote(out, buf_text(&text));
	} else {
		json_pass(value, out);
	}
	buf_done(&html);
	buf_done(&text);
}

/* False, with nothing written, when nothing is picked of it.  NOLINTNEXTLINE(misc-no-recursion): as
 * deep as the definition, which json_parse bounds */
static bool write_inner(const struct pick *pick, struct json_span value, struct buf *out)
{
	size_t start = out->len;

	if (!json_is_object(value))
		return false;
	pick_write(pick->inner, value, out);
	if (out->len > start + 2)
		return true;
	buf_cut(out, start);
	return false;
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static bool write_leaf(const struct pick *pick, struct json_span value, struct buf *out)
{
	size_t start = out->len;

	if (*value.text == 'n')
		return false;
	if (pick->many)
		json_comma(out);
	if (pick->inner) {
		if (write_inner(pick, value, out))
			return true;
		buf_cut(out, start);
		return false;
	}
	if (pick->html)
		write_html(value, out);
	else
		json_pass(value, out);
	return true;
}

/* What stands at the path behind its part number i, whose value that is; false when there is
 * nothing.  NOLINTNEXTLINE(misc-no-recursion): as deep as the path is long, and as above */
static bool write_behind(const struct pick *pick, size_t i, struct json_span value, struct buf *out)
{
	const struct pick_path *path = &pick->path;
	struct json_span element = {NULL, 0}, member;

	if (path->parts[i].each) {
		if (*value.text != '[')
			return false;
		while (json_next(value, &element)) {
			if (i + 1 == path->count)
				write_leaf(pick, element, out);
			else if (json_find(element, path->parts[i + 1].name, &member))
				write_behind(pick, i + 1, member, out);
		}
		return true;
	}
	if (i + 1 == path->count)
		return write_leaf(pick, value, out);
	return json_find(value, path->parts[i + 1].name, &member) &&
	       write_behind(pick, i + 1, member, out);
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static void write_member(const struct pick *pick, struct json_span first, struct buf *out)
{
	size_t start = out->len;

	json_comma(out);
	json_quote(out, pick->name);
	buf_adds(out, pick->many ? ":[" : ":");
	if (!write_behind(pick, 0, first, out))
		buf_cut(out, start);
	else if (pick->many)
		buf_adds(out, "]");
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
void pick_write(const struct pick_set *set, struct json_span object, struct buf *out)
{
	struct json_span first[PICKS_MAX] = {{NULL, 0}};
	struct json_span key, value = {NULL, 0};

	while (json_member(object, &key, &value)) {
		for (size_t i = 0; i < set->count; i++) {
			if (!first[i].text && json_spells(key, set->picks[i].path.parts[0].name))
				first[i] = value;
		}
	}
	buf_adds(out, "{");
	for (size_t i = 0; i < set->count; i++) {
		if (first[i].text)
			write_member(&set->picks[i], first[i], out);
	}
	buf_adds(out, "}");
}
