#include "http/transfer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/crypto.h"

#define CONNECT_TIMEOUT_MS 3000L
/* A connection is dropped after this age, so that a moved upstream is noticed. */
#define CONNECTION_AGE_S 600L
/* Only so that those who open connections together ask but once: an address that has moved fails
 * for everybody as long as it is remembered. */
#define ADDRESS_AGE_S 2L
#define HEAD_MAX 65536
/* libcurl itself would send a request that is refused (REFUSED_STREAM, GOAWAY) six times. */
#define SENDS_MAX 3

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct transfer *transfer = arg;

	sockets_note_alive(transfer->sockets, transfer->socket);
	transfer->reply.cut = !buf_add_within(
		&transfer->reply.body, bytes, size * n, transfer->body_max);
	return transfer->reply.cut ? 0 : size * n; /* 0 ends the transfer */
}

/* libcurl tells of bytes behind a last chunk, which it has read and throws away, but keeps the
 * connection, though the rest of them would be taken for the next answer. */
static int on_word(CURL *easy, curl_infotype type, char *text, size_t n, void *context)
{
	static const char WORD[] = "Leftovers after chunking";

	(void)context;
	if (type == CURLINFO_TEXT && n >= sizeof(WORD) - 1 && !memcmp(text, WORD, sizeof(WORD) - 1))
		curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	return 0;
}

/* What ends the answer's body (RFC 9112 §6.3), and so what follows it. */
enum { END_UNKNOWN, END_BY_LENGTH, END_BY_CHUNKS, END_BY_STREAM };

static int end_of_body(const struct http_reply *reply)
{
	const char *head = buf_text(&reply->head);
	struct buf coding, length;
	int end = END_UNKNOWN;

	if (strncmp(head, "HTTP/1.", 7) != 0)
		return END_BY_STREAM;
	if (!strncmp(head + 8, " 204", 4) || !strncmp(head + 8, " 304", 4))
		return END_UNKNOWN;
	buf_init(&coding);
	buf_init(&length);
	if (http_reply_header(reply, "Transfer-Encoding", 0, &coding))
		end = END_BY_CHUNKS;
	else if (http_reply_header(reply, "Content-Length", 0, &length) &&
		 strspn(buf_text(&length), "0") < length.len)
		end = END_BY_LENGTH;
	buf_done(&coding);
	buf_done(&length);
	return end;
}

/* Bytes behind a body of a known length have libcurl close the connection.  Where there is no body
 * it says nothing of them, so that the connection is not used again. */
static void watch_end(struct transfer *transfer)
{
	int end = end_of_body(&transfer->reply);
	bool unwatched = transfer->nested && end != END_BY_STREAM;

	curl_easy_setopt(
		transfer->easy, CURLOPT_FORBID_REUSE, (long)(end == END_UNKNOWN || unwatched));
	if (end == END_BY_CHUNKS) {
		curl_easy_setopt(transfer->easy, CURLOPT_DEBUGFUNCTION, on_word);
		curl_easy_setopt(transfer->easy, CURLOPT_VERBOSE, 1L);
	}
}

/* Of a body that is announced as too long nothing is awaited. */
static bool is_too_long(const struct transfer *transfer)
{
	struct buf length;
	bool ret;

	buf_init(&length);
	ret = http_reply_header(&transfer->reply, "Content-Length", 0, &length) &&
	      strtoull(buf_text(&length), NULL, 10) > transfer->body_max;
	buf_done(&length);
	return ret;
}

static size_t on_head(char *bytes, size_t size, size_t n, void *arg)
{
	struct transfer *transfer = arg;

	if (size * n > 5 && !memcmp(bytes, "HTTP/", 5)) /* a new status line, say after a 100 */
		buf_done(&transfer->reply.head);
	if (!buf_add_within(&transfer->reply.head, bytes, size * n, HEAD_MAX))
		return 0;
	if (size * n <= 2) { /* its end */
		sockets_note_alive(transfer->sockets, transfer->socket);
		watch_end(transfer);
		transfer->reply.cut = is_too_long(transfer);
	}
	return transfer->reply.cut ? 0 : size * n; /* 0 ends the transfer */
}

static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value)
{
	struct buf line;

	buf_init(&line);
	buf_adds(&line, name);
	buf_add(&line, ": ", 2);
	buf_adds(&line, value);
	list = or_die(curl_slist_append(list, buf_text(&line))); /* or it would be sent without */
	buf_wipe(&line);                                         /* it may hold a token */
	return list;
}

static struct curl_slist *header_list(const struct http_fetch *fetch)
{
	struct curl_slist *list = or_die(
		curl_slist_append(NULL, "Expect:")); /* never wait for a 100 */

	if (fetch->body_type)
		list = add_header(list, "Content-Type", fetch->body_type);
	else
		list = or_die(curl_slist_append(list, "Content-Type:")); /* libcurl's own */
	for (size_t i = 0; i < fetch->header_count; i++) {
		if (fetch->headers[i].value)
			list = add_header(list, fetch->headers[i].name, fetch->headers[i].value);
	}
	return list;
}

void transfer_free_headers(struct curl_slist *list)
{
	for (struct curl_slist *at = list; at; at = at->next)
		explicit_bzero(at->data, strlen(at->data));
	curl_slist_free_all(list);
}

static void *tls_of(const struct transfer *transfer)
{
	struct curl_tlssessioninfo *session = NULL;

	if (!transfer->tls)
		return NULL;
	curl_easy_getinfo(transfer->easy, CURLINFO_TLS_SSL_PTR, &session);
	return session && session->backend == CURLSSLBACKEND_OPENSSL ? session->internals : NULL;
}

/* Over HTTP/1.1 the next bytes that come are the answer, whosever they are: where some wait before
 * the request was sent, they are not this one's.  Over HTTP/2 a stream's number tells. */
static bool meets_input(const struct transfer *transfer)
{
	void *tls = tls_of(transfer);

	return !transfer->nested && !(tls && tls_is_http2(tls)) &&
	       sockets_have_input(transfer->sockets, transfer->socket, tls);
}

/* Whether a proxy that libcurl may take is spoken to over TLS: then what waits on the socket is the
 * proxy's TLS, which only libcurl can look into, and such a connection is used but once. */
static bool proxy_has_tls(void)
{
	static const char *const NAMES[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		/* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it; libcurl asks too */
		const char *proxy = getenv(NAMES[i]);

		if (proxy && !strncasecmp(proxy, "https:", 6))
			return true;
	}
	return false;
}

/* Called on the driver, with the connection chosen and nothing sent yet; again where libcurl
 * repeats the request on another. */
static int on_connection(
	void *context, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
	struct transfer *transfer = context;
	struct socket_ends ends = {local_ip, remote_ip, local_port, remote_port};

	if (transfer->sends >= (transfer->once ? 1 : SENDS_MAX)) {
		transfer->state = TRANSFER_NOT_RESENT;
		return CURL_PREREQFUNC_ABORT;
	}
	transfer->socket = sockets_find(transfer->sockets, &ends);
	if (meets_input(transfer)) {
		transfer->state = TRANSFER_MET_INPUT;
		return CURL_PREREQFUNC_ABORT;
	}
	transfer->state = TRANSFER_SENT;
	transfer->sends++;
	transfer->sent_ms = clock_mono_ms();
	return CURL_PREREQFUNC_OK;
}

static curl_socket_t on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	(void)purpose;
	return sockets_open(context, address->family, address->socktype, address->protocol);
}

static int on_close(void *context, curl_socket_t sock)
{
	sockets_close(context, sock);
	return 0;
}

void transfer_prepare(struct transfer *transfer, const struct http_fetch *fetch,
	const char *ca_file, struct curl_slist **ret_headers)
{
	struct curl_slist *headers = header_list(fetch);
	CURL *easy = transfer->easy;

	*ret_headers = headers;
	transfer->once = fetch->once;
	transfer->body_max = fetch->body_max;
	buf_init(&transfer->reply.body);
	buf_init(&transfer->reply.head);

	curl_easy_setopt(easy, CURLOPT_URL, fetch->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Or ending a transfer waits, on the driver, until a name is resolved. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
	curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, ca_file);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L); /* share a connection, do not open one each */
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
		(long)deadline_left_ms(fetch->deadline) + 1); /* 0 would be none at all */
	curl_easy_setopt(easy, CURLOPT_MAXLIFETIME_CONN, CONNECTION_AGE_S);
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, ADDRESS_AGE_S);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer->sockets);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, transfer->sockets);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connection);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	transfer->tls = !strncasecmp(fetch->url, "https://", 8);
	transfer->nested = transfer->tls && proxy_has_tls();
	if (!transfer->tls) /* loopback: a proxy would see the tokens */
		curl_easy_setopt(easy, CURLOPT_PROXY, "");
	if (fetch->fresh) {
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 0L);
	}
	if (fetch->body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(fetch->body));
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, fetch->body);
	}
	if (fetch->method)
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, fetch->method);
}

bool transfer_waits(const struct transfer *transfer)
{
	return transfer->tls && !tls_of(transfer);
}

bool transfer_may_repeat(const struct transfer *transfer)
{
	if (transfer->state == TRANSFER_MET_INPUT)
		return true;
	if (transfer->once)
		return false;
	return !transfer->reply.head.len &&
	       (transfer->result == CURLE_HTTP2 || transfer->result == CURLE_SEND_ERROR ||
		       transfer->result == CURLE_RECV_ERROR ||
		       transfer->result == CURLE_PARTIAL_FILE ||
		       transfer->result == CURLE_GOT_NOTHING);
}

const char *transfer_outcome(const struct transfer *transfer)
{
	switch (transfer->state) {
	case TRANSFER_MET_INPUT:
		return "the connection held bytes that no request had asked for";
	case TRANSFER_NOT_RESENT:
		return "the connection died; the request is not repeated";
	default:
		return curl_easy_strerror(transfer->result);
	}
}
