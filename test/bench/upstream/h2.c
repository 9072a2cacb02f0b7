/* HTTP/2, by nghttp2. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../programs/net.h"
#include "peer.h"

/* What a stream's question has so far, and then its answer. */
struct stream {
	struct question question;
	char *answer;
	size_t size, sent;
};

static int on_begin(nghttp2_session *session, const nghttp2_frame *frame, void *context)
{
	struct peer *peer = context;
	struct stream *stream;

	if (frame->hd.type != NGHTTP2_HEADERS)
		return 0;
	stream = calloc(1, sizeof(*stream));
	if (!stream)
		die("memory");
	stream->question.listener = peer->listener;
	nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, stream);
	return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
	size_t name_size, const uint8_t *value, size_t size, uint8_t flags, void *context)
{
	struct stream *stream = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);

	(void)flags;
	(void)context;
	if (!stream)
		return 0;
	if (name_size == 5 && !memcmp(name, ":path", 5) && !stream->question.path)
		stream->question.path = strndup((const char *)value, size);
	else if (name_size == 13 && !memcmp(name, "authorization", 13) &&
		 !stream->question.authorization)
		stream->question.authorization = strndup((const char *)value, size);
	return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data,
	size_t size, void *context)
{
	struct stream *stream = nghttp2_session_get_stream_user_data(session, id);
	struct question *question = stream ? &stream->question : NULL;

	(void)flags;
	(void)context;
	if (!question || question->body_size + size > BODY_BYTES_MAX)
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	question->body = reallocarray(question->body, question->body_size + size + 1, 1);
	if (!question->body)
		die("memory");
	memcpy(question->body + question->body_size, data, size);
	question->body_size += size;
	question->body[question->body_size] = '\0';
	return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *context)
{
	struct peer *peer = context;
	struct stream *stream;

	if (!(frame->hd.flags & NGHTTP2_FLAG_END_STREAM) ||
		(frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA))
		return 0;
	stream = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
	if (!stream || !stream->question.path)
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	peer->asked(peer, frame->hd.stream_id, &stream->question);
	return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *context)
{
	struct stream *stream = nghttp2_session_get_stream_user_data(session, id);

	(void)code;
	(void)context;
	if (!stream)
		return 0;
	question_done(&stream->question);
	free(stream->answer);
	free(stream);
	nghttp2_session_set_stream_user_data(session, id, NULL);
	return 0;
}

bool h2_start(struct peer *peer)
{
	nghttp2_settings_entry settings[] = {
		{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, STREAMS_MAX}};
	nghttp2_session_callbacks *callbacks;
	int failed;

	nghttp2_session_callbacks_new(&callbacks);
	nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
	failed = nghttp2_session_server_new(&peer->h2, callbacks, peer);
	nghttp2_session_callbacks_del(callbacks);
	return !failed && !nghttp2_submit_settings(peer->h2, NGHTTP2_FLAG_NONE, settings, 1);
}

bool h2_receive(struct peer *peer, const char *data, size_t size)
{
	return nghttp2_session_mem_recv(peer->h2, (const uint8_t *)data, size) == (ssize_t)size;
}

bool h2_collect(struct peer *peer)
{
	const uint8_t *data;
	ssize_t n;

	while ((n = nghttp2_session_mem_send(peer->h2, &data)) > 0)
		bytes_add(&peer->out, (const char *)data, (size_t)n);
	return n == 0;
}

static ssize_t give_answer(nghttp2_session *session, int32_t id, uint8_t *to, size_t room,
	uint32_t *flags, nghttp2_data_source *source, void *context)
{
	struct stream *stream = source->ptr;
	size_t n = stream->size - stream->sent < room ? stream->size - stream->sent : room;

	(void)session;
	(void)id;
	(void)context;
	memcpy(to, stream->answer + stream->sent, n);
	stream->sent += n;
	if (stream->sent == stream->size)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

#define FIELD(name, value)                                                                         \
	{                                                                                          \
		(uint8_t *)(name), (uint8_t *)(value), sizeof(name) - 1, strlen(value),            \
			NGHTTP2_NV_FLAG_NONE                                                       \
	}

void h2_reply(struct peer *peer, int32_t id, const struct reply *reply)
{
	struct stream *stream = nghttp2_session_get_stream_user_data(peer->h2, id);
	nghttp2_data_provider provider = {.source.ptr = stream, .read_callback = give_answer};
	char status[16];

	if (!stream) /* the client has taken its question back */
		return;
	snprintf(status, sizeof(status), "%d", reply->status);
	nghttp2_nv fields[] = {FIELD(":status", status), FIELD("content-type", "application/json"),
		FIELD("request-id", "11111111-2222-4333-8444-555555555555")};

	stream->answer = strdup(reply->body);
	stream->size = strlen(reply->body);
	nghttp2_submit_response(
		peer->h2, id, fields, sizeof(fields) / sizeof(fields[0]), &provider);
}
