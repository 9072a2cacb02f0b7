/* What a model is better shown in a content block than in a tool's text: pictures and documents. */
#ifndef ENDPOINTS_BLOCKS_H
#define ENDPOINTS_BLOCKS_H

#include "base/json_scan.h"
#include "mcp/outcome.h"

/* A member of a result that holds bytes, {"contentType", "data"}; spans of JSON strings. */
struct bytes_member {
	struct json_span result; /* the whole */
	struct json_span type, data;
};

/* Where the outcome's text has such a member of that name, puts the block that make gives (never
 * NULL) beside it, and takes the data out of the text: as base64 it would only fill a model's
 * memory. */
void blocks_move(struct outcome *outcome, const char *name,
	cJSON *(*make)(const struct bytes_member *member));

/* An image block, or NULL for a type that clients do not show: one may end a conversation. */
cJSON *block_of_image(const struct bytes_member *member);

/* A Graph tool's row's to_blocks: its image or PDF. */
void file_to_blocks(struct outcome *outcome);

#endif
