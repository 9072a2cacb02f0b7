#include "graph/pick_set.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define GRAPHS_NAME_BYTES_MAX 128

static const char NO_PATH[] =
	"is no path, such as \"subject\", \"from.emailAddress.name\" or \"toRecipients[].type\"";

bool pick_name_valid(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n; i++) {
		if (!isalnum((unsigned char)name[i]) && name[i] != '_')
			return false;
	}
	return n && n <= PICK_NAME_BYTES_MAX && isalpha((unsigned char)*name);
}

bool pick_members_known(const cJSON *object, const char *members, struct tool_problem *problem)
{
	const cJSON *other = tool_problem_other(object, members);

	return !other || tool_problem_set(problem, "", "knows no member %.32s", other->string);
}

/* Of Graph's: printable, and nothing that a path is made of. */
static bool is_graphs_name(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!isgraph((unsigned char)text[i]) || strchr("[]\"\\,", text[i]))
			return false;
	}
	return n && n <= GRAPHS_NAME_BYTES_MAX;
}

/* The part that the text begins with; its length in bytes, 0 when it is none. */
static size_t read_part(const char *text, struct pick_part *ret)
{
	size_t n = *text == '@' ? strlen(text) : strcspn(text, "."), name = n;

	ret->each = n > 2 && !memcmp(text + n - 2, "[]", 2);
	name -= ret->each ? 2 : 0;
	if (!is_graphs_name(text, name))
		return 0;
	ret->name = xstrndup(text, name);
	return n;
}

bool pick_path_read(const char *text, struct pick_path *ret)
{
	struct pick_path path = {.count = 0};
	bool good = true;

	while (good && path.count < PICK_PARTS_MAX) {
		size_t n = read_part(text, &path.parts[path.count]);

		good = n > 0;
		path.count += good;
		text += n;
		if (!good || !*text)
			break;
		text++;
	}
	if (good && !*text && path.count && text[-1] != '.') {
		*ret = path;
		return true;
	}
	pick_path_done(&path);
	return false;
}

void pick_path_done(struct pick_path *path)
{
	for (size_t i = 0; i < path->count; i++)
		free(path->parts[i].name);
	path->count = 0;
}

bool pick_path_is_many(const struct pick_path *path)
{
	for (size_t i = 0; i < path->count; i++) {
		if (path->parts[i].each)
			return true;
	}
	return false;
}

static bool read_path(
	const char *text, const char *place, struct pick *pick, struct tool_problem *problem)
{
	if (!text || !pick_path_read(text, &pick->path))
		return tool_problem_set(problem, place, "%s", NO_PATH);
	pick->many = pick_path_is_many(&pick->path);
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): json_parse bounds the depth */
static bool read_long_form(const cJSON *item, struct pick *pick, struct tool_problem *problem)
{
	const cJSON *html = cJSON_GetObjectItemCaseSensitive(item, "html");
	const cJSON *inner = cJSON_GetObjectItemCaseSensitive(item, "pick");

	if (!pick_members_known(item, "at pick html", problem) ||
		!read_path(json_string(item, "at"), "at", pick, problem))
		return false;
	if (html && !cJSON_IsTrue(html))
		return tool_problem_set(problem, "html", "is true or left out");
	if (!html == !inner)
		return tool_problem_set(problem, "", "has either pick or html beside at");
	pick->html = html != NULL;
	if (inner && !pick_set_read(inner, &pick->inner, problem))
		return tool_problem_within(problem, "pick");
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static bool read_pick(const cJSON *item, struct pick *pick, struct tool_problem *problem)
{
	bool good;

	if (!pick_name_valid(item->string))
		return tool_problem_set(problem, "",
			"has a name that is not 1 to 32 letters, digits and _, a letter first");
	pick->name = xstrdup(item->string);
	good = cJSON_IsObject(item) ? read_long_form(item, pick, problem)
				    : read_path(cJSON_GetStringValue(item), "", pick, problem);
	return good || tool_problem_within(problem, pick->name);
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
bool pick_set_read(const cJSON *pick, struct pick_set **ret, struct tool_problem *problem)
{
	int count = cJSON_IsObject(pick) ? cJSON_GetArraySize(pick) : 0;
	struct pick_set *set;
	const cJSON *item;

	if (count < 1 || count > PICKS_MAX)
		return tool_problem_set(problem, "", "is an object of 1 to %d picks", PICKS_MAX);
	set = xcalloc(1, sizeof(*set));
	cJSON_ArrayForEach(item, pick)
	{
		if (!read_pick(item, &set->picks[set->count++], problem)) {
			pick_set_free(set);
			return false;
		}
	}
	*ret = set;
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as it was read */
void pick_set_free(struct pick_set *set)
{
	for (size_t i = 0; set && i < set->count; i++) {
		free(set->picks[i].name);
		pick_path_done(&set->picks[i].path);
		pick_set_free(set->picks[i].inner);
	}
	free(set);
}

/* The pick that the n bytes name. */
static const struct pick *find(const struct pick_set *set, const char *name, size_t n)
{
	for (size_t i = 0; set && i < set->count; i++) {
		const char *known = set->picks[i].name;

		if (strlen(known) == n && !memcmp(known, name, n))
			return &set->picks[i];
	}
	return NULL;
}

bool pick_set_place(const struct pick_set *set, const char *name, struct buf *out)
{
	const struct pick *pick;
	size_t n;

	for (;; name += n + 1) {
		n = strcspn(name, ".");
		pick = find(set, name, n);
		if (!pick)
			return false;
		buf_adds(out, pick->name);
		if (!name[n])
			return true;
		buf_adds(out, pick->many ? "[]." : ".");
		set = pick->inner;
	}
}

void pick_set_select(const struct pick_set *set, struct buf *out)
{
	for (size_t i = 0; i < set->count; i++) {
		const char *name = set->picks[i].path.parts[0].name;

		if (*name == '@' || list_has(buf_text(out), ',', name))
			continue;
		if (out->len)
			buf_adds(out, ",");
		buf_adds(out, name);
	}
}
