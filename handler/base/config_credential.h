/* The settings of the credential, of which one is to be chosen, and what the platform adds for it.
 */
#ifndef BASE_CONFIG_CREDENTIAL_H
#define BASE_CONFIG_CREDENTIAL_H

#include <stdbool.h>

#include "base/config.h"

/* Notes what is wrong with the choice among the four (none chosen only if needed), and fills
 * config->identity_* where managed_identity is chosen.  After the settings themselves. */
void config_load_credential(
	struct config *config, const char *(*get)(const char *name), bool needed);

/* Whether one of the four is chosen. */
bool config_has_credential(const struct config *config);

#endif
