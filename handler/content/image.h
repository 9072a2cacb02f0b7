/* Whether an image can be one: a client, or the model behind it, may refuse the whole conversation
 * for a picture that is none. */
#ifndef CONTENT_IMAGE_H
#define CONTENT_IMAGE_H

#include "base/json_scan.h"

/* Whether the bytes have the whole head of a PNG, a JPEG, a GIF or a WebP. */
bool image_has_head(struct json_span bytes);

#endif
