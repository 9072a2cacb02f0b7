/* HTTP/1.1 for those who do not speak HTTP/2: one request after the other, bodies with a length. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"

/* The value of a field in the head, up to the end of its line; NULL: none. */
static const char *field(const char *head, const char *name, size_t *ret_size)
{
	const char *at = strcasestr(head, name);

	if (!at)
		return NULL;
	at += strlen(name);
	at += strspn(at, " ");
	*ret_size = strcspn(at, "\r");
	return at;
}

static bool ask(struct peer *peer, const char *end, size_t body_size)
{
	struct question question = {.listener = peer->listener};
	const char *head = peer->in.data, *path = strchr(head, ' '), *value;
	size_t size;

	if (!path || path - head >= (long)sizeof(question.method))
		return false;
	memcpy(question.method, head, (size_t)(path - head));
	question.path = strndup(path + 1, strcspn(path + 1, " \r\n"));
	value = field(head, "\nauthorization:", &size);
	question.authorization = value ? strndup(value, size) : NULL;
	question.body = strndup(end + 4, body_size);
	question.body_size = body_size;
	peer->asked(peer, 0, &question);
	question_done(&question);
	return true;
}

bool h1_receive(struct peer *peer, const char *data, size_t size)
{
	struct bytes *in = &peer->in;
	const char *end, *length;
	size_t digits, body_size, whole;

	bytes_add(in, data, size);
	while ((end = memmem(in->data, in->size, "\r\n\r\n", 4))) {
		length = field(in->data, "\ncontent-length:", &digits);
		body_size = length && length < end ? strtoul(length, NULL, 10) : 0;
		whole = (size_t)(end + 4 - in->data) + body_size;
		if (body_size > BODY_BYTES_MAX)
			return false;
		if (in->size < whole)
			return true;
		if (!ask(peer, end, body_size))
			return false;
		memmove(in->data, in->data + whole, in->size - whole + 1);
		in->size -= whole;
	}
	return in->size <= BODY_BYTES_MAX;
}

void h1_reply(struct peer *peer, const struct reply *reply)
{
	size_t size = strlen(reply->body);
	char head[256];
	int n = snprintf(head, sizeof(head),
		"HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
		reply->status, reply->status == 200 ? "OK" : "Refused", size);

	bytes_add(&peer->out, head, (size_t)n);
	bytes_add(&peer->out, reply->body, size);
}
