#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

void secret_set(struct secret *secret, const char *bytes, size_t n)
{
	char *copy = or_die(malloc(n + 1));

	memcpy(copy, bytes, n);
	copy[n] = '\0';
	secret_done(secret);
	secret->data = copy;
	secret->len = n;
}

void secret_done(struct secret *secret)
{
	if (secret->data)
		explicit_bzero(secret->data, secret->len);
	free(secret->data);
	*secret = (struct secret){0};
}
