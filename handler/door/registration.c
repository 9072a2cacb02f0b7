#include "door/registration.h"

#include "base/json.h"
#include "door/redirect.h"

#define METADATA_BYTES_MAX 65536

static bool is_acceptable(const struct door *door, const cJSON *uri)
{
	struct buf ignored;
	bool good;

	buf_init(&ignored);
	good = cJSON_IsString(uri) &&
	       redirect_for_entra(door->redirects, uri->valuestring, &ignored);
	buf_done(&ignored);
	return good;
}

/* As the client wrote them: it compares them with its own. */
static cJSON *acceptable(const struct door *door, const cJSON *asked)
{
	cJSON *list = cJSON_CreateArray();
	const cJSON *given = cJSON_IsArray(asked) ? asked : NULL, *uri;

	cJSON_ArrayForEach(uri, given)
	{
		if (is_acceptable(door, uri))
			cJSON_AddItemToArray(list, cJSON_CreateString(uri->valuestring));
	}
	return list;
}

static char *print(const struct door *door, const char *name, cJSON *redirect_uris)
{
	autofree_json cJSON *document = cJSON_CreateObject();

	json_add(document, "client_id", door->config->mcp_client_id);
	if (name) /* RFC 7591 §3.2.1; some clients fail without */
		json_add(document, "client_name", name);
	cJSON_AddItemToObject(document, "redirect_uris", redirect_uris);
	json_add(document, "token_endpoint_auth_method", "none");
	json_add_strings(
		document, "grant_types", JSON_STRINGS("authorization_code", "refresh_token"));
	json_add_strings(document, "response_types", JSON_STRINGS("code"));
	json_add(document, "scope", door->scope);
	return json_print(document);
}

bool registration_answer(
	const struct door *door, const char *metadata, size_t n, char **ret, struct err *err)
{
	autofree_json cJSON *tree = NULL;
	cJSON *uris;

	if (n > METADATA_BYTES_MAX)
		return err_say(err, ERR_BODY_TOO_LARGE,
			"The client metadata is longer than %d bytes.", METADATA_BYTES_MAX);
	if (!json_parse(metadata, n, &tree, err) || !cJSON_IsObject(tree))
		return err_set(err, ERR_INVALID_CLIENT_METADATA, "not one JSON object");
	uris = acceptable(door, cJSON_GetObjectItemCaseSensitive(tree, "redirect_uris"));
	if (!cJSON_GetArraySize(uris)) {
		cJSON_Delete(uris);
		return err_say(err, ERR_INVALID_REDIRECT_URI,
			"None of the redirect_uris is one that this server lets users return to: a "
			"loopback address with a path that it knows, or one of MCP_REDIRECT_URIS.");
	}
	*ret = print(door, json_string(tree, "client_name"), uris);
	return true;
}
