#include "graph/recipient.h"

#include <string.h>

#include "base/text.h"
#include "graph/shown.h"

#define LOCAL_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-'&=~"
#define DOMAIN_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789.-"
#define NAMES_BYTES_MAX 120 /* room in an error's sentence */
#define NAME_BYTES_MAX 60

bool recipient_is_allowed(const char *domains, const char *address)
{
	size_t local = strspn(address, LOCAL_CHARACTERS);
	autofree char *domain = NULL;

	if (!local || address[local] != '@')
		return false;
	domain = text_lower(xstrdup(address + local + 1));
	return !domain[strspn(domain, DOMAIN_CHARACTERS)] && list_has(domains, ',', domain);
}

static bool is_outside(const char *domains, const cJSON *value, struct buf *names, int *ret_all)
{
	const char *address = cJSON_IsObject(value) ? json_string(value, "address")
						    : cJSON_GetStringValue(value);
	const char *name = address ? address : json_string(value, "name");

	++*ret_all;
	if (address && recipient_is_allowed(domains, address))
		return false;
	if (names->len < NAMES_BYTES_MAX) {
		buf_adds(names, names->len ? ", " : "");
		shown_add(name && *name ? name : "somebody without an address", NAME_BYTES_MAX,
			names);
	}
	return true;
}

int recipients_outside(const char *domains, const cJSON *value, struct buf *names, int *ret_all)
{
	const cJSON *item;
	int count = 0;

	if (!cJSON_IsArray(value))
		return is_outside(domains, value, names, ret_all);
	cJSON_ArrayForEach(item, value) count += is_outside(domains, item, names, ret_all);
	return count;
}
