#include "graph/search_hit.h"

#include <ctype.h>
#include <string.h>

#include "base/json_text.h"
#include "content/html_entity.h"
#include "graph/found_text.h"

#define IN_PARENT "resource.parentReference."

/* Where the parts of an id are: the first place of each, separated by blanks, that holds one. */
static const struct {
	enum found_kind searched, kind;
	const char *type; /* of the resource, as its name ends; NULL: any */
	const char *places[FOUND_PARTS_MAX];
} ADDRESSES[] = {
	{FOUND_MAIL, FOUND_MAIL, NULL, {"hitId"}},
	{FOUND_EVENT, FOUND_EVENT, NULL, {"hitId"}},
	{FOUND_CHAT, FOUND_POST, NULL,
		{"resource.channelIdentity.teamId", "resource.channelIdentity.channelId",
			"resource.id"}},
	{FOUND_CHAT, FOUND_CHAT, NULL, {"resource.chatId", "resource.id"}},
	{FOUND_FILE, FOUND_FILE, ".driveItem", {IN_PARENT "driveId", "resource.id hitId"}},
	{FOUND_FILE, FOUND_ITEM, ".listItem",
		{IN_PARENT "siteId",
			"resource.sharepointIds.listId " IN_PARENT "sharepointIds.listId",
			"resource.sharepointIds.listItemId " IN_PARENT
			"sharepointIds.listItemId resource.id hitId"}},
	{FOUND_FILE, FOUND_SITE, ".site", {"resource.id hitId"}},
};

static const struct {
	const char *title, *from;
} NAMES[FOUND__COUNT] = {
	[FOUND_MAIL] = {"resource.subject", NULL},
	[FOUND_EVENT] = {"resource.subject", NULL},
	[FOUND_CHAT] = {"resource.subject",
		"resource.from.user.displayName resource.from.emailAddress.name"},
	[FOUND_FILE] = {"resource.displayName resource.fields.title resource.name", NULL},
};

static bool is_of_type(struct json_span hit, const char *type)
{
	struct json_span resource, value;
	struct buf name;
	bool is;

	buf_init(&name);
	is = json_find(hit, "resource", &resource) && json_find(resource, "@odata.type", &value) &&
	     json_unquote(value, &name) && name.len > strlen(type) &&
	     !strcmp(name.data + name.len - strlen(type), type);
	buf_done(&name);
	return is;
}

static bool read_part(struct json_span hit, const char *places, int set, struct found_id *id)
{
	struct json_span value;

	while (found_next(hit, &places, &value)) {
		if (found_part(id, set, value))
			return true;
	}
	return false;
}

static bool write_id_at(struct json_span hit, enum found_kind kind,
	const char *const places[FOUND_PARTS_MAX], struct buf *out)
{
	struct found_id id = {.kind = kind};

	for (int i = 0; i < FOUND_PARTS_MAX && places[i]; i++) {
		if (!read_part(hit, places[i], i, &id))
			return false;
	}
	return found_id_write(&id, out);
}

static bool write_id(enum found_kind searched, struct json_span hit, struct buf *out)
{
	static const char *const ITSELF[FOUND_PARTS_MAX] = {"hitId"};

	for (size_t i = 0; i < sizeof(ADDRESSES) / sizeof(ADDRESSES[0]); i++) {
		if (ADDRESSES[i].searched == searched &&
			(!ADDRESSES[i].type || is_of_type(hit, ADDRESSES[i].type)) &&
			write_id_at(hit, ADDRESSES[i].kind, ADDRESSES[i].places, out))
			return true;
	}
	return write_id_at(hit, FOUND_HIT, ITSELF, out);
}

/* What has no subject is named by who wrote it, or by where it is. */
static void write_title(
	enum found_kind searched, struct json_span hit, const struct buf *url, struct buf *out)
{
	found_line(hit, NAMES[searched].title, out);
	if (!out->len && NAMES[searched].from) {
		found_line(hit, NAMES[searched].from, out);
		buf_adds(out, out->len ? ": a message" : "A message");
	}
	if (!out->len)
		buf_adds(out, url->len ? buf_text(url) : "Untitled");
}

#define CUT "<ddd/>"

/* The length of a mark that stands there: <c0>, </c0> or <ddd/>; 0: none does. */
static size_t mark_len(const char *text)
{
	const char *p = text + 1 + (text[1] == '/');

	if (!strncmp(text, CUT, sizeof(CUT) - 1))
		return sizeof(CUT) - 1;
	if (*text != '<' || *p++ != 'c' || !isdigit((unsigned char)*p))
		return 0;
	while (isdigit((unsigned char)*p))
		p++;
	return *p == '>' ? (size_t)(p + 1 - text) : 0;
}

/* What was found stands between marks, what is left out is one, and the rest is text as HTML writes
 * it, but for a tag or what looks like one: that is the text's own. */
static void write_unmarked(const char *text, struct buf *out)
{
	while (*text) {
		size_t plain = strcspn(text, "<&"), mark = plain ? 0 : mark_len(text), entity = 0;
		uint32_t c = 0;

		if (!plain && !mark)
			entity = html_entity((struct json_span){text, strlen(text)}, &c);
		if (!plain && !mark && !entity)
			plain = 1;
		buf_add(out, text, plain);
		if (mark == sizeof(CUT) - 1 && !strncmp(text, CUT, mark))
			buf_adds(out, "\xe2\x80\xa6");
		if (c)
			buf_add_utf8(out, c);
		text += plain + mark + entity;
	}
}

static void write_text(struct json_span hit, struct buf *out)
{
	struct buf line;

	buf_init(&line);
	found_line(hit, "summary resource.bodyPreview resource.description", &line);
	write_unmarked(buf_text(&line), out);
	buf_done(&line);
}

bool search_hit_write(enum found_kind searched, struct json_span hit, struct buf *out)
{
	struct buf id, title, url, text;
	bool good;

	buf_init(&id);
	buf_init(&title);
	buf_init(&url);
	buf_init(&text);
	good = write_id(searched, hit, &id);
	if (good) {
		found_url(hit, "resource.webLink resource.webUrl", &url);
		write_title(searched, hit, &url, &title);
		write_text(hit, &text);
		buf_adds(out, "{");
		found_member(out, "id", &id);
		found_member(out, "title", &title);
		found_member(out, "url", &url);
		found_member(out, "text", &text);
		buf_adds(out, "}");
	}
	buf_done(&id);
	buf_done(&title);
	buf_done(&url);
	buf_done(&text);
	return good;
}
