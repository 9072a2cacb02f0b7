#include "door/token_request.h"

#include <string.h>
#include <strings.h>

#include "base/b64.h"
#include "base/text.h"
#include "door/claims.h"
#include "door/redirect.h"

#define FORM_TYPE "application/x-www-form-urlencoded"
#define BASIC_MAX 8192
#define VERIFIER_MIN 43 /* RFC 7636 §4.1 */
#define VERIFIER_MAX 128

#define UNRESERVED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

static const char *const NAMES[] = {"grant_type", "client_id", "client_secret", "code",
	"redirect_uri", "code_verifier", "refresh_token", "client_assertion",
	"client_assertion_type", "resource", "scope", "claims", NULL};

/* What a client sent, in its body and in its Authorization. */
struct sent {
	struct form form, basic;
	const char *client_id, *secret;
};

/* name:password, each percent-encoded as in a form (RFC 6749 §2.3.1), as if it were one. */
static bool read_pair(struct form *basic, const char *pair, size_t n, struct err *err)
{
	/* an address that is not encoded has a colon of its own, and no password */
	bool bare = n > 8 && !strncasecmp(pair, "https://", 8);
	const char *colon = bare ? memrchr(pair, ':', n) : memchr(pair, ':', n);
	struct buf text;
	bool good;

	if (!colon || memchr(pair, '&', n))
		return err_say(err, ERR_BAD_REQUEST,
			"The Authorization header's name and password are not percent-encoded.");
	buf_init(&text);
	buf_adds(&text, "client_id=");
	buf_add(&text, pair, (size_t)(colon - pair));
	buf_adds(&text, "&client_secret=");
	buf_add(&text, colon + 1, n - 1 - (size_t)(colon - pair));
	good = form_read(basic, text.data, text.len, err);
	buf_wipe(&text);
	return good;
}

static bool read_basic(struct form *basic, const struct request *request, struct err *err)
{
	const char *value = request_header(request, "Authorization");
	struct buf pair;
	bool good;

	if (!value)
		return true;
	if (request_header_count(request, "Authorization") > 1)
		return err_say(
			err, ERR_BAD_REQUEST, "There is more than one Authorization header.");
	if (strncasecmp(value, "Basic ", 6) != 0 || strlen(value) > BASIC_MAX)
		return err_say(err, ERR_INVALID_CLIENT,
			"The Authorization header is not of the scheme Basic, or too long.");
	value += 6 + strspn(value + 6, " ");
	buf_init(&pair);
	good = b64_decode_any(&pair, value, strlen(value)) ||
	       err_say(err, ERR_BAD_REQUEST, "The Authorization header is not base64.");
	good = good && read_pair(basic, buf_text(&pair), pair.len, err);
	buf_wipe(&pair);
	return good;
}

/* Once: RFC 6749 §2.3 lets a client use one way of naming itself. */
static bool join(const char *in_form, const char *in_basic, const char *name, const char **ret,
	struct err *err)
{
	if (in_form && in_basic && strcmp(in_form, in_basic) != 0)
		return err_say(err, ERR_BAD_REQUEST,
			"The %s of the form is not that of the Authorization header.", name);
	*ret = in_basic ? in_basic : in_form;
	return true;
}

static bool read_sent(struct sent *sent, const struct request *request, struct err *err)
{
	if (!request_is_type(request, FORM_TYPE))
		return err_say(err, ERR_UNSUPPORTED_MEDIA_TYPE,
			"Send a form, with Content-Type: " FORM_TYPE ".");
	return form_read(&sent->form, request->body, request->body_len, err) &&
	       form_once(&sent->form, NAMES, err) && read_basic(&sent->basic, request, err) &&
	       join(form_value(&sent->form, "client_id"), form_value(&sent->basic, "client_id"),
		       "client_id", &sent->client_id, err) &&
	       join(form_value(&sent->form, "client_secret"),
		       form_value(&sent->basic, "client_secret"), "client_secret", &sent->secret,
		       err);
}

static bool add_needed(struct buf *out, const struct form *form, const char *name, struct err *err)
{
	const char *value = form_value(form, name);

	if (!value)
		return err_say(err, ERR_BAD_REQUEST, "The %s is missing.", name);
	buf_add_field(out, name, value);
	return true;
}

static bool add_verifier(struct buf *out, const struct form *form, struct err *err)
{
	const char *verifier = form_value(form, "code_verifier");
	size_t n = verifier ? strlen(verifier) : 0;

	if (n < VERIFIER_MIN || n > VERIFIER_MAX || strspn(verifier, UNRESERVED) != n)
		return err_say(err, ERR_BAD_REQUEST,
			"PKCE is needed: a code_verifier of %d to %d characters.", VERIFIER_MIN,
			VERIFIER_MAX);
	buf_add_field(out, "code_verifier", verifier);
	return true;
}

static bool add_redirect(
	const struct door *door, struct buf *out, const struct form *form, struct err *err)
{
	const char *uri = form_value(form, "redirect_uri");
	struct buf redirect;
	bool good;

	if (!uri)
		return err_say(err, ERR_BAD_REQUEST, "The redirect_uri is missing.");
	buf_init(&redirect);
	good = redirect_for_entra(door->redirects, uri, &redirect);
	if (good)
		buf_add_field(out, "redirect_uri", buf_text(&redirect));
	buf_done(&redirect);
	return good || err_set(err, ERR_INVALID_REDIRECT_URI, "not in the list");
}

static bool add_code_grant(
	const struct door *door, const struct form *form, struct buf *out, struct err *err)
{
	return add_needed(out, form, "code", err) && add_redirect(door, out, form, err) &&
	       add_verifier(out, form, err);
}

/* With the claims that a sign-in would be asked for: where the user has not met them, Entra
 * refuses, and the client signs in anew. */
static bool add_refresh_grant(
	const struct door *door, const struct form *form, struct buf *out, struct err *err)
{
	struct buf claims;
	bool good;

	buf_init(&claims);
	good = add_needed(out, form, "refresh_token", err) &&
	       claims_gather(door->config->sign_in_claims, form, &claims, err);
	if (good && claims.len)
		buf_add_field(out, "claims", buf_text(&claims));
	buf_done(&claims);
	return good;
}

/* Of an application of its own. */
static void add_authentication(struct buf *out, const struct sent *sent)
{
	const char *assertion = form_value(&sent->form, "client_assertion");
	const char *type = form_value(&sent->form, "client_assertion_type");

	if (sent->secret)
		buf_add_field(out, "client_secret", sent->secret);
	if (assertion && type) {
		buf_add_field(out, "client_assertion_type", type);
		buf_add_field(out, "client_assertion", assertion);
	}
}

static bool read_grant(const struct form *form, const char **ret, struct err *err)
{
	static const char *const GRANTS[] = {"authorization_code", "refresh_token"};
	const char *asked = form_value(form, "grant_type");

	if (!asked)
		return err_say(err, ERR_BAD_REQUEST, "The grant_type is missing.");
	for (size_t i = 0; i < sizeof(GRANTS) / sizeof(GRANTS[0]); i++) {
		if (text_is(asked, GRANTS[i])) {
			*ret = GRANTS[i];
			return true;
		}
	}
	return err_set(err, ERR_UNSUPPORTED_GRANT_TYPE, "another grant_type");
}

static bool write_form(const struct door *door, const struct sent *sent,
	struct token_request *request, struct err *err)
{
	const struct form *form = &sent->form;
	struct buf *out = &request->form;
	struct client_id client;

	if (!read_grant(form, &request->grant, err) ||
		!client_id_read(door->config, sent->client_id, &client, err) ||
		!door_is_resource(door, form_value(form, "resource"), err))
		return false;
	request->client = client.kind;
	buf_add_field(out, "client_id", client.entra);
	buf_add_field(out, "grant_type", request->grant);
	buf_add_field(out, "scope", door->asked_scope);
	if (client.kind == CLIENT_ALLOWED)
		add_authentication(out, sent);
	return text_is(request->grant, "refresh_token") ? add_refresh_grant(door, form, out, err)
							: add_code_grant(door, form, out, err);
}

bool token_request_read(const struct door *door, const struct request *request,
	struct token_request *ret, struct err *err)
{
	struct sent sent = {0};
	bool good;

	*ret = (struct token_request){.client = CLIENT_KIND__COUNT};
	good = read_sent(&sent, request, err) && write_form(door, &sent, ret, err);
	form_done(&sent.form);
	form_done(&sent.basic);
	return good;
}

void token_request_done(struct token_request *request)
{
	buf_wipe(&request->form);
}
