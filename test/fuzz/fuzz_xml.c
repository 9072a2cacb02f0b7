/* XML, the size of its pieces first: it is told the same in pieces as at once. */
#include <assert.h>

#include "base/buf.h"
#include "base/text.h"
#include "content/xml.h"
#include "fuzz.h"

static void on_start(void *context, const struct xml_tag *tag)
{
	const char *id = xml_prefixed(tag, "id");

	buf_addf(context, "<%s", tag->name);
	if (id)
		buf_addf(context, " id='%s'", id);
	assert(!id || xml_attribute(tag, "id"));
}

static void on_end(void *context, const char *name)
{
	buf_addf(context, "</%s", name);
}

static void on_text(void *context, const char *text, size_t n)
{
	assert(utf8_valid(text, n));
	buf_add(context, text, n);
}

static bool told(const char *text, size_t size, size_t piece, struct buf *ret)
{
	static const struct xml_handlers HANDLERS = {on_start, on_end, on_text};
	struct xml *xml = xml_new(&HANDLERS, ret);
	bool good;

	for (size_t i = 0; i < size; i += piece)
		xml_add(xml, text + i, size - i < piece ? size - i : piece);
	good = xml_end(xml);
	xml_free(xml);
	return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t piece = size ? (size_t)data[0] + 1 : 1;
	const char *text = (const char *)data + (size ? 1 : 0);
	struct buf whole, pieces;

	buf_init(&whole);
	buf_init(&pieces);
	size -= size ? 1 : 0;
	if (told(text, size, size ? size : 1, &whole)) {
		assert(told(text, size, piece, &pieces));
		assert(!strcmp(buf_text(&whole), buf_text(&pieces)));
	}
	buf_done(&whole);
	buf_done(&pieces);
	return 0;
}
