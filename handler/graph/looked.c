#include "graph/looked.h"

#include "graph/pick.h"

/* How many there are where a path leads: of an array each element, be it empty.
 * NOLINTNEXTLINE(misc-no-recursion): as deep as the path is long */
static size_t count_at(const struct pick_path *path, size_t i, struct json_span value)
{
	struct json_span element = {NULL, 0}, member;
	bool last = i + 1 == path->count;
	size_t count = 0;

	if (!path->parts[i].each)
		return !last && json_find(value, path->parts[i + 1].name, &member)
			       ? count_at(path, i + 1, member)
			       : 1;
	while (json_next(value, &element))
		count += !last && json_find(element, path->parts[i + 1].name, &member)
				 ? count_at(path, i + 1, member)
				 : 1;
	return count;
}

static size_t length_of(struct json_span array)
{
	struct json_span element = {NULL, 0};
	size_t count = 0;

	while (json_next(array, &element))
		count++;
	return count;
}

bool looked_write(const struct pick_set *set, struct json_span answer, struct buf *out)
{
	struct json_span found, picked, object;
	bool whole = !json_find(answer, "@odata.nextLink", &found);
	size_t start = out->len;

	pick_write(set, answer, out);
	object = (struct json_span){out->data + start, out->len - start};
	for (size_t i = 0; i < set->count; i++) {
		const struct pick *pick = &set->picks[i];

		if (!pick->many || !json_find(answer, pick->path.parts[0].name, &found))
			continue;
		whole = whole && json_find(object, pick->name, &picked) &&
			count_at(&pick->path, 0, found) == length_of(picked);
	}
	return whole;
}
