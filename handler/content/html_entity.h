/* HTML's character references, those that letters and mails are full of. */
#ifndef CONTENT_HTML_ENTITY_H
#define CONTENT_HTML_ENTITY_H

#include <stdint.h>

#include "base/json_scan.h"

/* The length of the reference that the text begins with, and what it stands for: ' ' for every kind
 * of blank, 0 for what is not seen.  0: it is none, or none that is known here. */
size_t html_entity(struct json_span text, uint32_t *ret);

#endif
