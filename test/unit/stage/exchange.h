/* A service without a network, and requests made by hand for dispatch(). */
#ifndef UNIT_EXCHANGE_H
#define UNIT_EXCHANGE_H

#include "endpoints/dispatch.h"
#include "endpoints/endpoints.h"
#include "support.h"

struct exchange {
	struct config config;
	struct caller_rules rules;
	struct entra entra;
	struct service service;
	struct request request; /* headers added here go with the next send */
	struct response response;
};

/* Complete settings but for one changed (as settings_load), and no signing keys to be had. */
void exchange_start(struct exchange *exchange, const char *name, const char *value);
/* The same with another table, and /mcp open to those without a token. */
void exchange_start_with(struct exchange *exchange, const struct endpoint *rows, size_t count);
/* As exchange_start with no settings at all. */
void exchange_start_unconfigured(struct exchange *exchange);
void exchange_done(struct exchange *exchange);

void exchange_header(struct exchange *exchange, const char *name, const char *value);
/* Sends to the path with an optional query and returns the status; body NULL: none. */
int exchange_send(
	struct exchange *exchange, const char *method, const char *target, const char *body);

/* Of the last answer: a header's value or NULL, and the JSON body, which the caller deletes. */
const char *exchange_answer_header(const struct exchange *exchange, const char *name);
cJSON *exchange_json(const struct exchange *exchange);
/* Whether the last answer is an error document with that code. */
bool exchange_code_is(const struct exchange *exchange, const char *code);

#endif
