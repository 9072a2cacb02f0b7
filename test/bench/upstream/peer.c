#include "peer.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../programs/net.h"

void bytes_add(struct bytes *bytes, const char *data, size_t size)
{
	if (bytes->sent && bytes->sent == bytes->size)
		bytes->sent = bytes->size = 0;
	while (bytes->size + size + 1 > bytes->room) {
		bytes->room = bytes->room ? bytes->room * 2 : 4096;
		bytes->data = reallocarray(bytes->data, bytes->room, 1);
		if (!bytes->data)
			die("memory");
	}
	memcpy(bytes->data + bytes->size, data, size);
	bytes->size += size;
	bytes->data[bytes->size] = '\0';
}

/* Bytes read; 0: none for now; -1: the end. */
static ssize_t read_some(struct peer *peer, char *to, size_t room)
{
	ssize_t n;
	int why;

	if (!peer->ssl) {
		n = recv(peer->fd, to, room, 0);
		return n > 0 ? n : n < 0 && errno == EAGAIN ? 0 : -1;
	}
	ERR_clear_error(); /* SSL_get_error would take an older one for this call's */
	n = SSL_read(peer->ssl, to, (int)room);
	why = n > 0 ? 0 : SSL_get_error(peer->ssl, (int)n);
	return n > 0 ? n : why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

/* Goes on with the handshake; at its end the protocol is known.  False: not done, or gone. */
static bool shake(struct peer *peer)
{
	const unsigned char *protocol = NULL;
	unsigned size = 0;
	int n, why;

	ERR_clear_error();
	n = SSL_accept(peer->ssl);
	why = n == 1 ? 0 : SSL_get_error(peer->ssl, n);

	peer->gone = n != 1 && why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE;
	peer->shaken = n == 1;
	if (!peer->shaken)
		return false;
	SSL_get0_alpn_selected(peer->ssl, &protocol, &size);
	if (size == 2 && !memcmp(protocol, "h2", 2))
		peer->gone = !h2_start(peer);
	return !peer->gone;
}

void peer_read(struct peer *peer)
{
	static char piece[65536];
	ssize_t n;

	if (peer->ssl && !peer->shaken && !shake(peer))
		return;
	while (!peer->gone && (n = read_some(peer, piece, sizeof(piece)))) {
		if (n < 0 || !(peer->h2 ? h2_receive(peer, piece, (size_t)n)
					: h1_receive(peer, piece, (size_t)n)))
			peer->gone = true;
	}
}

void peer_reply(struct peer *peer, int32_t stream, const struct reply *reply)
{
	if (peer->h2)
		h2_reply(peer, stream, reply);
	else
		h1_reply(peer, reply);
}

bool peer_flush(struct peer *peer)
{
	struct bytes *out = &peer->out;

	if (peer->h2 && !h2_collect(peer))
		peer->gone = true;
	ERR_clear_error();
	while (!peer->gone && out->sent < out->size) {
		size_t left = out->size - out->sent;
		ssize_t n = peer->ssl ? SSL_write(peer->ssl, out->data + out->sent, (int)left)
				      : send(peer->fd, out->data + out->sent, left, MSG_NOSIGNAL);

		if (n <= 0 && (peer->ssl ? SSL_get_error(peer->ssl, (int)n) != SSL_ERROR_WANT_WRITE
					 : errno != EAGAIN))
			peer->gone = true;
		if (n <= 0)
			break;
		out->sent += (size_t)n;
	}
	return out->sent < out->size;
}

void peer_done(struct peer *peer)
{
	nghttp2_session_del(peer->h2);
	SSL_free(peer->ssl);
	close(peer->fd);
	free(peer->in.data);
	free(peer->out.data);
	free(peer);
}
