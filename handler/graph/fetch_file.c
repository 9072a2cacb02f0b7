#include "graph/fetch_file.h"

#include <stdlib.h>

#include "content/content.h"
#include "graph/download.h"
#include "graph/found_text.h"

#define TOO_LONG "This file is too long to be read here: open it at its url."

/* NULL: its bytes are worth asking for. */
static const char *why_not(struct json_span object)
{
	struct json_span value;
	struct buf size;
	bool too_long;

	if (!json_find(object, "file", &value))
		return json_find(object, "folder", &value)
			       ? "This is a folder: search for what is in it."
			       : "This has nothing to read: open it at its url.";
	buf_init(&size);
	found_line(object, "size", &size);
	too_long = strtod(buf_text(&size), NULL) > DOWNLOAD_BYTES_MAX;
	buf_done(&size);
	return too_long ? TOO_LONG : NULL;
}

static void write_content(const struct download *download, const char *name, struct buf *out)
{
	const struct content_file file = {
		{buf_text(&download->bytes), download->bytes.len}, name, download->media_type};
	struct content content;

	content_read(&file, &content);
	switch (content.kind) {
	case CONTENT_TEXT:
		buf_add(out, buf_text(&content.text), content.text.len);
		break;
	case CONTENT_IMAGE:
		buf_adds(out, "This is an image: open it at its url.");
		break;
	case CONTENT_PDF:
		buf_adds(out, "This is a PDF: open it at its url.");
		break;
	case CONTENT_OTHER:
		buf_adds(out, content.why);
		break;
	}
	content_done(&content);
}

bool fetch_file_text(const struct fetch_file *file, struct graph_errand *errand, struct buf *out,
	struct err *err)
{
	const char *why = why_not(file->item);
	struct download download;
	struct buf name;

	if (why) {
		buf_adds(out, why);
		return true;
	}
	if (!graph_download(file->graph, file->content, errand, &download, err))
		return false;
	buf_init(&name);
	found_line(file->item, "name", &name);
	if (download.too_long)
		buf_adds(out, TOO_LONG);
	else
		write_content(&download, buf_text(&name), out);
	buf_done(&name);
	download_done(&download);
	return true;
}
