/* Our HTTP library's own ceiling: civetweb with the settings of handler/http/server.c, answering
 * every request, its body read, with the bytes of a file.
 *
 *   civetweb_fixed PORT THREADS ANSWER_FILE
 */
#include <civetweb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "net.h"

struct answer {
	char *bytes;
	size_t size;
};

static int on_request(struct mg_connection *conn)
{
	const struct mg_request_info *info = mg_get_request_info(conn);
	const struct answer *answer = info->user_data;
	char piece[16384];

	while (mg_read(conn, piece, sizeof(piece)) > 0)
		;
	mg_write(conn, answer->bytes, answer->size);
	return 200;
}

int main(int argc, char **argv)
{
	struct mg_callbacks callbacks = {.begin_request = on_request};
	struct answer answer;
	char address[32];

	if (argc != 4)
		return 2;
	files_limit_raise();
	answer.bytes = file_read(argv[3], &answer.size);
	snprintf(address, sizeof(address), "127.0.0.1:%s", argv[1]);
	const char *settings[] = {"listening_ports", address, "num_threads", argv[2],
		"enable_keep_alive", "yes", "keep_alive_timeout_ms", "75000", "request_timeout_ms",
		"30000", "max_request_size", "81920", "tcp_nodelay", "1", "listen_backlog", "1024",
		"connection_queue", "1024", "enable_auth_domain_check", "no", "decode_url", "no",
		NULL};

	if (!mg_start(&callbacks, &answer, settings))
		die("civetweb");
	for (;;)
		pause();
}
