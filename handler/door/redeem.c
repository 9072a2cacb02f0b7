#include "door/redeem.h"

#define ANSWER_BYTES_MAX 65536

bool redeem(const struct door *door, const struct redeem_errand *errand, struct token_answer *ret,
	struct err *err)
{
	const struct header headers[] = {{"client-request-id", errand->correlation_id},
		{"return-client-request-id", "true"}, {"Accept", "application/json"},
		{"traceparent", *errand->trace ? errand->trace : NULL}};
	struct http_fetch fetch = {.url = door->token_url,
		.headers = headers,
		.header_count = sizeof(headers) / sizeof(headers[0]),
		.body = buf_text(errand->form),
		.body_type = "application/x-www-form-urlencoded",
		.body_max = ANSWER_BYTES_MAX,
		.once = true,
		.deadline = deadline_within(errand->deadline, door->config->entra_timeout_ms)};
	struct http_reply reply;
	bool good;

	*ret = (struct token_answer){0};
	if (!http_send(door->http, &fetch, &reply, err))
		return err_wrap(err, "entra");
	good = token_answer_read(&reply, ret, err);
	http_reply_done(&reply);
	return good || err_wrap(err, "entra");
}
