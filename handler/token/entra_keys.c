#include "token/entra_keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/config_check.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"

#define DOCUMENT_BYTES_MAX 262144
#define ETAG_BYTES_MAX 256
#define ISSUER_BYTES_MAX 512

struct fetched {
	cJSON *json;       /* NULL: not modified */
	char *etag;        /* NULL: none */
	int64_t max_age_s; /* 0: not said; 1: not at all */
};

/* RFC 9110 §8.8.3; checked, since it is sent back. */
static bool etag_valid(const char *tag)
{
	const char *opaque = !strncmp(tag, "W/", 2) ? tag + 2 : tag;
	size_t n = strlen(opaque);

	if (n < 2 || opaque[0] != '"' || opaque[n - 1] != '"')
		return false;
	for (size_t i = 1; i < n - 1; i++) {
		if (opaque[i] < 0x21 || opaque[i] > 0x7e || opaque[i] == '"')
			return false;
	}
	return true;
}

/* How long the answer may be kept (RFC 9111 §5.2.2) and its entity tag. */
static void read_caching(const struct http_reply *reply, struct fetched *ret)
{
	const char *text, *max_age;
	struct buf control, tag;
	bool no_store;

	buf_init(&control);
	buf_init(&tag);
	http_reply_header(reply, "Cache-Control", 0, &control);
	text = buf_text(&control);
	no_store = strcasestr(text, "no-store") != NULL;
	max_age = strcasestr(text, "max-age=");
	if (max_age && max_age[8] >= '0' && max_age[8] <= '9')
		ret->max_age_s = strtoll(max_age + 8, NULL, 10);
	if (no_store || strcasestr(text, "no-cache") ||
		(max_age && max_age[8] == '0' && !ret->max_age_s))
		ret->max_age_s = 1;
	if (!no_store && http_reply_header(reply, "ETag", 0, &tag) && tag.len <= ETAG_BYTES_MAX &&
		etag_valid(buf_text(&tag)))
		ret->etag = xstrdup(buf_text(&tag));
	buf_done(&control);
	buf_done(&tag);
}

static bool read_body(const struct http_reply *reply, cJSON **ret, struct err *err)
{
	if (reply->status != 200 || reply->cut)
		return err_set(err, ERR_UPSTREAM_UNAVAILABLE, "HTTP status %d%s", reply->status,
			reply->cut ? ", answer too long" : "");
	return json_parse(buf_text(&reply->body), reply->body.len, ret, err) ||
	       err_set(err, ERR_UPSTREAM_UNAVAILABLE, "the answer is not JSON");
}

struct wanted {
	const char *url;
	const char *etag; /* of the document that need not be sent again; NULL: none */
};

static bool get_document(
	struct entra *entra, const struct wanted *wanted, struct fetched *ret, struct err *err)
{
	struct header if_none_match = {"If-None-Match", wanted->etag};
	struct http_fetch fetch = {.url = wanted->url,
		.headers = &if_none_match,
		.header_count = wanted->etag ? 1 : 0,
		.deadline = deadline_after(entra->config->entra_timeout_ms),
		.body_max = DOCUMENT_BYTES_MAX};
	struct fetched fetched = {0};
	struct http_reply reply;
	bool good;

	if (!http_send(entra->http, &fetch, &reply, err))
		return false;
	/* 304: the document that the tag stands for is still good. */
	good = (wanted->etag && reply.status == 304) || read_body(&reply, &fetched.json, err);
	if (good) {
		read_caching(&reply, &fetched);
		*ret = fetched;
	}
	http_reply_done(&reply);
	return good;
}

static bool get_metadata(
	struct entra *entra, enum token_version version, struct fetched *ret, struct err *err)
{
	struct wanted wanted = {.etag = NULL};
	struct buf url;
	bool good;

	buf_init(&url);
	buf_addf(&url, "%s/%s%s/.well-known/openid-configuration", entra->config->authority_host,
		entra->config->tenant_id, version == TOKEN_V2 ? "/v2.0" : "");
	wanted.url = buf_text(&url);
	good = get_document(entra, &wanted, ret, err);
	buf_done(&url);
	return good || err_wrap(err, version == TOKEN_V2 ? "v2 metadata" : "v1 metadata");
}

static bool get_keys(struct entra *entra, const cJSON *metadata, const struct jwks_answer *held,
	struct jwks_answer *ret, struct err *err)
{
	const char *authority = entra->config->authority_host;
	const char *uri = json_string(metadata, "jwks_uri");
	struct wanted wanted = {.url = uri};
	struct fetched fetched;

	if (!uri || strncmp(uri, authority, strlen(authority)) != 0 ||
		uri[strlen(authority)] != '/')
		return err_set(err, ERR_UPSTREAM_UNAVAILABLE,
			"v2 metadata: jwks_uri is missing or not on AUTHORITY_HOST");
	/* A tag is its own address's (RFC 9110 §8.8.3). */
	if (held->uri && !strcmp(held->uri, uri))
		wanted.etag = held->etag;
	if (!get_document(entra, &wanted, &fetched, err))
		return err_wrap(err, "signing keys");
	ret->keys = fetched.json;
	ret->etag = fetched.etag;
	ret->max_age_s = fetched.max_age_s;
	ret->uri = xstrdup(uri);
	return true;
}

/* The document's issuer; NULL when it cannot be one of our tenant's. */
static char *issuer_in(const struct entra *entra, const cJSON *metadata)
{
	const char *issuer = json_string(metadata, "issuer");

	if (!issuer || strlen(issuer) > ISSUER_BYTES_MAX || text_has_control(issuer) ||
		!config_url_valid(issuer) ||
		(!strstr(issuer, entra->config->tenant_id) && !strstr(issuer, "{tenantid}")))
		return NULL;
	return xstrdup(issuer);
}

static void fetched_done(struct fetched *fetched)
{
	cJSON_Delete(fetched->json);
	free(fetched->etag);
}

static bool fetch_keys(struct entra *entra, const struct jwks_answer *held, struct jwks_answer *ret,
	struct err *err)
{
	struct fetched metadata = {0};
	bool good = get_metadata(entra, TOKEN_V2, &metadata, err) &&
		    get_keys(entra, metadata.json, held, ret, err);

	if (good) {
		ret->issuer = issuer_in(entra, metadata.json);
		if (!ret->issuer) {
			log_event(LOG_WARN, "issuer_unknown",
				"v2 metadata: no issuer of this tenant");
			ret->max_age_s = 1; /* less than the shortest that a set is kept */
		}
	} else {
		err_service(err, "entra", NULL, NULL);
	}
	fetched_done(&metadata);
	health_note(&entra->keys, clock_mono_ms(), good ? NULL : err);
	return good;
}

/* No failure of the service's that anybody is told of: the issuer is not needed at any price. */
static bool fetch_v1_issuer(struct entra *entra, struct jwks_answer *ret, struct err *err)
{
	struct fetched metadata = {0};

	if (get_metadata(entra, TOKEN_V1, &metadata, err)) {
		ret->issuer = issuer_in(entra, metadata.json);
		ret->max_age_s = metadata.max_age_s;
		if (!ret->issuer)
			err_set(err, ERR_UPSTREAM_UNAVAILABLE,
				"v1 metadata: no issuer of this tenant");
	}
	fetched_done(&metadata);
	if (!ret->issuer)
		log_event(LOG_WARN, "issuer_unknown", "%s", err->detail);
	return ret->issuer != NULL;
}

bool entra_fetch_keys(void *context, enum token_version version, const struct jwks_answer *held,
	struct jwks_answer *ret, struct err *err)
{
	return version == TOKEN_V2 ? fetch_keys(context, held, ret, err)
				   : fetch_v1_issuer(context, ret, err);
}
