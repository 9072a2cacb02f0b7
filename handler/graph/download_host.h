/* Where a file may be fetched from: what Graph sends to is no address of ours, and a file's name or
 * an attacker in between must not make us ask within our own network. */
#ifndef GRAPH_DOWNLOAD_HOST_H
#define GRAPH_DOWNLOAD_HOST_H

#include <stdbool.h>

#include "base/config.h"

/* Whether the address is one of the hosts that keep the files of Graph's cloud: https, its default
 * port, no user information.  Where Graph itself is at a loopback address (a sandbox, a proxy on
 * this machine), so may the file be, at any port and over http. */
bool download_host_fits(const struct config *config, const char *address);

#endif
