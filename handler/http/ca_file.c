#include "http/ca_file.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Where the systems keep the trusted authorities. */
static const char *const CA_FILES[] = {
	"/etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu, Alpine */
	"/etc/pki/tls/certs/ca-bundle.crt",                  /* Azure Linux (Mariner), Red Hat */
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Red Hat */
	"/etc/ssl/ca-bundle.pem",                            /* SUSE */
	"/etc/ssl/cert.pem",                                 /* Alpine */
};

static bool holds_certificate(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[256];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = strncmp(line, "-----BEGIN", 10) == 0 && strstr(line, "CERTIFICATE-----");
	if (file)
		fclose(file);
	return found;
}

const char *ca_file_find(const char *given)
{
	if (*given)
		return holds_certificate(given) ? given : NULL;
	for (size_t i = 0; i < sizeof(CA_FILES) / sizeof(CA_FILES[0]); i++) {
		if (holds_certificate(CA_FILES[i]))
			return CA_FILES[i];
	}
	return NULL;
}
