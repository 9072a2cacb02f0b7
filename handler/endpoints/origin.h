/* Web pages of other origins: who may call, and who may read the answer. */
#ifndef ENDPOINTS_ORIGIN_H
#define ENDPOINTS_ORIGIN_H

#include "endpoints/http_exchange.h"

/* Lets the configured web origins read the answer, and every one that of a public endpoint. */
void origin_allow(struct http_exchange *exchange);

/* Answers what a browser asks before it sends a request, if it does ask. */
void origin_preflight(struct http_exchange *exchange);

/* ERR_ORIGIN_NOT_ALLOWED for a web page that may not use /mcp. */
bool origin_check(const struct http_exchange *exchange, struct err *err);

#endif
