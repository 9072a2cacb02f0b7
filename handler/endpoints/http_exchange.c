#include "endpoints/http_exchange.h"

bool exchange_read_json(const struct http_exchange *exchange, cJSON **ret, struct err *err)
{
	const struct request *request = exchange->request;
	struct json_span body = json_trim((struct json_span){request->body, request->body_len});

	return !body.len || json_parse(body.text, body.len, ret, err);
}
