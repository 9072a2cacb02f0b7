#include "content/html_text.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "content/html_entity.h"

#define NAME_BYTES_MAX 16

enum gap { GAP_NONE, GAP_BLANK, GAP_LINE };

struct html {
	const char *p, *end;
	struct buf *out;
	size_t start; /* of what is ours in *out */
	enum gap gap; /* before the next word */
	/* Of a table: no word has come since its row or its cell began; the cell has more lines. */
	bool row_begins, cell_begins, cell_has_lines;
};

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static size_t left(const struct html *html)
{
	return (size_t)(html->end - html->p);
}

static bool begins_with(const struct html *html, const char *text)
{
	size_t n = strlen(text);

	return left(html) >= n && !memcmp(html->p, text, n);
}

/* The paragraph that a cell begins with is no new line: mailers put one into each. */
static void note_gap(struct html *html, enum gap gap)
{
	if (html->gap < gap && !html->cell_begins)
		html->gap = gap;
}

static void begin_cell(struct html *html)
{
	if (html->gap != GAP_LINE || (!html->row_begins && !html->cell_has_lines))
		html->gap = GAP_BLANK;
	html->cell_begins = true;
	html->cell_has_lines = false;
}

static void add(struct html *html, const char *bytes, size_t n)
{
	if (html->gap && html->out->len > html->start)
		buf_adds(html->out, html->gap == GAP_LINE ? "\n" : " ");
	html->cell_has_lines |= html->gap == GAP_LINE && !html->cell_begins;
	html->row_begins = html->cell_begins = false;
	html->gap = GAP_NONE;
	buf_add(html->out, bytes, n);
}

/* Moves behind the text; to the end where it does not come. */
static void skip_past(struct html *html, const char *text)
{
	const char *found = memmem(html->p, left(html), text, strlen(text));

	html->p = found ? found + strlen(text) : html->end;
}

/* Of a tag that the scan stands in, behind the name: attributes, whose quoted values may hold a
 * '>'. */
static void skip_attributes(struct html *html)
{
	bool value = false; /* whether one may begin here */

	while (html->p < html->end) {
		char c = *html->p++;

		if (c == '>')
			return;
		if (value && (c == '"' || c == '\'')) {
			const char *close = memchr(html->p, c, left(html));

			html->p = close ? close + 1 : html->end;
		}
		value = c == '=' || (value && is_blank(c));
	}
}

/* Moves to the end tag of an element whose content is no HTML. */
static void skip_raw(struct html *html, const char *name)
{
	size_t n = strlen(name);

	while (html->p < html->end) {
		const char *found = memmem(html->p, left(html), "</", 2);

		html->p = found ? found + 2 : html->end;
		if (left(html) > n && !strncasecmp(html->p, name, n) && !is_letter(html->p[n])) {
			skip_attributes(html);
			return;
		}
	}
}

static const char *const RAW[] = {"script", "style", "title", NULL};
static const char *const LINES[] = {"br", "p", "div", "li", "tr", "table", "ul", "ol", "dl", "dt",
	"dd", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre", "blockquote", "section", "article",
	"header", "footer", "body", NULL};
static const char *const ROWS[] = {"tr", "table", NULL};
static const char *const CELLS[] = {"td", "th", NULL};

/* At a name, behind "<" or "</"; in lower case. */
static void take_name(struct html *html, char ret[NAME_BYTES_MAX])
{
	size_t n = 0;

	for (; html->p < html->end && !is_blank(*html->p) && *html->p != '/' && *html->p != '>';
		html->p++) {
		if (n < NAME_BYTES_MAX - 1)
			ret[n++] = (char)(is_letter(*html->p) ? *html->p | 0x20 : *html->p);
	}
	ret[n] = '\0';
}

static void skip_tag(struct html *html, char name[NAME_BYTES_MAX])
{
	take_name(html, name);
	skip_attributes(html);
	if (text_is_one_of(name, ROWS)) {
		html->row_begins = true;
		html->cell_begins = false;
	}
	if (text_is_one_of(name, LINES))
		note_gap(html, GAP_LINE);
	if (text_is_one_of(name, CELLS))
		note_gap(html, GAP_BLANK);
}

static void take_element(struct html *html)
{
	char name[NAME_BYTES_MAX];
	bool ends = html->p[1] == '/';

	html->p += ends ? 2 : 1;
	skip_tag(html, name);
	if (!ends && text_is_one_of(name, CELLS))
		begin_cell(html);
	else if (!ends && text_is_one_of(name, RAW))
		skip_raw(html, name);
}

static bool is_element(const struct html *html)
{
	size_t n = begins_with(html, "</") ? 2 : 1;

	return left(html) > n && is_letter(html->p[n]);
}

/* At a "<". */
static void take_tag(struct html *html)
{
	if (begins_with(html, "<!--")) {
		html->p += 2; /* "<!-->" is a whole comment */
		skip_past(html, "-->");
	} else if (begins_with(html, "<!") || begins_with(html, "<?")) {
		skip_past(html, ">");
	} else if (is_element(html)) {
		take_element(html);
	} else {
		add(html, html->p++, 1);
	}
}

/* At an "&". */
static void take_entity(struct html *html)
{
	uint32_t c = 0;
	size_t n = html_entity((struct json_span){html->p, left(html)}, &c);

	if (!n) {
		add(html, html->p++, 1);
		return;
	}
	html->p += n;
	if (c == ' ') {
		note_gap(html, GAP_BLANK);
	} else if (c) {
		add(html, "", 0);
		buf_add_utf8(html->out, c);
	}
}

/* What else than words may begin with. */
static const bool OTHER[256] = {[' '] = true,
	['\t'] = true,
	['\n'] = true,
	['\v'] = true,
	['\f'] = true,
	['\r'] = true,
	['<'] = true,
	['&'] = true,
	[0xc2] = true}; /* U+00A0's first byte */

static void take_words(struct html *html)
{
	const char *from = html->p++;

	while (html->p < html->end && !OTHER[(unsigned char)*html->p])
		html->p++;
	add(html, from, (size_t)(html->p - from));
}

void html_text(struct json_span text, struct buf *out)
{
	static const char HARD_BLANK[] = "\xc2\xa0"; /* mails are padded with it */
	struct html html = {
		.p = text.text, .end = text.text + text.len, .out = out, .start = out->len};

	while (html.p < html.end) {
		if (*html.p == '<') {
			take_tag(&html);
		} else if (*html.p == '&') {
			take_entity(&html);
		} else if (is_blank(*html.p) || begins_with(&html, HARD_BLANK)) {
			html.p += is_blank(*html.p) ? 1 : 2;
			note_gap(&html, GAP_BLANK);
		} else {
			take_words(&html);
		}
	}
}
