/* What is asked of a TLS connection that somebody else runs. */
#include <fcntl.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/crypto.h"
#include "stage/support.h"

struct side {
	SSL_CTX *ctx;
	SSL *ssl;
	int sock;
};

static struct side client, server;

static int choose(SSL *ssl, const unsigned char **ret, unsigned char *ret_len,
	const unsigned char *offered, unsigned offered_len, void *arg)
{
	*ret = offered + 1; /* the first */
	*ret_len = offered[0];
	return SSL_TLSEXT_ERR_OK;
}

static void make_certificate(SSL_CTX *ctx)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();

	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	X509_set_pubkey(certificate, key);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	assert_int_equal(SSL_CTX_use_certificate(ctx, certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(ctx, key), 1);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

static void side_start(struct side *side, const SSL_METHOD *method, int sock)
{
	side->ctx = SSL_CTX_new(method);
	side->sock = sock;
	fcntl(sock, F_SETFL, O_NONBLOCK);
}

static void connect_by(const char *protocol)
{
	int pair[2], done = 0;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	side_start(&client, TLS_client_method(), pair[0]);
	side_start(&server, TLS_server_method(), pair[1]);
	make_certificate(server.ctx);
	SSL_CTX_set_num_tickets(server.ctx, 0); /* one is sent when the test says so */
	SSL_CTX_set_alpn_select_cb(server.ctx, choose, NULL);
	client.ssl = SSL_new(client.ctx);
	server.ssl = SSL_new(server.ctx);
	SSL_set_fd(client.ssl, client.sock);
	SSL_set_fd(server.ssl, server.sock);
	SSL_set_alpn_protos(
		client.ssl, (const unsigned char *)protocol, (unsigned)strlen(protocol));
	SSL_set_connect_state(client.ssl);
	SSL_set_accept_state(server.ssl);
	while (!done) {
		int mine = SSL_do_handshake(client.ssl), theirs = SSL_do_handshake(server.ssl);

		done = mine == 1 && theirs == 1;
	}
	assert_int_equal(SSL_version(client.ssl), TLS1_3_VERSION);
}

static void side_end(struct side *side)
{
	SSL_free(side->ssl);
	SSL_CTX_free(side->ctx);
	close(side->sock);
}

static int set_up(void **state)
{
	connect_by("\x08http/1.1");
	return 0;
}

static int tear_down(void **state)
{
	side_end(&client);
	side_end(&server);
	return 0;
}

static bool waits(void)
{
	return tls_has_input(client.ssl, client.sock);
}

static void a_session_ticket_or_a_key_update_is_no_input(void **state)
{
	assert_false(waits());
	assert_int_equal(SSL_new_session_ticket(server.ssl), 1);
	assert_int_equal(SSL_do_handshake(server.ssl), 1);
	assert_false(waits());
	assert_int_equal(SSL_key_update(server.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
	assert_int_equal(SSL_do_handshake(server.ssl), 1);
	assert_false(waits());
}

static void a_byte_behind_a_ticket_is_and_stays_to_be_read(void **state)
{
	char bytes[8];

	assert_int_equal(SSL_new_session_ticket(server.ssl), 1);
	assert_int_equal(SSL_write(server.ssl, "ab", 2), 2);
	assert_true(waits());
	assert_int_equal(SSL_read(client.ssl, bytes, 1), 1); /* the other is read, decrypted */
	assert_true(waits());
	assert_int_equal(SSL_read(client.ssl, bytes, sizeof(bytes)), 1);
	assert_false(waits());
}

static void the_connection_goes_on_as_before(void **state)
{
	BIO *in = SSL_get_rbio(client.ssl), *out = SSL_get_wbio(client.ssl);
	char bytes[8];

	assert_false(waits());
	assert_ptr_equal(SSL_get_rbio(client.ssl), in);
	assert_ptr_equal(SSL_get_wbio(client.ssl), out);
	assert_int_equal(SSL_write(client.ssl, "ask", 3), 3);
	assert_int_equal(SSL_read(server.ssl, bytes, sizeof(bytes)), 3);
	assert_int_equal(SSL_write(server.ssl, "say", 3), 3);
	assert_int_equal(SSL_read(client.ssl, bytes, sizeof(bytes)), 3);
}

static void an_end_is_input(void **state)
{
	SSL_shutdown(server.ssl);
	assert_true(waits());
}

static void an_end_without_notice_is_input(void **state)
{
	shutdown(server.sock, SHUT_RDWR);
	assert_true(waits());
}

static void junk_is_input(void **state)
{
	assert_int_equal(send(server.sock, "HTTP/1.1 408 \r\n\r\n", 17, 0), 17);
	assert_true(waits());
}

static void http2_is_told_by_what_was_agreed_on(void **state)
{
	assert_false(tls_is_http2(client.ssl));
	tear_down(state);
	connect_by("\x02h2\x08http/1.1");
	assert_true(tls_is_http2(client.ssl));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_session_ticket_or_a_key_update_is_no_input),
		TEST(a_byte_behind_a_ticket_is_and_stays_to_be_read),
		TEST(the_connection_goes_on_as_before),
		TEST(an_end_is_input),
		TEST(an_end_without_notice_is_input),
		TEST(junk_is_input),
		TEST(http2_is_told_by_what_was_agreed_on),
	};

	signal(SIGPIPE, SIG_IGN); /* as the handler has it */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
