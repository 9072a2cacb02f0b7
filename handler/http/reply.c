#include "http/reply.h"

#include <string.h>
#include <strings.h>

void http_reply_done(struct http_reply *reply)
{
	buf_wipe(&reply->body);
	buf_wipe(&reply->head);
}

/* By hand: a reply outlives the handle that curl_easy_header would ask. */
bool http_reply_header(const struct http_reply *reply, const char *name, int index, struct buf *out)
{
	size_t n = strlen(name);

	for (const char *line = buf_text(&reply->head); *line;) {
		size_t len = strcspn(line, "\n");

		if (len > n && line[n] == ':' && !strncasecmp(line, name, n) && index-- == 0) {
			const char *value = line + n + 1 + strspn(line + n + 1, " \t");
			const char *end = line + len;

			while (end > value && strchr(" \t\r", end[-1]))
				end--;
			buf_add(out, value, (size_t)(end - value));
			return true;
		}
		line += len + (line[len] == '\n');
	}
	return false;
}
