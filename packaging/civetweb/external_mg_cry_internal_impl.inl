/* Included by civetweb.c where it has no file system: what it complains of goes to the callback that
 * http/server.c gives it. */
static void mg_cry_internal_impl(const struct mg_connection *conn, const char *func, unsigned line,
	const char *fmt, va_list ap)
{
	char text[MG_BUF_LEN];

	(void)func;
	(void)line;
	vsnprintf(text, sizeof(text), fmt, ap);
	if (conn && conn->phys_ctx->callbacks.log_message)
		conn->phys_ctx->callbacks.log_message(conn, text);
}
