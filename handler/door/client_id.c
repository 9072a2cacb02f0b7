#include "door/client_id.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/text.h"
#include "base/url.h"

const char *const client_kind_names[CLIENT_KIND__COUNT] = {
	[CLIENT_PUBLIC] = "public", [CLIENT_CIMD] = "cimd", [CLIENT_ALLOWED] = "allowed"};

/* OAuth Client ID Metadata Document, "Client Identifier": https, a path, no fragment, no user.  No
 * comma: the Functions host makes one of two values with it. */
static bool is_metadata_address(const char *text)
{
	struct url url;

	return strlen(text) <= CLIENT_ID_MAX && url_parse(text, &url) && url.tls && *url.rest &&
	       url.rest[1] && !strpbrk(url.rest, " \"<>\\^`{|}#,");
}

static const char *allowed(const struct config *config, const char *asked)
{
	autofree char *lower = text_lower(xstrdup(asked));

	return guid_valid(lower) && list_has(config->allowed_client_ids, ',', lower) ? asked : NULL;
}

bool client_id_read(
	const struct config *config, const char *asked, struct client_id *ret, struct err *err)
{
	if (!asked)
		return err_say(err, ERR_INVALID_CLIENT, "The client_id is missing.");
	if (!strcasecmp(asked, config->mcp_client_id))
		*ret = (struct client_id){CLIENT_PUBLIC, config->mcp_client_id};
	else if (is_metadata_address(asked))
		*ret = (struct client_id){CLIENT_CIMD, config->mcp_client_id};
	else if (allowed(config, asked))
		*ret = (struct client_id){CLIENT_ALLOWED, asked};
	else
		return err_set(err, ERR_INVALID_CLIENT, "another client_id");
	return true;
}
