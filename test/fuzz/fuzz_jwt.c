/* A token in compact form. */
#include <assert.h>

#include "fuzz.h"
#include "token/jwt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *token = fuzz_text(data, size);
	struct jwt jwt;
	autoerr(err);

	if (jwt_parse(token, size, &jwt, &err)) {
		assert(cJSON_IsObject(jwt.header) && cJSON_IsObject(jwt.claims));
		assert(jwt.signed_text == token && jwt.signed_len < size);
		assert(size <= JWT_BYTES_MAX);
		jwt_done(&jwt);
	} else {
		assert(err.code == ERR_INVALID_TOKEN);
	}
	free(token);
	return 0;
}
