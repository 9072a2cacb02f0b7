/* A JSON Web Token in compact form (RFC 7519, RFC 7515 §7.1), taken apart.  Nothing here says that
 * a token is genuine: until its signature is checked, claims are only what somebody wrote. */
#ifndef TOKEN_JWT_H
#define TOKEN_JWT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

#define JWT_BYTES_MAX 16384

struct jwt {
	cJSON *header;
	cJSON *claims;
	struct buf signature;    /* decoded */
	const char *signed_text; /* header.payload, within the token given to jwt_parse */
	size_t signed_len;
};

/* Takes the token of n bytes apart.  ERR_INVALID_TOKEN unless it is three base64url parts of which
 * the first two are JSON objects, within JWT_BYTES_MAX.  The token must outlive *ret. */
bool jwt_parse(const char *token, size_t n, struct jwt *ret, struct err *err);
void jwt_done(struct jwt *jwt);

#endif
