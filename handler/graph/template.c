#include "graph/template.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* RFC 3986 §3.3's pchar, without percent-encoding, and the slash. */
#define PATH_CHARACTERS                                                                            \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/"

/* On the way through a text. */
struct template_scan {
	const struct template_reader *reader;
	const char *text, *at;
	char quote;         /* of those that are open; 0: none */
	bool nested;        /* one of the other kind is open within */
	struct buf literal; /* not yet a piece */
	struct template *ret;
};

static bool refuse(const struct template_scan *scan, const char *why)
{
	return tool_problem_set(scan->reader->problem, "", "%s", why);
}

static struct template_piece *add_piece(struct template_scan *scan)
{
	return &scan->ret->pieces[scan->ret->count++];
}

static void end_literal(struct template_scan *scan)
{
	if (!scan->literal.len)
		return;
	add_piece(scan)->literal = xstrdup(buf_text(&scan->literal));
	buf_done(&scan->literal);
}

/* The quotation marks that mean something there. */
static const char *quotes_of(enum template_ground ground)
{
	switch (ground) {
	case GROUND_PATH:
		return "'";
	case GROUND_QUERY:
	case GROUND_CLAUSE:
		return "'\"";
	case GROUND_KQL:
	case GROUND_HEADER:
		return "\"";
	default:
		return "";
	}
}

/* A backslash that says how to read what follows. */
static bool is_escape(const struct template_scan *scan)
{
	return *scan->at == '\\' && scan->quote == '"' && scan->reader->ground != GROUND_KQL;
}

/* OData's doubled quotation mark opens again what it closes. */
static void note_quote(struct template_scan *scan)
{
	char c = *scan->at;

	if (!strchr(quotes_of(scan->reader->ground), c))
		return;
	if (!scan->quote || scan->quote == c) {
		scan->quote = scan->quote ? '\0' : c;
		scan->nested = false;
	} else {
		scan->nested = !scan->nested;
	}
}

static bool take_literal(struct template_scan *scan)
{
	size_t n = is_escape(scan) ? 2 : 1;

	if (n == 2 && scan->at[1] != '"' && scan->at[1] != '\\')
		return refuse(scan, "A backslash between quotation marks stands before one, or "
				    "before a backslash.");
	if (n == 1)
		note_quote(scan);
	buf_add(&scan->literal, scan->at, n);
	scan->at += n;
	return true;
}

bool template_ground_is_body(enum template_ground ground)
{
	return ground == GROUND_BODY || ground == GROUND_ELEMENT;
}

static bool place_in_path(const struct template_scan *scan, const char *before, const char *end,
	enum template_place *ret)
{
	bool segment = before > scan->text && before[-1] == '/' && (!*end || *end == '/');

	*ret = scan->quote ? PLACE_PATH_STRING : PLACE_SEGMENT;
	return scan->quote || segment ||
	       refuse(scan, "An argument in a path is a whole segment, or stands between ''.");
}

/* Between quotation marks, or bare. */
static bool place_in_line(const struct template_scan *scan, const struct tool_argument *argument,
	const char *whole, enum template_place *ret)
{
	enum template_ground ground = scan->reader->ground;

	if (scan->quote) {
		*ret = scan->quote == '\''       ? PLACE_STRING
		       : ground == GROUND_KQL    ? PLACE_PHRASE
		       : ground == GROUND_HEADER ? PLACE_HEADER
						 : PLACE_ESCAPED;
		return true;
	}
	*ret = PLACE_AS_IS;
	if (argument->bare && !(ground == GROUND_HEADER && argument->kind == ARGUMENT_DATE_TIME))
		return true;
	if (whole && ground == GROUND_KQL)
		*ret = PLACE_WORDS;
	return (whole && (ground == GROUND_KQL || ground == GROUND_QUERY)) ||
	       refuse(scan, "This argument can hold anything, so it must stand between quotation "
			    "marks here.");
}

/* before: its brace; end: behind the closing one. */
static bool choose_place(const struct template_scan *scan, const struct tool_argument *argument,
	const char *before, const char *end, enum template_place *ret)
{
	enum template_ground ground = scan->reader->ground;
	const char *whole = before == scan->text && !*end ? before : NULL;

	if (argument->kind == ARGUMENT_LIST && !(template_ground_is_body(ground) && whole))
		return refuse(scan, "An array can only be all of a value of the body.");
	if (scan->nested)
		return refuse(scan, "An argument cannot stand between quotation marks of both "
				    "kinds.");
	if (ground == GROUND_PATH)
		return argument->always ? place_in_path(scan, before, end, ret)
					: refuse(scan, "An argument in a path must be required, "
						       "or have a default.");
	if (!template_ground_is_body(ground))
		return place_in_line(scan, argument, whole, ret);
	*ret = argument->kind == ARGUMENT_DATE_TIME ? PLACE_JSON_TIME : PLACE_JSON;
	return true;
}

static bool take_argument(struct template_scan *scan)
{
	const char *before = scan->at, *name = before + 1;
	size_t n = strcspn(name, "{}");
	const struct tool_arguments *arguments = scan->reader->arguments;
	int index = tool_arguments_find(arguments, name, n);
	struct template_piece *piece;

	if (name[n] != '}')
		return refuse(scan, "A brace is not closed; {{ and }} are the braces themselves.");
	if (scan->reader->ground == GROUND_ELEMENT && n == 4 && !strncmp(name, "item", n))
		index = ARGUMENT_ITEM;
	if (index < 0)
		return tool_problem_set(scan->reader->problem, "",
			"{%.*s} is none of the arguments.", n < 64 ? (int)n : 64, name);
	end_literal(scan);
	piece = add_piece(scan);
	piece->argument = (size_t)index;
	scan->ret->needs |= index == ARGUMENT_ITEM ? 0 : 1u << index;
	scan->at = name + n + 1;
	return choose_place(scan, &arguments->at[index], before, scan->at, &piece->place);
}

static bool take_brace(struct template_scan *scan)
{
	char c = *scan->at;

	if (scan->at[1] != c)
		return c == '{' ? take_argument(scan)
				: refuse(scan, "A brace is closed that is not open; {{ and }} are "
					       "the braces themselves.");
	buf_add(&scan->literal, &c, 1);
	scan->at += 2;
	return scan->reader->ground != GROUND_PATH || refuse(scan, "A path holds no braces.");
}

static bool scan_text(struct template_scan *scan)
{
	while (*scan->at) {
		if (!(strchr("{}", *scan->at) ? take_brace(scan) : take_literal(scan)))
			return false;
	}
	end_literal(scan);
	return !scan->quote || refuse(scan, "A quotation mark is not closed.");
}

/* Each of its segments is one that no reader takes away (RFC 3986 §5.2.4). */
static bool segments_fit(const char *path)
{
	for (; *path == '/'; path += 1 + strcspn(path + 1, "/")) {
		size_t n = strcspn(path + 1, "/");

		if (n <= 2 && !strncmp(path + 1, "..", n)) /* or empty */
			return false;
	}
	return !*path;
}

/* Of the text itself, whatever its arguments are. */
static bool characters_fit(const struct template_scan *scan)
{
	enum template_ground ground = scan->reader->ground;
	bool ascii = true;

	for (const char *p = scan->text; *p; p++)
		ascii = ascii && *p >= ' ' && *p <= '~';
	if (ground == GROUND_HEADER && !ascii)
		return refuse(scan, "A header is printable ASCII.");
	if (ground == GROUND_PATH && (*scan->text != '/' || !segments_fit(scan->text)))
		return refuse(scan, "A path begins with / and has no segment that is empty or "
				    "dots alone.");
	if (ground == GROUND_PATH && scan->text[strspn(scan->text, PATH_CHARACTERS "{}")])
		return refuse(scan, "A path holds no such character: write a-z, A-Z, 0-9 and "
				    "-._~!$&'()*+,;=:@/ alone.");
	return template_ground_is_body(ground) || !utf8_has_control(scan->text) ||
	       refuse(scan, "This must not hold control characters.");
}

bool template_read(const struct template_reader *reader, const char *text, struct template *ret)
{
	struct template_scan scan = {.reader = reader, .text = text, .at = text, .ret = ret};
	size_t braces = 0;
	bool good;

	for (const char *p = text; *p; p++)
		braces += *p == '{';
	*ret = (struct template){.splits = strcasestr(text, " or ") != NULL};
	ret->pieces = xcalloc(2 * braces + 1, sizeof(*ret->pieces));
	buf_init(&scan.literal);
	good = characters_fit(&scan) && scan_text(&scan);
	buf_done(&scan.literal);
	return good;
}

void template_done(struct template *template)
{
	for (size_t i = 0; i < template->count; i++)
		free(template->pieces[i].literal);
	free(template->pieces);
	*template = (struct template){.count = 0};
}

bool template_is_argument(const struct template *template)
{
	return template->count == 1 && !template->pieces->literal;
}

bool template_begins(const struct template *template, const char *text)
{
	const char *first = template->count ? template->pieces->literal : NULL;

	return first && !strncmp(first, text, strlen(text));
}

bool template_is_constant(const struct template *template)
{
	return template->count == 0 || (template->count == 1 && template->pieces->literal);
}

bool template_is_there(const struct template *template, const struct tool_values *values)
{
	return (template->needs & ~values->has) == 0;
}

bool template_write(const struct template *template, const struct tool_values *values,
	struct buf *out, struct err *err)
{
	for (size_t i = 0; i < template->count; i++) {
		const struct template_piece *piece = &template->pieces[i];
		struct template_placed placed;
		char room[TOOL_VALUE_ROOM];

		if (piece->literal) {
			buf_adds(out, piece->literal);
			continue;
		}
		placed.name = values->arguments->at[piece->argument].name;
		placed.text = tool_values_text(values, piece->argument, room);
		if (!template_place_put(piece->place, &placed, out, err))
			return false;
	}
	return true;
}
