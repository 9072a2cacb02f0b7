#include "endpoints/endpoints.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct endpoint endpoints[] = {
	{"echo", "GET POST PUT", AUTH_NONE, false, &tool_echo, endpoint_echo},
	{"hello", "GET POST", AUTH_NONE, false, &tool_hello, endpoint_hello},
	{"me", "GET", AUTH_USER, true, &tool_me, endpoint_me},
	{"status", "GET", AUTH_OPTIONAL, false, &tool_status, endpoint_status},
	{"tools", "GET", AUTH_NONE, false, &tool_tools, endpoint_tools},
};
const size_t endpoint_count = sizeof(endpoints) / sizeof(endpoints[0]);
static_assert(sizeof(endpoints) / sizeof(endpoints[0]) <= ENDPOINTS_MAX, "room for a counter each");

const struct endpoint *endpoint_find(const char *path)
{
	size_t n;

	if (!strncasecmp(path, "/api/", 5))
		path += 4;
	path += *path == '/';
	n = strlen(path);
	if (n && path[n - 1] == '/')
		n--;
	for (size_t i = 0; i < endpoint_count; i++) {
		if (strlen(endpoints[i].name) == n && !strncasecmp(endpoints[i].name, path, n))
			return &endpoints[i];
	}
	return NULL;
}

void endpoints_start(struct service *service)
{
	const struct tool *tools[ENDPOINTS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < endpoint_count; i++) {
		if (endpoints[i].tool)
			tools[count++] = endpoints[i].tool;
	}
	service->tools_json = tools_print(tools, count);
	service->tools_json_len = strlen(service->tools_json);
}

void endpoints_stop(struct service *service)
{
	free(service->tools_json);
	service->tools_json = NULL;
}
