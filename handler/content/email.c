#include "content/email.h"

#include <string.h>
#include <strings.h>

#include "content/email_coding.h"
#include "content/email_field.h"
#include "content/plain.h"

/* A part that is text. */
struct leaf {
	struct json_span header, body, type;
};

static bool begins_with(struct json_span text, const char *word)
{
	size_t n = strlen(word);

	while (text.len && (*text.text == ' ' || *text.text == '\t')) {
		text.text++;
		text.len--;
	}
	return text.len >= n && !strncasecmp(text.text, word, n);
}

static bool find_leaf(struct json_span part, int depth, struct leaf *ret);

/* Moves to behind the next line that has the boundary: what was before it, in *ret. */
static bool take_part(struct json_span *rest, const struct buf *mark, struct json_span *ret)
{
	const char *at = memmem(rest->text, rest->len, mark->data, mark->len);
	const char *begin = rest->text;

	if (!at)
		return false;
	*ret = (struct json_span){begin, (size_t)(at - begin)};
	rest->text = at + mark->len;
	rest->len -= (size_t)(rest->text - begin);
	return true;
}

/* Without the rest of the line that the boundary stands in. */
static struct json_span behind_line(struct json_span part)
{
	const char *end = part.len ? memchr(part.text, '\n', part.len) : NULL;

	if (!end)
		return (struct json_span){"", 0};
	return (struct json_span){end + 1, (size_t)(part.text + part.len - end) - 1};
}

/* Of a multipart's parts (RFC 2046 §5.1.1): what is before the first boundary is none. */
static bool find_among(struct json_span body, const struct buf *mark, int depth, struct leaf *ret)
{
	struct json_span part;
	bool found = false;

	if (body.len >= mark->len - 1 && !memcmp(body.text, mark->data + 1, mark->len - 1)) {
		body.text += mark->len - 1;
		body.len -= mark->len - 1;
	} else if (!take_part(&body, mark, &part)) {
		return false;
	}
	while (!found && !begins_with(body, "--")) {
		bool last = !take_part(&body, mark, &part);

		if (last)
			part = body; /* of a mail that is cut off */
		found = find_leaf(behind_line(part), depth + 1, ret);
		if (last)
			break;
	}
	return found;
}

static bool find_in_multipart(const struct leaf *part, int depth, struct leaf *ret)
{
	struct json_span boundary = email_parameter(part->type, "boundary");
	struct buf mark;
	bool found;

	if (!boundary.len || depth == EMAIL_DEPTH_MAX)
		return false;
	buf_init(&mark);
	buf_adds(&mark, "\n--");
	buf_add(&mark, boundary.text, boundary.len);
	found = find_among(part->body, &mark, depth, ret);
	buf_done(&mark);
	return found;
}

/* Mailers put an empty text before the one in HTML that holds the words. */
static bool is_blank(struct json_span body)
{
	while (body.len && strchr(" \t\r\n", *body.text)) {
		body.text++;
		body.len--;
	}
	return !body.len;
}

/* The first text in a part, its header and its body. */
static bool find_leaf(struct json_span part, int depth, struct leaf *ret)
{
	struct leaf leaf = {.body = part};

	leaf.header = email_take_header(&leaf.body);
	leaf.type = email_field(leaf.header, "Content-Type");
	if (begins_with(leaf.type, "multipart/"))
		return find_in_multipart(&leaf, depth, ret);
	if (begins_with(email_field(leaf.header, "Content-Disposition"), "attachment") ||
		(leaf.type.len && !begins_with(leaf.type, "text/")) ||
		(depth && is_blank(leaf.body)))
		return false;
	*ret = leaf;
	return true;
}

/* What the body stands for, in *bytes where it is coded. */
static struct json_span decoded(const struct leaf *leaf, struct buf *bytes)
{
	struct json_span coding = email_field(leaf->header, "Content-Transfer-Encoding");

	if (begins_with(coding, "base64"))
		email_decode_base64(leaf->body, bytes);
	else if (begins_with(coding, "quoted-printable"))
		email_decode_quoted(leaf->body, bytes);
	else
		return leaf->body;
	return (struct json_span){buf_text(bytes), bytes->len};
}

static void add_body(const struct leaf *leaf, struct text_out *out)
{
	struct json_span charset = email_parameter(leaf->type, "charset"), body;
	enum charset declared = charset.len ? charset_named(charset) : CHARSET_NONE;
	struct buf bytes;
	const char *why;

	buf_init(&bytes);
	body = decoded(leaf, &bytes);
	why = begins_with(leaf->type, "text/html") ? plain_read_html(body, declared, out)
						   : plain_read(body, declared, out);
	if (why)
		text_out_adds(out, why);
	buf_done(&bytes);
}

void email_read(struct json_span bytes, struct text_out *out)
{
	static const char *const FIELDS[] = {"From", "To", "Cc", "Date", "Subject", NULL};
	struct json_span body = bytes, header = email_take_header(&body);
	struct leaf leaf;

	for (size_t i = 0; FIELDS[i]; i++) {
		struct json_span field = email_field(header, FIELDS[i]);

		if (!field.len)
			continue;
		text_out_adds(out, FIELDS[i]);
		text_out_adds(out, ": ");
		email_add_field(field, out);
		text_out_adds(out, "\n");
	}
	if (!find_leaf(bytes, 0, &leaf))
		return;
	text_out_adds(out, "\n");
	add_body(&leaf, out);
}
