#include "door/claims.h"

#include <string.h>

#include "base/b64.h"
#include "base/json.h"
#include "base/json_text.h"

#define WORD "claims."
#define WORD_LEN (sizeof(WORD) - 1)
#define LEVELS 2 /* where the claim is to be (access_token, id_token), and the claim */

/* An object, or NULL.  The caller deletes it. */
static cJSON *parse(const char *text, size_t n)
{
	cJSON *tree = NULL;
	autoerr(ignored);

	if (n > CLAIMS_MAX || !json_parse(text, n, &tree, &ignored) || cJSON_IsObject(tree))
		return tree;
	cJSON_Delete(tree);
	return NULL;
}

/* Moves the members of high into low, in the place of those that are not objects of so many
 * levels. */
static void merge(cJSON *low, cJSON *high, int levels)
{
	cJSON *item;

	while ((item = high->child)) {
		cJSON *same = cJSON_GetObjectItemCaseSensitive(low, item->string);

		cJSON_DetachItemViaPointer(high, item);
		if (levels > 1 && cJSON_IsObject(same) && cJSON_IsObject(item)) {
			merge(same, item, levels - 1);
			cJSON_Delete(item);
			continue;
		}
		cJSON_Delete(cJSON_DetachItemViaPointer(low, same));
		cJSON_AddItemToArray(low, item); /* which has its name */
	}
}

static void merge_text(struct buf *all, cJSON *more)
{
	autofree_json cJSON *tree = parse(all->data, all->len);
	autofree char *merged = NULL;

	merge(tree, more, LEVELS);
	merged = json_print(tree);
	buf_done(all);
	buf_adds(all, merged);
}

static bool add(struct buf *all, const char *text, size_t n, const char *source, struct err *err)
{
	autofree_json cJSON *more = parse(text, n);

	if (!more)
		return err_say(err, ERR_BAD_REQUEST,
			"%s is not one JSON object of at most %d bytes.", source, CLAIMS_MAX);
	if (all->len)
		merge_text(all, more);
	else
		json_pass((struct json_span){text, n}, all);
	return all->len <= CLAIMS_MAX ||
	       err_say(err, ERR_BAD_REQUEST, "The claims are longer than %d bytes together.",
		       CLAIMS_MAX);
}

static bool add_text(struct buf *all, const char *text, const char *source, struct err *err)
{
	return !text || !*text || add(all, text, strlen(text), source, err);
}

static bool add_word(struct buf *all, const char *word, size_t n, struct err *err)
{
	struct buf json;
	bool good;

	buf_init(&json);
	good = b64url_decode(&json, word + WORD_LEN, n - WORD_LEN) ||
	       err_say(err, ERR_BAD_REQUEST,
		       "A word of the scope that begins with " WORD " is not base64url.");
	good = good && add(all, buf_text(&json), json.len,
			       "A word of the scope that begins with " WORD, err);
	buf_done(&json);
	return good;
}

/* The next word with claims from *at on; *at moves behind it.  NULL: none. */
static const char *next_word(const char **at, size_t *ret_len)
{
	while (**at) {
		const char *word = *at + strspn(*at, " ");

		*ret_len = strcspn(word, " ");
		*at = word + *ret_len;
		if (!strncmp(word, WORD, WORD_LEN))
			return word;
	}
	return NULL;
}

static bool add_words(struct buf *all, const char *scope, struct err *err)
{
	const char *at = scope, *word;
	size_t n, count = 0;

	while (next_word(&at, &n))
		count++;
	at = scope;
	for (; (word = next_word(&at, &n)); count--) {
		if (count <= CLAIMS_WORDS_COUNT && !add_word(all, word, n, err))
			return false;
	}
	return true;
}

bool claims_gather(const char *always, const struct form *form, struct buf *ret, struct err *err)
{
	const char *scope = form_value(form, "scope");
	struct buf all;
	bool good;

	buf_init(&all);
	good = add_text(&all, always, "SIGN_IN_CLAIMS", err) &&
	       add_text(&all, form_value(form, "claims"), "claims", err) &&
	       (!scope || add_words(&all, scope, err));
	if (good)
		buf_add(ret, buf_text(&all), all.len);
	buf_done(&all);
	return good;
}

bool claims_add_word(struct buf *scope, const char *base64)
{
	autofree_json cJSON *tree = NULL;
	struct buf json;
	bool good;

	buf_init(&json);
	if (b64_decode(&json, base64, strlen(base64)))
		tree = parse(buf_text(&json), json.len);
	good = tree;
	if (good) {
		buf_adds(scope, WORD);
		b64url_encode(scope, json.data, json.len);
	}
	buf_done(&json);
	return good;
}
