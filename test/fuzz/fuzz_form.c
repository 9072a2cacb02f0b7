/* What clients send to sign in: as a form, as the query of an authorize request, as the body of a
 * token request, and as an Accept field. */
#include <assert.h>

#include "base/json.h"
#include "base/text.h"
#include "door/authorize.h"
#include "door/claims.h"
#include "door/oauth_error.h"
#include "door/token_request.h"
#include "fuzz.h"

static const char *setting(const char *name)
{
	static const char *const SETTINGS[][2] = {
		{"CLIENT_ID", "66666666-7777-8888-9999-aaaaaaaaaaaa"}, {"CLIENT_SECRET", "s"},
		{"TENANT_ID", "11111111-2222-3333-4444-555555555555"},
		{"APIM_GATEWAY_URL", "https://apim.example.com"},
		{"MCP_CLIENT_ID", "5d0c7e1a-93b4-4f26-8a7d-2e6f1b3c4d50"}};

	for (size_t i = 0; i < sizeof(SETTINGS) / sizeof(SETTINGS[0]); i++) {
		if (!strcmp(name, SETTINGS[i][0]))
			return SETTINGS[i][1];
	}
	return NULL;
}

/* Made once, and reachable to the end. */
static const struct door *the_door(void)
{
	static struct config config;
	static struct door *door;

	if (!door) {
		config_load(&config, setting);
		door = door_new(&config, NULL);
	}
	return door;
}

/* Whether it is all printable ASCII without a space: what may stand in a header and in a form. */
static bool is_plain(const char *text)
{
	while (*text > ' ' && *text <= '~')
		text++;
	return !*text;
}

/* Written anew, what was read is read the same. */
static void check_form(const char *text, size_t n)
{
	struct form form, again;
	struct buf written;
	autoerr(err);

	buf_init(&written);
	if (form_read(&form, text, n, &err)) {
		for (size_t i = 0; i < form.count; i++) {
			const char *value = form.text.data + form.fields[i].value;

			assert(utf8_valid(value, strlen(value)) && !utf8_has_control(value));
			buf_adds(&written, i ? "&" : "");
			buf_add_urlencoded(&written, form.text.data + form.fields[i].name);
			buf_adds(&written, "=");
			buf_add_urlencoded(&written, value);
		}
		if (written.len <= FORM_BYTES_MAX) {
			assert(form_read(&again, buf_text(&written), written.len, &err));
			assert(again.count == form.count && again.text.len == form.text.len);
			assert(!form.text.len ||
				!memcmp(again.text.data, form.text.data, form.text.len));
			form_done(&again);
		}
	}
	form_done(&form);
	buf_done(&written);
}

/* What is gathered, alone or behind others, is an object that would be gathered again. */
static void check_claims(const char *always, const char *text, size_t n)
{
	struct form form;
	struct buf claims;
	autoerr(err);

	buf_init(&claims);
	if (form_read(&form, text, n, &err) && claims_gather(always, &form, &claims, &err) &&
		claims.len) {
		autofree_json cJSON *tree = NULL;
		bool parsed = json_parse(claims.data, claims.len, &tree, &err);

		assert(parsed && cJSON_IsObject(tree) && claims.len <= CLAIMS_MAX);
	}
	form_done(&form);
	buf_done(&claims);
}

static void check_authorize(const char *query)
{
	const struct door *door = the_door();
	struct buf location, about, remedy;
	autoerr(err);

	buf_init(&location);
	buf_init(&about);
	buf_init(&remedy);
	if (authorize_location(door, query, &location, &err)) {
		assert(location.len <= LOCATION_MAX && is_plain(location.data));
		assert(!strncmp(location.data, door->authorize_url, strlen(door->authorize_url)));
	}
	authorize_help(door, query, &about, &remedy);
	for (const char *p = buf_text(&remedy); *p; p++)
		assert(*p >= ' ' && *p <= '~' && *p != '"' && *p != '\\' && *p != '`');
	buf_done(&location);
	buf_done(&about);
	buf_done(&remedy);
}

static void check_token(const char *text, size_t n)
{
	struct request request = {.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
					  {"Authorization", text}},
		.header_count = 1,
		.body = text,
		.body_len = n};
	struct token_request read;
	autoerr(err);

	if (token_request_read(the_door(), &request, &read, &err)) {
		assert(is_plain(buf_text(&read.form)));
		assert(!strstr(read.form.data, "&client_secret=")); /* of the public client */
	}
	token_request_done(&read);
	request.header_count = 2;
	token_request_read(the_door(), &request, &read, &err);
	token_request_done(&read);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	check_form(text, size);
	check_claims("", text, size);
	check_claims("{\"access_token\":{\"acrs\":{\"value\":\"c1\"}},\"a\":1}", text, size);
	check_authorize(text);
	check_token(text, size);
	oauth_error_form(text);
	free(text);
	return 0;
}
