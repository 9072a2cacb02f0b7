#include "http/transfer.h"

#include <string.h>
#include <strings.h>

#include "http/socket.h"

#define CONNECT_TIMEOUT_MS 3000L
/* A connection is dropped after this age, so that a moved upstream is noticed. */
#define CONNECTION_AGE_S 600L
#define HEAD_MAX 65536
/* Sent bytes that are not acknowledged for this long mean that the path is gone. */
#define UNACKNOWLEDGED_MS 10000

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct transfer *transfer = arg;

	transfer->reply.cut = !buf_add_within(
		&transfer->reply.body, bytes, size * n, transfer->body_max);
	return transfer->reply.cut ? 0 : size * n; /* 0 ends the transfer */
}

static size_t on_head(char *bytes, size_t size, size_t n, void *arg)
{
	struct transfer *transfer = arg;

	if (size * n > 5 && !memcmp(bytes, "HTTP/", 5)) /* a new status line, say after a 100 */
		buf_done(&transfer->reply.head);
	return buf_add_within(&transfer->reply.head, bytes, size * n, HEAD_MAX) ? size * n : 0;
}

static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value)
{
	struct buf line;

	buf_init(&line);
	buf_adds(&line, name);
	buf_add(&line, ": ", 2);
	buf_adds(&line, value);
	list = curl_slist_append(list, buf_text(&line));
	buf_wipe(&line); /* it may hold a token */
	return list;
}

static struct curl_slist *header_list(const struct http_call *call)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:"); /* never wait for a 100 */

	if (call->body)
		list = add_header(list, "Content-Type", call->body_type);
	for (size_t i = 0; i < call->header_count; i++) {
		if (call->headers[i].value)
			list = add_header(list, call->headers[i].name, call->headers[i].value);
	}
	return list;
}

void transfer_free_headers(struct curl_slist *list)
{
	for (struct curl_slist *at = list; at; at = at->next)
		explicit_bzero(at->data, strlen(at->data));
	curl_slist_free_all(list);
}

/* Called on the driver, with the connection chosen and nothing sent yet. */
static int on_connection(
	void *context, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
	struct transfer *transfer = context;

	(void)remote_ip;
	(void)local_ip;
	(void)remote_port;
	transfer->local_port = local_port;
	return CURL_PREREQFUNC_OK;
}

static int on_socket(void *context, curl_socket_t sock, curlsocktype purpose)
{
	(void)context;
	(void)purpose;
	socket_limit_unacknowledged(sock, UNACKNOWLEDGED_MS);
	return CURL_SOCKOPT_OK;
}

void transfer_prepare(struct transfer *transfer, const struct http_call *call, const char *ca_file,
	struct curl_slist **ret_headers)
{
	struct curl_slist *headers = header_list(call);
	CURL *easy = transfer->easy;

	*ret_headers = headers;
	transfer->body_max = call->body_max;
	buf_init(&transfer->reply.body);
	buf_init(&transfer->reply.head);

	curl_easy_setopt(easy, CURLOPT_URL, call->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L); /* share a connection, do not open one each */
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
		(long)deadline_left_ms(call->deadline) + 1); /* 0 would be none at all */
	curl_easy_setopt(easy, CURLOPT_MAXLIFETIME_CONN, CONNECTION_AGE_S);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connection);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	transfer->tls = !strncasecmp(call->url, "https://", 8);
	if (!transfer->tls) /* loopback: a proxy would see the tokens */
		curl_easy_setopt(easy, CURLOPT_PROXY, "");
	if (call->fresh) {
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 0L);
	}
	if (call->body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(call->body));
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body);
	}
}

bool transfer_died_idle(const struct transfer *transfer)
{
	long connects = 1;

	curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &connects);
	return connects == 0 && !transfer->reply.head.len &&
	       (transfer->result == CURLE_HTTP2 || transfer->result == CURLE_SEND_ERROR ||
		       transfer->result == CURLE_RECV_ERROR ||
		       transfer->result == CURLE_PARTIAL_FILE ||
		       transfer->result == CURLE_GOT_NOTHING);
}
