#include "content/kind.h"

#include <string.h>
#include <strings.h>

#include "content/image.h"

#define LOOKED_AT 4096 /* bytes */
#define CONTROLS_IN 32 /* of so many bytes of a text, one at most is a control character */
#define UTF_8_MARK "\xef\xbb\xbf"
#define UNKNOWN "It is no text, and no image, PDF or Office file that is read here."
#define FILM "It is a sound or a film, which is not read here."
#define ARCHIVE "It is an archive of other files, which is not unpacked here."
#define PICTURE "It is an image of a kind that clients do not show."
#define NO_PICTURE "It begins as an image does and is none."
#define PROGRAM "It is a program, which is not read here."
#define OLE2                                                                                       \
	"It is an Office file that is encrypted or of the old format (.doc, .xls, .ppt, .msg), "   \
	"which is not read here."

struct magic {
	size_t at;
	const char *bytes;
	size_t n;
	struct kind kind;
};

#define AT(at, bytes, ...)                                                                         \
	{                                                                                          \
		at, bytes, sizeof(bytes) - 1,                                                      \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

static const struct magic MAGICS[] = {
	AT(0, "\x89PNG\r\n\x1a\n", KIND_IMAGE, "image/png", NULL),
	AT(0, "\xff\xd8\xff", KIND_IMAGE, "image/jpeg", NULL),
	AT(0, "GIF87a", KIND_IMAGE, "image/gif", NULL),
	AT(0, "GIF89a", KIND_IMAGE, "image/gif", NULL),
	AT(8, "WEBPVP8", KIND_IMAGE, "image/webp", NULL),
	AT(0, "%PDF-", KIND_PDF, "application/pdf", NULL),
	AT(0, "PK\x03\x04", KIND_ZIP, NULL, NULL),
	AT(0, "PK\x05\x06", KIND_ZIP, NULL, NULL),
	AT(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", KIND_OTHER, NULL, OLE2),
	AT(0, "{\\rtf", KIND_OTHER, NULL, "It is Rich Text Format (RTF), which is not read here."),
	AT(0, "\x1f\x8b", KIND_OTHER, NULL, ARCHIVE),
	AT(0, "7z\xbc\xaf\x27\x1c", KIND_OTHER, NULL, ARCHIVE),
	AT(0, "Rar!\x1a\x07", KIND_OTHER, NULL, ARCHIVE),
	AT(0,
		"\xfd"
		"7zXZ",
		KIND_OTHER, NULL, ARCHIVE),
	AT(0, "BZh91AY&SY", KIND_OTHER, NULL, ARCHIVE),
	AT(0, "II*\0", KIND_OTHER, NULL, PICTURE),
	AT(0, "MM\0*", KIND_OTHER, NULL, PICTURE),
	AT(0, "8BPS\0", KIND_OTHER, NULL, PICTURE),
	AT(4, "ftypheic", KIND_OTHER, NULL, PICTURE),
	AT(4, "ftypavif", KIND_OTHER, NULL, PICTURE),
	AT(4, "ftyp", KIND_OTHER, NULL, FILM),
	AT(0, "ID3\2", KIND_OTHER, NULL, FILM),
	AT(0, "ID3\3", KIND_OTHER, NULL, FILM),
	AT(0, "ID3\4", KIND_OTHER, NULL, FILM),
	AT(0, "OggS\0", KIND_OTHER, NULL, FILM),
	AT(8, "WAVEfmt ", KIND_OTHER, NULL, FILM),
	AT(8, "AVI LIST", KIND_OTHER, NULL, FILM),
	AT(0, "\x1a\x45\xdf\xa3", KIND_OTHER, NULL, FILM),
	AT(0,
		"\x7f"
		"ELF",
		KIND_OTHER, NULL, PROGRAM),
	AT(0, "MZ\x90\0", KIND_OTHER, NULL, PROGRAM),
};

/* What a text may say to be, by its name's ending or its media type. */
static const struct {
	const char *ending, *media_type;
	enum kind_form form;
} TEXTS[] = {
	{".html", "text/html", KIND_HTML},
	{".htm", "text/html", KIND_HTML},
	{".xhtml", "application/xhtml+xml", KIND_HTML},
	{".eml", "message/rfc822", KIND_EMAIL},
	{".csv", "text/csv", KIND_PLAIN},
	{".json", "application/json", KIND_PLAIN},
	{".xml", "application/xml", KIND_PLAIN},
	{".xml", "text/xml", KIND_PLAIN},
	{".md", "text/markdown", KIND_PLAIN},
	{".ics", "text/calendar", KIND_PLAIN},
	{".vcf", "text/vcard", KIND_PLAIN},
};

static bool has_magic(struct json_span bytes, const struct magic *magic)
{
	return bytes.len >= magic->at + magic->n &&
	       !memcmp(bytes.text + magic->at, magic->bytes, magic->n);
}

static bool begins_with(struct json_span text, const char *word)
{
	size_t n = strlen(word);

	return text.len >= n && !strncasecmp(text.text, word, n);
}

static bool begins_as_html(struct json_span text)
{
	text = json_trim(text);
	return begins_with(text, "<!doctype html") || begins_with(text, "<html");
}

/* Whether it begins as a mail's header does. */
static bool begins_as_email(struct json_span bytes)
{
	static const char VERSION[] = "\nMIME-Version:"; /* which every mailer writes */
	size_t name = 0;

	if (bytes.len > LOOKED_AT)
		bytes.len = LOOKED_AT;
	while (name < bytes.len && bytes.text[name] > ' ' && bytes.text[name] != ':')
		name++;
	if (!name || name == bytes.len || bytes.text[name] != ':')
		return false;
	for (; name + sizeof(VERSION) <= bytes.len; name++) {
		if (begins_with((struct json_span){bytes.text + name, bytes.len - name}, VERSION))
			return true;
	}
	return begins_with(bytes, VERSION + 1);
}

/* Of the media type, what stands before its parameters. */
static bool is_type(const char *media_type, const char *type)
{
	size_t n = strcspn(media_type, "; ");

	return strlen(type) == n && !strncasecmp(media_type, type, n);
}

static bool ends_with(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);

	return n > m && !strcasecmp(name + n - m, ending);
}

static struct kind text_kind(const struct content_file *file)
{
	const char *type = file->media_type ? file->media_type : "";
	const char *name = file->name ? file->name : "";
	struct json_span text = file->bytes;

	if (begins_with(text, UTF_8_MARK))
		text = (struct json_span){
			text.text + strlen(UTF_8_MARK), text.len - strlen(UTF_8_MARK)};
	if (begins_as_html(text))
		return (struct kind){KIND_HTML, "text/html", NULL};
	if (begins_with(text, "BEGIN:VCALENDAR"))
		return (struct kind){KIND_PLAIN, "text/calendar", NULL};
	if (begins_with(text, "BEGIN:VCARD"))
		return (struct kind){KIND_PLAIN, "text/vcard", NULL};
	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
		if (is_type(type, TEXTS[i].media_type))
			return (struct kind){TEXTS[i].form, TEXTS[i].media_type, NULL};
	}
	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
		if (ends_with(name, TEXTS[i].ending))
			return (struct kind){TEXTS[i].form, TEXTS[i].media_type, NULL};
	}
	if (begins_as_email(text))
		return (struct kind){KIND_EMAIL, "message/rfc822", NULL};
	return (struct kind){KIND_PLAIN, "text/plain", NULL};
}

static bool is_control(char c)
{
	return (unsigned char)c < ' ' && !strchr("\t\n\v\f\r\x1b", c);
}

/* Whether it may be UTF-16, of which half the bytes may be NUL. */
static bool is_wide(const struct content_file *file)
{
	const char *type = file->media_type ? file->media_type : "";
	struct json_span bytes = file->bytes;

	return strcasestr(type, "charset=utf-16") || strcasestr(type, "charset=\"utf-16") ||
	       (bytes.len >= 2 &&
		       (!memcmp(bytes.text, "\xff\xfe", 2) || !memcmp(bytes.text, "\xfe\xff", 2)));
}

static bool is_text(const struct content_file *file)
{
	struct json_span bytes = file->bytes;
	size_t n = bytes.len < LOOKED_AT ? bytes.len : LOOKED_AT, controls = 0;

	if (is_wide(file))
		return true;
	for (size_t i = 0; i < n; i++)
		controls += is_control(bytes.text[i]);
	return controls * CONTROLS_IN <= n && (!n || !memchr(bytes.text, '\0', bytes.len));
}

struct kind kind_of(const struct content_file *file)
{
	for (size_t i = 0; i < sizeof(MAGICS) / sizeof(MAGICS[0]); i++) {
		if (!has_magic(file->bytes, &MAGICS[i]))
			continue;
		if (MAGICS[i].kind.form == KIND_IMAGE && !image_has_head(file->bytes))
			return (struct kind){KIND_OTHER, NULL, NO_PICTURE};
		return MAGICS[i].kind;
	}
	return is_text(file) ? text_kind(file) : (struct kind){KIND_OTHER, NULL, UNKNOWN};
}
