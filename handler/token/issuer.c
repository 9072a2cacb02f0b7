#include "token/issuer.h"

#include <string.h>

#define SHOWN_MAX 100

static void show(const char *issuer, char ret[SHOWN_MAX + 1])
{
	static const char PLAIN[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/";
	size_t n = 0;

	for (; n < SHOWN_MAX && issuer[n]; n++)
		ret[n] = strchr(PLAIN, issuer[n]) ? issuer[n] : '?';
	ret[n] = '\0';
}

bool issuer_refuse(const char *expected, const char *came, struct err *err)
{
	char shown[SHOWN_MAX + 1];

	show(came, shown);
	return err_say(err, ERR_INVALID_TOKEN,
		"The access token's issuer is '%s'; this API takes '%.100s' (its TENANT_ID and "
		"AUTHORITY_HOST say which).",
		shown, expected);
}
