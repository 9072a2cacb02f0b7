#include "mcp/stdio.h"
int mcp_stdio_run(const struct mcp_server *s, int i, int o, const struct mcp_stdio_options *p)
{
	(void)s;
	(void)i;
	(void)o;
	(void)p;
	return -1;
}
