/* The address of the client that a request came from, as Azure tells it.
 *
 * To the server every peer is the Functions host.  The front end of Azure App Service, before the
 * host, writes address and port into CLIENT-IP, over whatever the client sent there
 * (Azure/app-service-linux-docs, "Headers on Azure App Service"); nothing else that tells an
 * address is safe from the client's own hand.  Behind a gateway it is the gateway's.
 */
#ifndef HTTP_CLIENT_ADDRESS_H
#define HTTP_CLIENT_ADDRESS_H

#include <netinet/in.h>

#include "http/message.h"

/* Only where that front end is there.  Of IPv6 the network of 64 bits, all of which one client may
 * have.  "": there is none, or none that is an address. */
void client_address(const struct request *request, char ret[INET6_ADDRSTRLEN]);

#endif
