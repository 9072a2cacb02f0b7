#include "graph/confirm_text.h"

#include <string.h>

#include "graph/shown.h"

#define TEXT_BYTES_MAX 4000 /* of one value: what a person may be asked to read */
#define NAME_BYTES_MAX 100  /* of a person, who chose it: their address is not to be behind it */

/* On the way through a line. */
struct pieces {
	const char *at, *end;
	struct json_span piece;
	bool is_name;
	bool broken; /* a brace without its other half */
};

static bool take(struct pieces *pieces, size_t n)
{
	pieces->piece = (struct json_span){pieces->at, n};
	pieces->at += n;
	return true;
}

/* The next piece: text, or a name without its braces; {{ and }} are the braces themselves. */
static bool next_piece(struct pieces *pieces)
{
	size_t left = (size_t)(pieces->end - pieces->at), n = 0;
	const char *close;

	pieces->is_name = false;
	if (!left)
		return false;
	while (n < left && pieces->at[n] != '{' && pieces->at[n] != '}')
		n++;
	if (n)
		return take(pieces, n);
	if (left > 1 && pieces->at[1] == *pieces->at) {
		pieces->at++;
		return take(pieces, 1);
	}
	close = memchr(pieces->at, '}', left);
	pieces->broken = *pieces->at == '}' || !close;
	if (pieces->broken)
		return false;
	pieces->is_name = true;
	pieces->at++;
	take(pieces, (size_t)(close - pieces->at));
	pieces->at++;
	return true;
}

static struct pieces pieces_of(struct json_span line)
{
	return (struct pieces){.at = line.text, .end = line.text + line.len};
}

/* The first line when line->text is NULL, else the one behind it. */
static bool next_line(const char *text, struct json_span *line)
{
	const char *at = line->text ? line->text + line->len : text;

	if (line->text && !*at++)
		return false;
	*line = (struct json_span){at, strcspn(at, "\n")};
	return true;
}

static const struct pick *find_pick(const struct pick_set *set, const char *name, size_t n)
{
	for (size_t i = 0; set && i < set->count; i++) {
		if (strlen(set->picks[i].name) == n && !memcmp(set->picks[i].name, name, n))
			return &set->picks[i];
	}
	return NULL;
}

bool confirm_names_have(const struct confirm_names *names, const char *name, size_t n)
{
	return tool_arguments_find(names->arguments, name, n) >= 0 ||
	       find_pick(names->looked, name, n);
}

bool confirm_text_check(
	const char *text, const struct confirm_names *names, struct tool_problem *problem)
{
	struct json_span line = {NULL, 0};

	while (next_line(text, &line)) {
		struct pieces pieces = pieces_of(line);

		while (next_piece(&pieces)) {
			size_t n = pieces.piece.len;

			if (pieces.is_name && !confirm_names_have(names, pieces.piece.text, n))
				return tool_problem_set(problem, "",
					"{%.*s} is no argument, and nothing that is looked at.",
					n < 64 ? (int)n : 64, pieces.piece.text);
		}
		if (pieces.broken)
			return tool_problem_set(problem, "",
				"A brace lacks its other half; {{ and }} are the braces "
				"themselves.");
	}
	return *text || tool_problem_set(problem, "", "This must be a text.");
}

const cJSON *confirm_values_find(const struct confirm_values *values, const char *name, size_t n)
{
	int index = tool_arguments_find(values->arguments->arguments, name, n);
	const cJSON *member;

	if (index >= 0)
		return values->arguments->at[index];
	cJSON_ArrayForEach(member, values->looked)
	{
		if (strlen(member->string) == n && !memcmp(member->string, name, n))
			return cJSON_IsNull(member) ? NULL : member;
	}
	return NULL;
}

static void add_person(const cJSON *person, struct buf *out)
{
	const char *name = json_string(person, "name"), *address = json_string(person, "address");

	if (name && *name) {
		shown_add(name, NAME_BYTES_MAX, out);
		buf_adds(out, " ");
	}
	buf_adds(out, "<");
	shown_add(address ? address : "no address", TEXT_BYTES_MAX, out);
	buf_adds(out, ">");
}

static void add_one(const cJSON *value, struct buf *out)
{
	if (cJSON_IsObject(value)) {
		add_person(value, out);
	} else if (cJSON_IsBool(value)) {
		buf_adds(out, cJSON_IsTrue(value) ? "yes" : "no");
	} else if (cJSON_IsString(value)) {
		shown_add(value->valuestring, TEXT_BYTES_MAX, out);
	} else {
		autofree char *text = json_print(value);

		shown_add(text, TEXT_BYTES_MAX, out);
	}
}

/* Of a list every element, however many: the one that is left out may be the one that matters. */
static void add_value(const cJSON *value, struct buf *out)
{
	const cJSON *item;

	if (!cJSON_IsArray(value)) {
		add_one(value, out);
		return;
	}
	cJSON_ArrayForEach(item, value)
	{
		buf_adds(out, item == value->child ? "" : ", ");
		add_one(item, out);
	}
}

/* False: a name is not there. */
static bool write_line(struct json_span line, const struct confirm_values *values, struct buf *out)
{
	struct pieces pieces = pieces_of(line);

	while (next_piece(&pieces)) {
		const struct json_span *piece = &pieces.piece;
		const cJSON *value;

		if (!pieces.is_name) {
			buf_add(out, piece->text, piece->len);
			continue;
		}
		value = confirm_values_find(values, piece->text, piece->len);
		if (!value || (cJSON_IsArray(value) && !value->child))
			return false;
		add_value(value, out);
	}
	return true;
}

void confirm_text_write(const char *text, const struct confirm_values *values, struct buf *out)
{
	struct json_span line = {NULL, 0};
	size_t start = out->len;

	while (next_line(text, &line)) {
		size_t before = out->len;

		buf_adds(out, before > start ? "\n" : "");
		if (!write_line(line, values, out))
			buf_cut(out, before);
	}
}
