#include "http/ca_file.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Where Debian, Mariner and Alpine keep the trusted authorities. */
static const char *const CA_FILES[] = {"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};

static const char *first_readable(const char *given)
{
	if (*given)
		return access(given, R_OK) == 0 ? given : NULL;
	for (size_t i = 0; i < sizeof(CA_FILES) / sizeof(CA_FILES[0]); i++) {
		if (access(CA_FILES[i], R_OK) == 0)
			return CA_FILES[i];
	}
	return NULL;
}

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
	const char *found = first_readable(given);

	return found && holds_certificate(found) ? found : NULL;
}
