#include "token/jwt.h"

#include <string.h>

#include "base/b64.h"

#define SIGNATURE_BYTES_MAX 2048

static bool parse_part(const char *text, size_t n, cJSON **ret, struct err *err)
{
	struct buf json;
	bool good;

	buf_init(&json);
	good = b64url_decode(&json, text, n) &&
	       json_parse_softly(buf_text(&json), json.len, ret, err) && cJSON_IsObject(*ret);
	buf_wipe(&json);
	return good;
}

bool jwt_parse(const char *token, size_t n, struct jwt *ret, struct err *err)
{
	struct jwt jwt = {0};
	const char *dot = n <= JWT_BYTES_MAX ? memchr(token, '.', n) : NULL;
	const char *end = token + n;
	const char *second = dot ? memchr(dot + 1, '.', (size_t)(end - dot - 1)) : NULL;

	if (!second)
		return err_set(err, ERR_INVALID_TOKEN, "not a compact JWS or too long");
	buf_init(&jwt.signature);
	if (!parse_part(token, (size_t)(dot - token), &jwt.header, err) ||
		!parse_part(dot + 1, (size_t)(second - dot - 1), &jwt.claims, err) ||
		!b64url_decode(&jwt.signature, second + 1, (size_t)(end - second - 1)) ||
		jwt.signature.len > SIGNATURE_BYTES_MAX) {
		jwt_done(&jwt);
		return err_set(
			err, ERR_INVALID_TOKEN, "a part is not base64url or not a JSON object");
	}
	jwt.signed_text = token;
	jwt.signed_len = (size_t)(second - token);
	*ret = jwt;
	return true;
}

void jwt_done(struct jwt *jwt)
{
	cJSON_Delete(jwt->header);
	cJSON_Delete(jwt->claims);
	buf_done(&jwt->signature);
	*jwt = (struct jwt){0};
}
