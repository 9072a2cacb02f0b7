#include "door/authorize.h"

#include <string.h>

#include "base/config_check.h"
#include "base/text.h"
#include "door/claims.h"
#include "door/client_id.h"
#include "door/redirect.h"

#define STATE_MAX 4096
#define HINT_MAX 512
#define CHALLENGE_LEN 43 /* base64url of a SHA-256: RFC 7636 §4.2 */

#define BASE64URL "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/* Those that count.  Where the host's form of a query joins what came twice with a comma, none of
 * the second half can pass: what may hold a comma is the client's own to compare (state), JSON
 * (claims, and the words of a scope that become such), or not sent on (the rest of a scope). */
static const char *const NAMES[] = {"state", "claims", "scope", "client_id", "redirect_uri",
	"response_type", "response_mode", "code_challenge", "code_challenge_method", "resource",
	"login_hint", "domain_hint", "prompt", NULL};
#define MAY_HOLD_COMMA 3 /* of them, the first */

static bool has_no_comma(const struct form *form, struct err *err)
{
	for (const char *const *name = NAMES + MAY_HOLD_COMMA; *name; name++) {
		const char *value = form_value(form, *name);

		/* ours may have one, and is compared as a whole */
		if (value && strchr(value, ',') && strcmp(*name, "resource") != 0)
			return err_say(err, ERR_BAD_REQUEST,
				"%s is there more than once, or holds a comma.", *name);
	}
	return true;
}

static bool is_within(const struct form *form, const char *name, size_t max, struct err *err)
{
	const char *value = form_value(form, name);

	return !value || strlen(value) <= max ||
	       err_say(err, ERR_BAD_REQUEST, "%s is longer than %zu bytes.", name, max);
}

static bool check_response(const struct form *form, struct err *err)
{
	const char *mode = form_value(form, "response_mode");
	const char *type = form_value(form, "response_type");

	if (!type)
		return err_say(err, ERR_BAD_REQUEST, "The response_type is missing.");
	if (!text_is(type, "code"))
		return err_set(err, ERR_UNSUPPORTED_RESPONSE_TYPE, "not code");
	if (mode && !text_is(mode, "query"))
		return err_say(err, ERR_BAD_REQUEST, "The response_mode has to be query.");
	return true;
}

static bool check_pkce(const struct form *form, struct err *err)
{
	const char *challenge = form_value(form, "code_challenge");

	if (!text_is(form_value(form, "code_challenge_method"), "S256") || !challenge ||
		strlen(challenge) != CHALLENGE_LEN || strspn(challenge, BASE64URL) != CHALLENGE_LEN)
		return err_say(err, ERR_BAD_REQUEST,
			"PKCE is needed: code_challenge_method=S256 with a code_challenge of %d "
			"characters.",
			CHALLENGE_LEN);
	return true;
}

static bool check(const struct door *door, const struct form *form, struct err *err)
{
	return check_response(form, err) && check_pkce(form, err) &&
	       door_is_resource(door, form_value(form, "resource"), err) &&
	       is_within(form, "state", STATE_MAX, err) &&
	       is_within(form, "login_hint", HINT_MAX, err) &&
	       is_within(form, "domain_hint", HINT_MAX, err);
}

static void add_given(struct buf *query, const struct form *form, const char *name)
{
	const char *value = form_value(form, name);

	if (value)
		buf_add_field(query, name, value);
}

/* Only these three: SDKs add prompt=consent, at which Entra stops users who may not consent, though
 * an administrator has for all. */
static void add_prompt(struct buf *query, const struct form *form)
{
	const char *prompt = form_value(form, "prompt");

	if (text_is(prompt, "login") || text_is(prompt, "select_account") ||
		text_is(prompt, "none"))
		buf_add_field(query, "prompt", prompt);
}

/* What of a request becomes another. */
struct changed {
	struct client_id client;
	struct buf redirect, claims;
};

static void write_query(const struct door *door, const struct form *form,
	const struct changed *changed, struct buf *query)
{
	buf_add_field(query, "client_id", changed->client.entra);
	buf_add_field(query, "response_type", "code");
	buf_add_field(query, "redirect_uri", buf_text(&changed->redirect));
	buf_add_field(query, "scope", door->asked_scope);
	buf_add_field(query, "code_challenge_method", "S256");
	add_given(query, form, "code_challenge");
	add_given(query, form, "state");
	add_given(query, form, "login_hint");
	add_given(query, form, "domain_hint");
	if (changed->claims.len)
		buf_add_field(query, "claims", buf_text(&changed->claims));
	add_prompt(query, form);
}

/* Who asks, and where the user is to come back to: what the rest depends on. */
static bool read_parties(
	const struct door *door, const struct form *form, struct changed *ret, struct err *err)
{
	const char *uri = form_value(form, "redirect_uri");

	if (!client_id_read(door->config, form_value(form, "client_id"), &ret->client, err))
		return false;
	if (!uri)
		return err_say(err, ERR_BAD_REQUEST, "The redirect_uri is missing.");
	return redirect_for_entra(door->redirects, uri, &ret->redirect) ||
	       err_set(err, ERR_INVALID_REDIRECT_URI, "not in the list");
}

static bool locate(
	const struct door *door, const struct form *form, struct buf *ret, struct err *err)
{
	struct changed changed;
	struct buf query;
	bool good;

	buf_init(&changed.redirect);
	buf_init(&changed.claims);
	buf_init(&query);
	good = form_once(form, NAMES, err) && has_no_comma(form, err) &&
	       read_parties(door, form, &changed, err) && check(door, form, err) &&
	       claims_gather(door->config->sign_in_claims, form, &changed.claims, err);
	if (good) {
		write_query(door, form, &changed, &query);
		good = strlen(door->authorize_url) + 1 + query.len <= LOCATION_MAX ||
		       err_say(err, ERR_BAD_REQUEST, "The parameters are too long together.");
	}
	if (good)
		buf_addf(ret, "%s?%s", door->authorize_url, buf_text(&query));
	buf_done(&changed.redirect);
	buf_done(&changed.claims);
	buf_done(&query);
	return good;
}

bool authorize_location(
	const struct door *door, const char *query, struct buf *ret, struct err *err)
{
	size_t n = strlen(query);
	struct form form;
	bool good;

	if (n > FORM_BYTES_MAX) /* no body that is too large */
		return err_say(
			err, ERR_BAD_REQUEST, "The query is longer than %d bytes.", FORM_BYTES_MAX);
	good = form_read(&form, query, n, err) && locate(door, &form, ret, err);
	form_done(&form);
	return good;
}

/* Whether a person may be shown it as an address: not a sentence, nor one that only looks like
 * another. */
static bool may_be_address(const char *text)
{
	const char *p = text;

	while (*p > ' ' && *p <= '~')
		p++;
	return !*p && p - text <= REDIRECT_URI_MAX;
}

/* For an address that a shell and make take for nothing but itself. */
static void write_remedy(enum client_kind kind, const char *uri, struct buf *ret)
{
	if (!redirect_is_plain(uri))
		return;
	buf_addf(ret, "make redirect-uri RG=GROUP URI='%s'", uri);
	if (kind == CLIENT_ALLOWED) /* which has a registration of its own */
		buf_adds(ret, " REGISTERED=yes");
}

void authorize_help(
	const struct door *door, const char *query, struct buf *ret_about, struct buf *ret_remedy)
{
	struct form form;
	struct client_id client;
	autoerr(ignored);
	bool read = form_read(&form, query, strlen(query), &ignored);
	const char *uri = read ? form_value(&form, "redirect_uri") : NULL;

	if (uri && may_be_address(uri)) {
		buf_adds(ret_about, uri);
		if (client_id_read(door->config, form_value(&form, "client_id"), &client, &ignored))
			write_remedy(client.kind, uri, ret_remedy);
	}
	form_done(&form);
}
