#include "graph/page.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/b64.h"
#include "base/json_text.h"
#include "base/text.h"

#define NAME_BYTES_MAX 64
#define SKIP_DIGITS_MAX 9
#define FROM_MAX 1000000
#define NUMBERS_BYTES_MAX sizeof("t.1234567.123456.")

static const char KINDS[] = {
	[PAGE_FIRST] = 'f', [PAGE_SKIP] = 's', [PAGE_SKIPTOKEN] = 't', [PAGE_FROM] = 'n'};

void page_first(const struct page_rules *rules, int64_t limit, struct page *ret)
{
	int64_t size = limit > 0 ? limit : rules->size;

	*ret = (struct page){.size = size < rules->size_max ? size : rules->size_max};
}

/* Takes a decimal number in its shortest form, at most max, and the dot behind it from *text. */
static bool take_number(const char **text, int64_t max, int64_t *ret)
{
	const char *p = *text;
	int64_t value = 0;

	if (*p == '0' && p[1] != '.')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		value = 10 * value + (*p - '0');
		if (value > max)
			return false;
	}
	if (p == *text || *p != '.')
		return false;
	*text = p + 1;
	*ret = value;
	return true;
}

static bool is_skip(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n && n <= SKIP_DIGITS_MAX && !text[n];
}

static bool is_from(const char *text)
{
	return is_skip(text) && (*text != '0' || !text[1]) && strtol(text, NULL, 10) <= FROM_MAX;
}

/* Text without U+0000; the caller frees it.  NULL: it is none. */
static char *decode(const char *text)
{
	struct buf bytes;

	buf_init(&bytes);
	if (b64url_decode(&bytes, text, strlen(text)) && bytes.len &&
		!memchr(bytes.data, '\0', bytes.len))
		return bytes.data;
	buf_done(&bytes);
	return NULL;
}

/* What stands behind a cursor's numbers. */
static bool read_at(const char *text, struct page *page)
{
	if (page->by == PAGE_FIRST)
		return !*text;
	page->at = page->by == PAGE_FROM ? xstrdup(text) : decode(text);
	if (!page->at)
		return false;
	return page->by == PAGE_SKIPTOKEN ||
	       (page->by == PAGE_SKIP ? is_skip(page->at) : is_from(page->at));
}

static bool read_kind(const struct page_rules *rules, char c, enum page_by *ret)
{
	const char *kind = c ? memchr(KINDS, c, sizeof(KINDS)) : NULL;

	if (!kind)
		return false;
	*ret = (enum page_by)(kind - KINDS);
	return *ret == PAGE_FIRST || (*ret == PAGE_FROM) == rules->by_from;
}

bool page_read_cursor(
	const struct page_rules *rules, const char *cursor, struct page *ret, struct err *err)
{
	struct page page = {0};
	const char *p = cursor + 2;

	if (strlen(cursor) <= PAGE_CURSOR_BYTES_MAX && read_kind(rules, *cursor, &page.by) &&
		cursor[1] == '.' && take_number(&p, rules->size_max, &page.size) && page.size &&
		take_number(&p, PAGE_OFFSET_MAX, &page.offset) && read_at(p, &page)) {
		*ret = page;
		return true;
	}
	page_done(&page);
	return err_say(err, ERR_BAD_REQUEST,
		"The cursor is none that this tool gave; leave it out to begin at the start.");
}

void page_write_cursor(const struct page *page, struct buf *out)
{
	buf_addf(out, "%c.%lld.%lld.", KINDS[page->by], (long long)page->size,
		(long long)page->offset);
	if (page->by == PAGE_FROM)
		buf_adds(out, page->at);
	else if (page->at)
		b64url_encode(out, page->at, strlen(page->at));
}

size_t page_cursor_bytes(const struct page *page)
{
	return NUMBERS_BYTES_MAX + (page->at ? (strlen(page->at) * 4 + 2) / 3 : 0);
}

bool page_go_on(const struct page *page, int64_t items, struct page *ret)
{
	if (items > PAGE_OFFSET_MAX - page->offset)
		return false;
	*ret = *page;
	ret->offset += items;
	ret->at = xstrdup_if(page->at);
	return true;
}

void page_done(struct page *page)
{
	free(page->at);
	*page = (struct page){0};
}

/* Whether the n bytes of a query are a parameter of that name, and with which value. */
static bool is_parameter(const char *text, size_t n, const char *name, struct json_span *ret)
{
	const char *equals = memchr(text, '=', n);
	struct buf found;
	bool same;

	if (!equals)
		return false;
	buf_init(&found);
	same = buf_add_urldecoded(&found, text, (size_t)(equals - text), NAME_BYTES_MAX) &&
	       !strcasecmp(buf_text(&found), name);
	buf_done(&found);
	*ret = (struct json_span){equals + 1, n - (size_t)(equals + 1 - text)};
	return same;
}

/* The value of the query's first parameter of that name, decoded; the caller frees it.  NULL when
 * there is none, or it is empty or too long. */
static char *parameter(const char *query, const char *name)
{
	struct json_span value = {NULL, 0};
	size_t n = 0;
	struct buf ret;

	for (; *query; query += n + (query[n] == '&')) {
		n = strcspn(query, "&");
		if (is_parameter(query, n, name, &value))
			break;
	}
	if (!*query)
		return NULL;
	buf_init(&ret);
	if (!buf_add_urldecoded(&ret, value.text, value.len, PAGE_CURSOR_BYTES_MAX))
		buf_done(&ret);
	return ret.data;
}

static bool read_next_link(char *link, int64_t size, struct page *ret)
{
	const char *query;

	*ret = (struct page){.size = size};
	link[strcspn(link, "#")] = '\0';
	query = strchrnul(link, '?');
	query += *query == '?';
	ret->by = PAGE_SKIPTOKEN;
	ret->at = parameter(query, "$skiptoken");
	if (ret->at)
		return page_cursor_bytes(ret) <= PAGE_CURSOR_BYTES_MAX;
	ret->by = PAGE_SKIP;
	ret->at = parameter(query, "$skip");
	return ret->at && is_skip(ret->at);
}

bool page_of_next_link(struct json_span next_link, int64_t size, struct page *ret)
{
	struct page page = {0};
	struct buf link;
	bool good;

	buf_init(&link);
	good = json_unquote(next_link, &link) && link.len && read_next_link(link.data, size, &page);
	buf_done(&link);
	if (good)
		*ret = page;
	else
		page_done(&page);
	return good;
}
