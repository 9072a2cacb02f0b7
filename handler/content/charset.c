#include "content/charset.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "content/charset_tables.h"

#define REPLACEMENT 0xfffd
#define STEP 4096 /* bytes of UTF-8 that are made at a time */

static const struct {
	const char *labels; /* a blank between each two */
	enum charset charset;
} LABELS[] = {
	{"unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8", CHARSET_UTF_8},
	{"csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le", CHARSET_UTF_16LE},
	{"unicodefffe utf-16be", CHARSET_UTF_16BE}};

static bool is_among(struct json_span label, const char *labels)
{
	for (size_t n; *labels; labels += n + (labels[n] == ' ')) {
		n = strcspn(labels, " ");
		if (n == label.len && !strncasecmp(labels, label.text, n))
			return true;
	}
	return false;
}

enum charset charset_named(struct json_span label)
{
	for (size_t i = 0; i < sizeof(LABELS) / sizeof(LABELS[0]); i++) {
		if (is_among(label, LABELS[i].labels))
			return LABELS[i].charset;
	}
	for (size_t i = 0; i < CHARSET_TABLES_COUNT; i++) {
		if (is_among(label, CHARSET_TABLES[i].labels))
			return (enum charset)(CHARSET_WINDOWS_1252 + i);
	}
	return CHARSET_OTHER;
}

static bool is_of_label(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' ||
	       c == '_' || c == ':' || c == '.';
}

enum charset charset_within(struct json_span text, const char *parameter)
{
	size_t n = strlen(parameter);

	for (size_t i = 0; i + n < text.len; i++) {
		struct json_span label = {text.text + i + n, 0};

		if (strncasecmp(text.text + i, parameter, n) != 0)
			continue;
		if (*label.text == '"' || *label.text == '\'')
			label.text++;
		while (label.text + label.len < text.text + text.len &&
			is_of_label(label.text[label.len]))
			label.len++;
		return label.len ? charset_named(label) : CHARSET_NONE;
	}
	return CHARSET_NONE;
}

static bool take_mark(struct json_span *bytes, const char *mark, size_t n)
{
	if (bytes->len < n || memcmp(bytes->text, mark, n) != 0)
		return false;
	bytes->text += n;
	bytes->len -= n;
	return true;
}

enum charset charset_of(struct json_span *bytes, enum charset declared)
{
	if (take_mark(bytes, "\xef\xbb\xbf", 3))
		return CHARSET_UTF_8;
	if (take_mark(bytes, "\xff\xfe", 2))
		return CHARSET_UTF_16LE;
	if (take_mark(bytes, "\xfe\xff", 2))
		return CHARSET_UTF_16BE;
	if (declared == CHARSET_UTF_16LE || declared == CHARSET_UTF_16BE)
		return declared;
	/* ISO-2022-JP is ASCII but for its escapes */
	if (utf8_valid(bytes->text, bytes->len) &&
		(declared != CHARSET_OTHER || !memchr(bytes->text, '\x1b', bytes->len)))
		return CHARSET_UTF_8;
	return declared == CHARSET_NONE ? CHARSET_WINDOWS_1252 : declared;
}

/* The next code point of not empty bytes, and how many bytes it takes. */
static size_t of_one_byte(struct json_span bytes, enum charset charset, uint32_t *ret)
{
	const struct charset_table *table = &CHARSET_TABLES[charset - CHARSET_WINDOWS_1252];
	unsigned char c = (unsigned char)*bytes.text;

	*ret = c < 0x80 ? c : table->upper[c - 0x80];
	if (c >= 0x80 && !*ret)
		*ret = REPLACEMENT;
	return 1;
}

static uint32_t unit(const char *at, enum charset charset)
{
	const unsigned char *p = (const unsigned char *)at;

	return charset == CHARSET_UTF_16BE ? (uint32_t)p[0] << 8 | p[1]
					   : (uint32_t)p[1] << 8 | p[0];
}

static size_t of_utf_16(struct json_span bytes, enum charset charset, uint32_t *ret)
{
	uint32_t high, low;

	*ret = REPLACEMENT;
	if (bytes.len < 2)
		return bytes.len;
	high = unit(bytes.text, charset);
	if (high < 0xd800 || high > 0xdfff) {
		*ret = high;
		return 2;
	}
	low = high < 0xdc00 && bytes.len >= 4 ? unit(bytes.text + 2, charset) : 0;
	if (low < 0xdc00 || low > 0xdfff)
		return 2;
	*ret = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
	return 4;
}

static void decode_points(struct json_span bytes, enum charset charset, struct text_out *out)
{
	struct buf step;

	buf_init(&step);
	while (bytes.len && !out->cut) {
		uint32_t c;
		size_t n = charset >= CHARSET_WINDOWS_1252 ? of_one_byte(bytes, charset, &c)
							   : of_utf_16(bytes, charset, &c);

		buf_add_utf8(&step, c);
		bytes.text += n;
		bytes.len -= n;
		if (step.len < STEP && bytes.len)
			continue;
		text_out_add(out, step.data, step.len);
		buf_cut(&step, 0);
	}
	buf_done(&step);
}

/* Of the code point that the bytes begin with; 0: none. */
static size_t sequence(struct json_span bytes)
{
	for (size_t n = 1; n <= 4 && n <= bytes.len; n++) {
		if (utf8_valid(bytes.text, n))
			return n;
	}
	return 0;
}

static size_t valid_bytes(struct json_span bytes)
{
	size_t valid = 0, n = 1;

	while (n) {
		n = sequence((struct json_span){bytes.text + valid, bytes.len - valid});
		valid += n;
	}
	return valid;
}

static void decode_utf_8(struct json_span bytes, struct text_out *out)
{
	if (utf8_valid(bytes.text, bytes.len)) {
		text_out_add(out, bytes.text, bytes.len);
		return;
	}
	while (bytes.len && !out->cut) {
		size_t n = valid_bytes(bytes);

		text_out_add(out, bytes.text, n);
		bytes.text += n;
		bytes.len -= n;
		if (bytes.len) {
			text_out_adds(out, "\xef\xbf\xbd");
			bytes.text++;
			bytes.len--;
		}
	}
}

void charset_decode(struct json_span bytes, enum charset charset, struct text_out *out)
{
	if (charset == CHARSET_UTF_8)
		decode_utf_8(bytes, out);
	else
		decode_points(bytes, charset, out);
}
