/* What a Graph tool makes of a file: behind what was picked of it its text, a part at a time, or an
 * image or a PDF as it is; else why there is none of these. */
#ifndef GRAPH_FILE_RESULT_H
#define GRAPH_FILE_RESULT_H

#include "graph/download.h"
#include "graph/file_rules.h"

#define FILE_BLOCK_BYTES_MAX (1u << 20) /* of an image or a PDF */

/* A file, once it is known what is there. */
struct file_found {
	const struct file_rules *rules;
	struct json_span picked; /* as tool_result_write gives it: an object, never empty */
	const char *cursor;      /* where in the text to go on; NULL: at its start */
	size_t bytes_max;        /* of the result, the bytes of an image or a PDF aside; at least
				    TOOL_RESULT_BYTES_MIN */
};

/* Whether there are bytes to be had, as far as the picks say. */
bool file_result_wants(const struct file_found *found);

/* Appends the result: the picks with one of "text" (and "cursor" where it goes on), "image", "pdf"
 * ({"contentType", "data": base64}) and "why" behind them.  file NULL: not asked for.
 * ERR_BAD_REQUEST for a cursor that is none of this text, say since the file has changed. */
bool file_result_write(const struct file_found *found, const struct download *file, struct buf *out,
	struct err *err);

#endif
