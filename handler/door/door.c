#include "door/door.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/url.h"
#include "door/documents.h"
#include "door/redirect.h"

static char *entra_url(const struct config *config, const char *end)
{
	struct buf url;

	buf_init(&url);
	buf_addf(&url, "%s/%s/oauth2/v2.0/%s", config->authority_host, config->tenant_id, end);
	return url.data;
}

static char *with_refresh_tokens(const char *scope)
{
	struct buf asked;

	buf_init(&asked);
	buf_addf(&asked, "%s offline_access", scope);
	return asked.data;
}

struct door *door_new(const struct config *config, struct http_client *http)
{
	struct door *door = xcalloc(1, sizeof(*door));
	autofree char *resource = url_normal(config->mcp_resource);

	door->config = config;
	door->http = http;
	door->scope = config_api_scope(config);
	door->asked_scope = with_refresh_tokens(door->scope);
	door->authorize_url = entra_url(config, "authorize");
	door->token_url = entra_url(config, "token");
	door->redirects = redirect_list(config);
	door->resource = text_without_slash(resource);
	door->metadata = documents_server(config, door->scope);
	return door;
}

void door_free(struct door *door)
{
	if (!door)
		return;
	free(door->scope);
	free(door->asked_scope);
	free(door->authorize_url);
	free(door->token_url);
	free(door->redirects);
	free(door->resource);
	free(door->metadata);
	free(door);
}

bool door_is_resource(const struct door *door, const char *resource, struct err *err)
{
	autofree char *normal = url_normal(resource ? resource : door->resource);
	size_t n = strlen(door->resource);

	if (!strncmp(normal, door->resource, n) && (!normal[n] || !strcmp(normal + n, "/")))
		return true;
	return err_say(err, ERR_INVALID_TARGET,
		"The resource is not this server's, which is %.200s.", door->config->mcp_resource);
}
