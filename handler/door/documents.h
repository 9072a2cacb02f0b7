/* Authorization server metadata: RFC 8414's, and the same with what OpenID Connect Discovery 1.0
 * demands besides, for clients that look for either. */
#ifndef DOOR_DOCUMENTS_H
#define DOOR_DOCUMENTS_H

#include "base/config.h"

/* The document, JSON; scope: the one to ask for.  The caller frees it. */
char *documents_server(const struct config *config, const char *scope);

#endif
