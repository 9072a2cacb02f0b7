/* Files that are a zip: those of Office have text, and what the others are can be told. */
#ifndef CONTENT_PACKED_H
#define CONTENT_PACKED_H

#include "base/json_scan.h"
#include "content/text_out.h"

/* Adds the text of a Word, Excel or PowerPoint file, and says its media type, a constant.  NULL, or
 * a public sentence that says why it is not read. */
const char *packed_read(struct json_span bytes, struct text_out *out, const char **ret_media_type);

#endif
