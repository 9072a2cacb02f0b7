#include "graph/question_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/text.h"

#define PREFIX "v1."

/* With its NUL, so that no two texts run into each other. */
static void add(struct sha256 *sha, const char *text)
{
	sha256_add(sha, text, strlen(text) + 1);
}

static int compare(const void *a, const void *b)
{
	const cJSON *const *left = a, *const *right = b;

	return strcmp((*left)->string, (*right)->string);
}

static void add_arguments(struct sha256 *sha, const cJSON *arguments)
{
	size_t count = 0;
	autofree const cJSON **members = xcalloc(
		(size_t)cJSON_GetArraySize(arguments) + 1, sizeof(const cJSON *));
	const cJSON *member;

	cJSON_ArrayForEach(member, arguments)
	{
		if (!cJSON_IsNull(member))
			members[count++] = member;
	}
	qsort(members, count, sizeof(const cJSON *), compare);
	for (size_t i = 0; i < count; i++) {
		autofree char *value = json_print(members[i]);

		add(sha, members[i]->string);
		add(sha, value);
	}
	add(sha, "");
}

static void write_until(const struct question_facts *facts, int64_t until_s, struct buf *out)
{
	const struct caller *caller = facts->caller;
	unsigned char digest[SHA256_SIZE];
	struct sha256 *sha = sha256_new();
	char room[INT_DIGITS_SIZE];
	const char *until = int_digits(until_s, room);

	add(sha, PREFIX);
	add(sha, until);
	add(sha, facts->tool);
	add(sha, caller->tenant_id ? caller->tenant_id : "");
	add(sha, caller->object_id ? caller->object_id : "");
	add(sha, facts->looked);
	add_arguments(sha, facts->arguments);
	sha256_end(sha, digest);
	buf_addf(out, PREFIX "%s.", until);
	b64url_encode(out, digest, sizeof(digest));
}

void question_state_write(const struct question_facts *facts, char ret[QUESTION_STATE_SIZE])
{
	struct buf text;

	buf_init(&text);
	write_until(facts, clock_unix_s() + QUESTION_VALID_S, &text);
	assert(text.len < QUESTION_STATE_SIZE);
	memcpy(ret, text.data, text.len + 1);
	buf_done(&text);
}

enum state_worth question_state_check(const char *state, const struct question_facts *facts)
{
	int64_t now_s = clock_unix_s(), until_s;
	struct buf text;
	bool same;

	if (!state || strncmp(state, PREFIX, strlen(PREFIX)) != 0)
		return STATE_IS_ANOTHERS;
	until_s = strtoll(state + strlen(PREFIX), NULL, 10);
	buf_init(&text);
	write_until(facts, until_s, &text);
	same = !strcmp(buf_text(&text), state);
	buf_done(&text);
	if (!same || until_s > now_s + QUESTION_VALID_S)
		return STATE_IS_ANOTHERS;
	return until_s < now_s ? STATE_IS_OLD : STATE_HOLDS;
}
