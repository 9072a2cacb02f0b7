#include "content/content.h"

#include <string.h>

#include "content/email.h"
#include "content/kind.h"
#include "content/packed.h"
#include "content/plain.h"

static enum charset declared(const struct content_file *file)
{
	const char *type = file->media_type ? file->media_type : "";

	return charset_within((struct json_span){type, strlen(type)}, "charset=");
}

/* The text of a file of that kind: NULL, or why there is none. */
static const char *read_text(
	const struct content_file *file, struct kind *kind, struct text_out *out)
{
	switch (kind->form) {
	case KIND_HTML:
		return plain_read_html(file->bytes, declared(file), out);
	case KIND_EMAIL:
		email_read(file->bytes, out);
		return NULL;
	case KIND_PLAIN:
		return plain_read(file->bytes, declared(file), out);
	case KIND_ZIP:
		return packed_read(file->bytes, out, &kind->media_type);
	default:
		return kind->why;
	}
}

static void read_words(const struct content_file *file, struct kind *kind, struct content *ret)
{
	struct text_out out = {.buf = &ret->text, .max = CONTENT_TEXT_MAX};

	ret->why = read_text(file, kind, &out);
	if (ret->why) {
		buf_done(&ret->text);
		return;
	}
	ret->kind = CONTENT_TEXT;
	ret->media_type = kind->media_type;
	ret->cut = out.cut;
}

void content_read(const struct content_file *file, struct content *ret)
{
	struct kind kind = kind_of(file);

	*ret = (struct content){.kind = CONTENT_OTHER};
	buf_init(&ret->text);
	if (kind.form == KIND_IMAGE || kind.form == KIND_PDF) {
		ret->kind = kind.form == KIND_PDF ? CONTENT_PDF : CONTENT_IMAGE;
		ret->media_type = kind.media_type;
	} else {
		read_words(file, &kind, ret);
	}
}

void content_done(struct content *content)
{
	buf_done(&content->text);
}
