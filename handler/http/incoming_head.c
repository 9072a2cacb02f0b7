#include "http/incoming_head.h"

#include <string.h>
#include <strings.h>

#include "http/head.h"

/* The host's own stands behind what the client sent under that name. */
static const char *invocation_id(const struct request *request)
{
	const char *id = NULL, *comma;

	for (size_t i = 0; i < request->header_count; i++) {
		if (!strcasecmp(request->headers[i].name, "X-Azure-Functions-InvocationId"))
			id = request->headers[i].value;
	}
	comma = id ? strrchr(id, ',') : NULL;
	return comma ? comma + 1 + strspn(comma + 1, " ") : id;
}

/* info->query_string may still be another request's. */
static void read_target(struct request *request, const struct mg_request_info *info)
{
	char *mark = strchr(info->request_uri, '?');

	request->query = "";
	if (mark) {
		*mark = '\0';
		request->query = mark + 1;
	}
	request->path = head_path(info->request_uri);
}

void incoming_head(struct request *request, const struct mg_request_info *info)
{
	request->method = info->request_method;
	read_target(request, info);
	request->body = "";
	for (int i = 0; i < info->num_headers && i < HEADERS_MAX; i++)
		request->headers[request->header_count++] = (struct header){
			info->http_headers[i].name, info->http_headers[i].value};
	request->invocation_id = invocation_id(request);
}

void incoming_head_again(struct request *request)
{
	if (*request->query)
		((char *)request->query)[-1] = '?';
}
