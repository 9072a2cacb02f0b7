/* Included by civetweb.c where it has no file system: there is no access log, base/log has one line
 * per request. */
static void log_access(const struct mg_connection *conn)
{
	(void)conn;
}
