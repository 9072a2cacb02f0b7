#include "graph/template_place.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

/* Each of those characters becomes two: lead and itself. */
static void add_led(const char *text, const char *characters, char lead, struct buf *out)
{
	while (*text) {
		size_t plain = strcspn(text, characters);

		buf_add(out, text, plain);
		text += plain;
		if (*text) {
			buf_add(out, &lead, 1);
			buf_add(out, text++, 1);
		}
	}
}

/* Each of those characters becomes a blank. */
static void add_blanked(const char *text, const char *characters, struct buf *out)
{
	while (*text) {
		size_t plain = strcspn(text, characters);

		buf_add(out, text, plain);
		text += plain;
		if (*text) {
			buf_adds(out, " ");
			text++;
		}
	}
}

/* A service that decodes before it takes a path apart finds the same segments (RFC 3986 §5.2.4;
 * $value and the like are OData's, not ids; Windows drops dots and blanks at a name's end). */
static bool put_segment(const struct template_placed *placed, struct buf *out, struct err *err)
{
	const char *text = placed->text;

	if (!text[strspn(text, ". ")] || *text == '$' || strpbrk(text, "/\\"))
		return err_say(err, ERR_BAD_REQUEST,
			"%s must be an id: not empty, without / and \\, no dots alone, and not "
			"beginning with $.",
			placed->name);
	buf_add_urlencoded(out, text);
	return true;
}

static void put_path_string(const char *text, struct buf *out)
{
	struct buf doubled;

	buf_init(&doubled);
	add_led(text, "'", '\'', &doubled);
	buf_add_urlencoded(out, buf_text(&doubled));
	buf_done(&doubled);
}

static bool refuse_blank(const struct template_placed *placed, struct err *err)
{
	return err_say(err, ERR_BAD_REQUEST, "%s must hold a word to search for.", placed->name);
}

static bool put_phrase(const struct template_placed *placed, struct buf *out, struct err *err)
{
	if (!placed->text[strspn(placed->text, " \"")])
		return refuse_blank(placed, err);
	add_blanked(placed->text, "\"", out);
	return true;
}

/* The caller's own words, AND and OR among them, as long as they end where they should. */
static bool put_words(const struct template_placed *placed, struct buf *out, struct err *err)
{
	size_t from = out->len, quotes = 0;
	char *last;

	if (!placed->text[strspn(placed->text, " \"()")])
		return refuse_blank(placed, err);
	add_blanked(placed->text, "()", out);
	for (const char *p = out->data + from; *p; p++)
		quotes += *p == '"';
	last = strrchr(out->data + from, '"');
	if (quotes % 2)
		*last = ' ';
	return true;
}

static bool put_header(const struct template_placed *placed, struct buf *out, struct err *err)
{
	for (const char *p = placed->text; *p; p++) {
		if (*p < ' ' || *p > '~' || *p == '"' || *p == '\\')
			return err_say(err, ERR_BAD_REQUEST,
				"%s must be printable ASCII without \" and \\.", placed->name);
	}
	buf_adds(out, placed->text);
	return true;
}

/* Where a control character could end more than the place, and length is somebody's limit. */
static bool fits_a_line(const struct template_placed *placed, struct err *err)
{
	if (strlen(placed->text) > TEMPLATE_TEXT_MAX)
		return err_say(err, ERR_BAD_REQUEST, "%s is too long.", placed->name);
	return !utf8_has_control(placed->text) ||
	       err_say(err, ERR_BAD_REQUEST, "%s must not hold control characters.", placed->name);
}

bool template_place_put(enum template_place place, const struct template_placed *placed,
	struct buf *out, struct err *err)
{
	const char *text = placed->text;

	if (place != PLACE_JSON && place != PLACE_JSON_TIME && !fits_a_line(placed, err))
		return false;
	switch (place) {
	case PLACE_SEGMENT:
		return put_segment(placed, out, err);
	case PLACE_PATH_STRING:
		put_path_string(text, out);
		break;
	case PLACE_STRING:
		add_led(text, "'", '\'', out);
		break;
	case PLACE_ESCAPED:
		add_led(text, "\"\\", '\\', out);
		break;
	case PLACE_PHRASE:
		return put_phrase(placed, out, err);
	case PLACE_WORDS:
		return put_words(placed, out, err);
	case PLACE_HEADER:
		return put_header(placed, out, err);
	case PLACE_AS_IS:
	case PLACE_JSON:
		buf_adds(out, text);
		break;
	case PLACE_JSON_TIME:
		buf_add(out, text, strlen(text) - 1);
		break;
	}
	return true;
}
