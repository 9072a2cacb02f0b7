#include "base/config_names.h"

#include <ctype.h>
#include <string.h>

#define SLIPS_MAX 2

static bool same(char a, char b)
{
	return a && toupper((unsigned char)a) == toupper((unsigned char)b);
}

/* Whether so many slips make one name of the other, case aside. */
static bool within(const char *a, const char *b, int slips)
{
	while (same(*a, *b)) {
		a++;
		b++;
	}
	if (!*a && !*b)
		return true;
	if (!slips)
		return false;
	return (*a && within(a + 1, b, slips - 1)) || (*b && within(a, b + 1, slips - 1)) ||
	       (*a && *b && within(a + 1, b + 1, slips - 1)) ||
	       (*a && *b && same(*a, b[1]) && same(a[1], *b) && within(a + 2, b + 2, slips - 1));
}

static const char *nearest(const char *name)
{
	const char *setting;

	for (int slips = 0; slips <= SLIPS_MAX; slips++) {
		for (size_t i = 0; (setting = config_setting_name(i)); i++) {
			if (within(name, setting, slips))
				return setting;
		}
	}
	return NULL;
}

/* It goes into the log and into JSON as it is. */
static bool printable(const char *name)
{
	while (*name >= ' ' && *name <= '~')
		name++;
	return !*name;
}

static void note(struct config *config, const char *entry, size_t n)
{
	struct config_misnamed *misnamed = &config->misnamed[config->misnamed_count];

	if (n >= sizeof(misnamed->variable) || config->misnamed_count == CONFIG_MISNAMED_MAX)
		return;
	memcpy(misnamed->variable, entry, n);
	misnamed->variable[n] = '\0';
	misnamed->setting = printable(misnamed->variable) ? nearest(misnamed->variable) : NULL;
	if (misnamed->setting && strcmp(misnamed->setting, misnamed->variable) != 0)
		config->misnamed_count++;
}

void config_note_names(struct config *config, char *const *environment)
{
	for (; *environment; environment++) {
		const char *equals = strchr(*environment, '=');

		if (equals && equals[1])
			note(config, *environment, (size_t)(equals - *environment));
	}
}
