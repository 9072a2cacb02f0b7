/* Variables whose names look like a setting's and are none: a mistyped ALLOWED_CLIENT_IDS would
 * leave the list open and say nothing.
 */
#ifndef BASE_CONFIG_NAMES_H
#define BASE_CONFIG_NAMES_H

#include "base/config.h"

/* Notes them in config->misnamed: not empty, and the same as a setting but for case and at most two
 * slips (a character too many, missing, or another; two swapped).  environment: "NAME=value"...,
 * NULL. */
void config_note_names(struct config *config, char *const *environment);

#endif
