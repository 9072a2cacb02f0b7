#include "door/form.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

/* Appends the decoding of n bytes and a NUL; *ret_at: where it begins.  False when it is broken. */
static bool add_decoded(struct buf *out, const char *text, size_t n, size_t *ret_at)
{
	size_t at = out->len;

	*ret_at = at;
	if (!buf_add_urldecoded(out, text, n, SIZE_MAX))
		return false;
	buf_add(out, "", 1);
	return utf8_valid(out->data + at, out->len - 1 - at) && !utf8_has_control(out->data + at);
}

static bool add_field(struct form *form, const char *text, size_t n)
{
	const char *equals = memchr(text, '=', n);
	size_t name_len = equals ? (size_t)(equals - text) : n;
	size_t value_at = equals ? name_len + 1 : n;
	size_t i = form->count;

	if (i == FORM_FIELDS_MAX ||
		!add_decoded(&form->text, text, name_len, &form->fields[i].name) ||
		!add_decoded(&form->text, text + value_at, n - value_at, &form->fields[i].value))
		return false;
	form->count++;
	return true;
}

bool form_read(struct form *form, const char *text, size_t n, struct err *err)
{
	form->count = 0;
	buf_init(&form->text);
	if (n > FORM_BYTES_MAX)
		return err_say(err, ERR_BODY_TOO_LARGE, "The parameters are longer than %d bytes.",
			FORM_BYTES_MAX);
	for (size_t at = 0; at < n;) {
		const char *end = memchr(text + at, '&', n - at);
		size_t len = end ? (size_t)(end - text) - at : n - at;

		if (len && !add_field(form, text + at, len))
			return err_say(err, ERR_BAD_REQUEST,
				"The parameters are not valid: broken percent-encoding, bytes that "
				"are not UTF-8, control characters, or more than %d.",
				FORM_FIELDS_MAX);
		at += len + 1;
	}
	return true;
}

void form_done(struct form *form)
{
	buf_wipe(&form->text);
	form->count = 0;
}

static bool is_named(const struct form *form, size_t i, const char *name)
{
	return !strcasecmp(form->text.data + form->fields[i].name, name);
}

const char *form_value(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++) {
		const char *value = form->text.data + form->fields[i].value;

		if (is_named(form, i, name))
			return *value ? value : NULL;
	}
	return NULL;
}

bool form_once(const struct form *form, const char *const *names, struct err *err)
{
	for (; *names; names++) {
		size_t count = 0;

		for (size_t i = 0; i < form->count; i++)
			count += is_named(form, i, *names);
		if (count > 1)
			return err_say(err, ERR_BAD_REQUEST, "%s is there more than once.", *names);
	}
	return true;
}
