#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static const struct err_info TABLE[] = {
	{ERR_NONE, 200, "none", ""},
	{ERR_BAD_REQUEST, 400, "bad_request", "The request is not valid."},
	{ERR_INVALID_REQUEST, 400, "invalid_request",
		"The Authorization header is malformed; send exactly one \"Bearer <token>\"."},
	{ERR_MISSING_TOKEN, 401, "missing_token",
		"Sign in and send an access token for this API as \"Authorization: Bearer "
		"<token>\"."},
	{ERR_INVALID_TOKEN, 401, "invalid_token", "The access token is not valid; get a new one."},
	{ERR_INTERACTION_REQUIRED, 401, "interaction_required",
		"Microsoft Entra needs the user to sign in again."},
	{ERR_INSUFFICIENT_CLAIMS, 401, "insufficient_claims",
		"Microsoft Entra needs more from the user; sign in again with the given claims."},
	{ERR_INSUFFICIENT_SCOPE, 403, "insufficient_scope",
		"The access token lacks the scope this API requires."},
	{ERR_APP_ONLY_TOKEN, 403, "app_only_token",
		"This API acts for a signed-in user; an application's own token cannot be used."},
	{ERR_CLIENT_NOT_ALLOWED, 403, "client_not_allowed",
		"The client application is not on this API's list of allowed clients."},
	{ERR_ORIGIN_NOT_ALLOWED, 403, "origin_not_allowed",
		"Web pages of this origin may not call this address."},
	{ERR_CONSENT_REQUIRED, 403, "consent_required",
		"The user or an administrator has not consented to this API reading Microsoft "
		"Graph."},
	{ERR_ACCESS_BLOCKED, 403, "access_blocked",
		"Microsoft Entra blocks this access, and signing in again does not help; an "
		"administrator of the organization can see why and change it (policy, device, "
		"account, assignment or licence)."},
	{ERR_GRAPH_FORBIDDEN, 403, "graph_forbidden",
		"Microsoft Graph does not permit this user to do this."},
	{ERR_RECIPIENT_NOT_ALLOWED, 403, "recipient_not_allowed",
		"Someone that this would reach is outside the domains that the operator allows. "
		"Nothing was done."},
	{ERR_CONFIRMATION_REQUIRED, 403, "confirmation_required",
		"The person has to confirm this, and could not be asked. Nothing was done."},
	{ERR_DECLINED, 403, "declined", "The person did not agree. Nothing was done."},
	{ERR_NOT_FOUND, 404, "not_found", "There is nothing at this address."},
	{ERR_METHOD_NOT_ALLOWED, 405, "method_not_allowed",
		"This address does not take this method; the Allow header lists those it takes."},
	{ERR_REQUEST_TIMEOUT, 408, "request_timeout",
		"The request did not arrive in time; send it again, faster."},
	{ERR_BODY_TOO_LARGE, 413, "body_too_large", "The request body is larger than the limit."},
	{ERR_UNSUPPORTED_MEDIA_TYPE, 415, "unsupported_media_type",
		"The body's content type cannot be used here."},
	{ERR_HEADERS_TOO_LARGE, 431, "headers_too_large",
		"The request's header fields are larger than the limit."},
	{ERR_INVALID_CLIENT, 400, "invalid_client", "The client_id is none that may sign in here."},
	{ERR_INVALID_TARGET, 400, "invalid_target", "The resource is not this server's."},
	{ERR_INVALID_REDIRECT_URI, 400, "invalid_redirect_uri",
		"The redirect_uri is none that this server lets users return to."},
	{ERR_UNSUPPORTED_RESPONSE_TYPE, 400, "unsupported_response_type",
		"The response_type has to be code."},
	{ERR_UNSUPPORTED_GRANT_TYPE, 400, "unsupported_grant_type",
		"The grant_type has to be authorization_code or refresh_token."},
	{ERR_INVALID_CLIENT_METADATA, 400, "invalid_client_metadata",
		"The client metadata is not one JSON object."},
	{ERR_THROTTLED, 429, "throttled", "Too many requests; wait as Retry-After says."},
	{ERR_TOO_MANY_REQUESTS, 429, "too_many_requests",
		"As many of your calls are under way as one caller may have; wait as Retry-After "
		"says."},
	{ERR_INTERNAL, 500, "internal_error", "Something went wrong on this server."},
	{ERR_SERVER_CONFIGURATION, 500, "server_configuration",
		"This server's own registration with Microsoft Entra is wrong; tell its operator."},
	{ERR_GRAPH_ERROR, 502, "graph_error",
		"Microsoft Graph gave an answer that cannot be used."},
	{ERR_OUTCOME_UNKNOWN, 502, "outcome_unknown",
		"It is not known whether this was done; look before you try again."},
	{ERR_NOT_CONFIGURED, 503, "not_configured",
		"This server is not configured yet; GET /status names what is missing."},
	{ERR_OVERLOADED, 503, "overloaded",
		"This server has as many calls under way as it can serve; wait as Retry-After "
		"says."},
	{ERR_UPSTREAM_UNAVAILABLE, 503, "upstream_unavailable",
		"Microsoft Entra or Microsoft Graph cannot be reached at the moment; try again."},
	{ERR_UPSTREAM_TIMEOUT, 504, "upstream_timeout",
		"Microsoft Entra or Microsoft Graph did not answer in time; try again."},
};
static_assert(sizeof(TABLE) / sizeof(TABLE[0]) == ERR__COUNT, "one row per code, in order");

const struct err_info *err_info(enum err_code code)
{
	assert(code < ERR__COUNT);
	for (size_t i = 0; i < ERR__COUNT; i++) {
		if (TABLE[i].code == code)
			return &TABLE[i];
	}
	assert(!"a code without a row");
	return &TABLE[0];
}

enum err_code err_code_of(const char *slug)
{
	for (size_t i = ERR_NONE + 1; i < ERR__COUNT; i++) {
		if (!strcmp(TABLE[i].slug, slug))
			return TABLE[i].code;
	}
	return ERR_NONE;
}

const char *err_message(const struct err *err)
{
	return err->message[0] ? err->message : err_info(err->code)->text;
}

void err_init(struct err *err)
{
	err->code = ERR_NONE;
	err->retry_after_s = 0;
	err->maybe_done = false;
	err->upstream = NULL;
	err->message[0] = err->detail[0] = '\0';
}

void err_done(struct err *err)
{
	if (!err)
		return;
	free(err->upstream);
	err_init(err);
}

void err_move(struct err *from, struct err *to)
{
	free(to->upstream);
	*to = *from;
	err_init(from);
}

void err_copy(const struct err *from, struct err *to)
{
	struct err_upstream *upstream = NULL;

	if (from->upstream) {
		upstream = xcalloc(1, sizeof(*upstream));
		*upstream = *from->upstream;
	}
	free(to->upstream);
	*to = *from;
	to->upstream = upstream;
}

/* A throttle always says when to come back, so that clients do not guess. */
#define THROTTLE_DEFAULT_S 60 /* what Entra usually asks for */

static void start(struct err *err, enum err_code code)
{
	assert(code != ERR_NONE);
	err_done(err);
	err->code = code;
	err->retry_after_s = code == ERR_THROTTLED ? THROTTLE_DEFAULT_S : 0;
}

bool err_set(struct err *err, enum err_code code, const char *detail_format, ...)
{
	va_list args;

	start(err, code);
	va_start(args, detail_format);
	vsnprintf(err->detail, sizeof(err->detail), detail_format, args);
	va_end(args);
	return false;
}

bool err_say(struct err *err, enum err_code code, const char *message_format, ...)
{
	va_list args;

	start(err, code);
	va_start(args, message_format);
	vsnprintf(err->message, sizeof(err->message), message_format, args);
	va_end(args);
	snprintf(err->detail, sizeof(err->detail), "%s", err->message);
	return false;
}

/* What a service says of itself is passed on only where it is plainly an identifier. */
static const char *identifier(const char *text)
{
	static const char PLAIN[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return text && strlen(text) < 64 && strspn(text, PLAIN) == strlen(text) ? text : "";
}

const struct err_upstream *err_upstream(const struct err *err)
{
	static const struct err_upstream NOTHING = {.service = ""};

	return err->upstream ? err->upstream : &NOTHING;
}

/* Of its own, empty at first. */
static struct err_upstream *upstream_of(struct err *err)
{
	if (!err->upstream)
		err->upstream = xcalloc(1, sizeof(*err->upstream));
	return err->upstream;
}

void err_service(struct err *err, const char *service, const char *code, const char *id)
{
	struct err_upstream *upstream = upstream_of(err);

	snprintf(upstream->service, sizeof(upstream->service), "%s", service);
	snprintf(upstream->code, sizeof(upstream->code), "%s", identifier(code));
	snprintf(upstream->id, sizeof(upstream->id), "%s", identifier(id));
}

bool err_ask_claims(struct err *err, const char *claims)
{
	size_t n = strlen(claims);

	if (!n || n >= sizeof(err->upstream->claims))
		return false;
	memcpy(upstream_of(err)->claims, claims, n + 1);
	return true;
}

bool err_ask_consent(struct err *err, const char *url)
{
	size_t n = strlen(url);

	if (!n || n >= sizeof(err->upstream->consent))
		return false;
	memcpy(upstream_of(err)->consent, url, n + 1);
	return true;
}

void err_wait(struct err *err, int seconds)
{
	if (seconds > 0)
		err->retry_after_s = seconds;
}

bool err_wrap(struct err *err, const char *context)
{
	char old[sizeof(err->detail)];

	memcpy(old, err->detail, sizeof(old));
	snprintf(err->detail, sizeof(err->detail), "%.60s: %.250s", context, old);
	return false;
}
