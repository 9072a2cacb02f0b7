#include "http/client_address.h"

#include <arpa/inet.h>
#include <string.h>

#define NETWORK_BYTES 8

/* The address alone: of 1.2.3.4:56, [::1]:56, 1.2.3.4 and ::1. */
static bool without_port(const char *text, char ret[INET6_ADDRSTRLEN])
{
	bool bracket = *text == '[';
	const char *start = text + bracket;
	const char *colon = strchr(start, ':');
	size_t n = bracket ? strcspn(start, "]") : strlen(start);

	if (!bracket && colon && !strchr(colon + 1, ':'))
		n = (size_t)(colon - start);
	if (n >= INET6_ADDRSTRLEN)
		return false;
	memcpy(ret, start, n);
	ret[n] = '\0';
	return true;
}

void client_address(const struct request *request, char ret[INET6_ADDRSTRLEN])
{
	const char *value = request_header(request, "CLIENT-IP");
	struct in6_addr address;
	char text[INET6_ADDRSTRLEN];

	*ret = '\0';
	if (!value || !without_port(value, text))
		return;
	if (inet_pton(AF_INET, text, &address) == 1) {
		inet_ntop(AF_INET, &address, ret, INET6_ADDRSTRLEN);
	} else if (inet_pton(AF_INET6, text, &address) == 1) {
		if (IN6_IS_ADDR_V4MAPPED(&address)) {
			inet_ntop(AF_INET, &address.s6_addr[12], ret, INET6_ADDRSTRLEN);
			return;
		}
		memset(&address.s6_addr[NETWORK_BYTES], 0, sizeof(address) - NETWORK_BYTES);
		inet_ntop(AF_INET6, &address, ret, INET6_ADDRSTRLEN);
	}
}
