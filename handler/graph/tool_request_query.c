#include "graph/tool_request_query.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define TEXTS_MAX 16 /* that are joined to one value */

enum join {
	JOIN_NONE, /* one text */
	JOIN_AND,  /* clauses of a $filter */
	JOIN_KQL,  /* the words of a $search */
};

struct tool_parameter {
	char *name;
	enum join join;
	struct tool_node value; /* a text; of a join: a NODE_ARRAY of them */
};

static bool refuse(const struct template_reader *reader, const char *place, const char *why)
{
	return tool_problem_set(reader->problem, place, "%s", why);
}

static bool is_constant(const struct tool_node *text)
{
	return text->kind == NODE_TEXT && !text->when && !text->unless &&
	       template_is_constant(&text->text);
}

/* Graph wants what is ordered by to stand first in a filter, and that is there in every call. */
static void put_constant_first(struct tool_node *texts)
{
	size_t constant = 0;

	for (size_t i = 0; i < texts->count; i++) {
		struct tool_node text = texts->inner[i];

		if (!is_constant(&text))
			continue;
		memmove(&texts->inner[constant + 1], &texts->inner[constant],
			(i - constant) * sizeof(text));
		texts->inner[constant++] = text;
	}
}

static bool read_joined(const struct template_reader *reader, const cJSON *value,
	const char *member, struct tool_parameter *ret)
{
	struct template_reader within = *reader;
	const cJSON *texts = cJSON_GetObjectItemCaseSensitive(value, member);

	within.ground = ret->join == JOIN_KQL ? GROUND_KQL : GROUND_CLAUSE;
	if (cJSON_GetArraySize(texts) > TEXTS_MAX)
		return refuse(reader, member, "These are more texts than can be joined.");
	if (!tool_node_read_texts(&within, texts, &ret->value))
		return tool_problem_within(reader->problem, member);
	if (ret->join == JOIN_AND)
		put_constant_first(&ret->value);
	return tool_node_read_conditions(reader, value, &ret->value);
}

static bool read_select(const struct template_reader *reader, const char *name, const char *select,
	struct tool_parameter *ret)
{
	if (strcmp(name, "$select") != 0)
		return refuse(reader, "", "Only $select can be true.");
	if (!select)
		return refuse(reader, "", "The result picks no properties to select.");
	return template_read(reader, select, &ret->value.text);
}

static bool read_value(const struct template_reader *reader, const cJSON *value, const char *select,
	struct tool_parameter *ret)
{
	const cJSON *all = cJSON_GetObjectItemCaseSensitive(value, "all");
	const cJSON *kql = cJSON_GetObjectItemCaseSensitive(value, "kql");

	if (cJSON_IsTrue(value))
		return read_select(reader, value->string, select, ret);
	if (!all && !kql)
		return tool_node_read(reader, value, &ret->value);
	ret->join = all ? JOIN_AND : JOIN_KQL;
	return tool_problem_free_of_others(
		       value, all ? "all when unless" : "kql when unless", reader->problem) &&
	       read_joined(reader, value, all ? "all" : "kql", ret);
}

static bool name_fits(const char *name)
{
	const char *plain = name + (*name == '$');
	size_t n = strspn(plain, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				 "0123456789._-");

	return n && !plain[n];
}

static bool is_of_pages(const char *name, const struct page_rules *pages)
{
	return !strcasecmp(name, "$skip") || !strcasecmp(name, "$skiptoken") ||
	       (pages && pages->size_parameter && !strcasecmp(name, pages->size_parameter));
}

static bool read_parameter(const struct template_reader *reader, const cJSON *value,
	const struct tool_request_facts *facts, struct tool_parameter *ret)
{
	if (!name_fits(value->string))
		return refuse(reader, "",
			"A parameter's name is of letters, digits and ._- alone, "
			"perhaps behind a $.");
	if (is_of_pages(value->string, facts->pages))
		return refuse(reader, "", "This parameter is put by the result's page.");
	ret->name = xstrdup(value->string);
	return read_value(reader, value, facts->select, ret);
}

bool tool_query_read(const struct template_reader *reader, const cJSON *query,
	const struct tool_request_facts *facts, struct tool_query *ret)
{
	const cJSON *value;

	*ret = (struct tool_query){.count = 0};
	if (query && !cJSON_IsObject(query))
		return refuse(reader, "", "This must be an object.");
	ret->parameters = xcalloc((size_t)cJSON_GetArraySize(query) + 1, sizeof(*ret->parameters));
	if (facts->pages)
		ret->size_parameter = xstrdup_if(facts->pages->size_parameter);
	cJSON_ArrayForEach(value, query)
	{
		if (!read_parameter(reader, value, facts, &ret->parameters[ret->count++]))
			return tool_problem_within(reader->problem, value->string);
	}
	return true;
}

void tool_query_done(struct tool_query *query)
{
	for (size_t i = 0; i < query->count; i++) {
		free(query->parameters[i].name);
		tool_node_done(&query->parameters[i].value);
	}
	free(query->parameters);
	free(query->size_parameter);
	*query = (struct tool_query){.count = 0};
}

/* The texts of a joined value that are there. */
struct joined {
	const struct template *texts[TEXTS_MAX];
	size_t count;
};

static void find(
	const struct tool_node *value, const struct tool_values *values, struct joined *ret)
{
	ret->count = 0;
	for (size_t i = 0; i < value->count; i++) {
		const struct tool_node *text = tool_node_find(&value->inner[i], values);

		if (text)
			ret->texts[ret->count++] = &text->text;
	}
}

/* Whether a text stands in parentheses, so that it stays one clause beside the others. */
static bool is_wrapped(enum join join, const struct joined *joined, size_t i)
{
	const struct template *text = joined->texts[i];
	bool own_words = template_is_argument(text) && text->pieces->place == PLACE_WORDS;

	return join == JOIN_AND ? text->splits : joined->count > 1 && (text->splits || own_words);
}

static bool write_texts(enum join join, const struct joined *joined,
	const struct tool_values *values, struct buf *out, struct err *err)
{
	for (size_t i = 0; i < joined->count; i++) {
		bool wrapped = is_wrapped(join, joined, i);

		buf_adds(out, i == 0 ? "" : join == JOIN_KQL ? " AND " : " and ");
		buf_adds(out, wrapped ? "(" : "");
		if (!template_write(joined->texts[i], values, out, err))
			return false;
		buf_adds(out, wrapped ? ")" : "");
	}
	return true;
}

static void add_parameter(const char *name, const char *value, struct buf *out)
{
	buf_adds(out, out->len ? "&" : "");
	buf_adds(out, name);
	buf_adds(out, "=");
	buf_add_urlencoded(out, value);
}

/* The whole of a $search is one quoted text ("Use the $search query parameter"). */
static bool add_search(const char *name, const char *kql, struct buf *out, struct err *err)
{
	struct template_placed placed = {.name = name, .text = kql};
	struct buf quoted;
	bool good;

	buf_init(&quoted);
	buf_adds(&quoted, "\"");
	good = template_place_put(PLACE_ESCAPED, &placed, &quoted, err);
	buf_adds(&quoted, "\"");
	if (good)
		add_parameter(name, buf_text(&quoted), out);
	buf_done(&quoted);
	return good;
}

static bool write_joined(const struct tool_parameter *parameter, const struct tool_values *values,
	struct buf *out, struct err *err)
{
	struct joined joined;
	struct buf value;
	bool good;

	find(&parameter->value, values, &joined);
	buf_init(&value);
	good = write_texts(parameter->join, &joined, values, &value, err);
	if (good && joined.count && parameter->join == JOIN_KQL)
		good = add_search(parameter->name, value.data, out, err);
	else if (good && joined.count)
		add_parameter(parameter->name, buf_text(&value), out);
	buf_done(&value);
	return good;
}

static bool write_parameter(const struct tool_parameter *parameter,
	const struct tool_values *values, struct buf *out, struct err *err)
{
	const struct tool_node *there = tool_node_find(&parameter->value, values);
	struct buf value;
	bool good;

	if (!there)
		return true;
	if (parameter->join != JOIN_NONE)
		return write_joined(parameter, values, out, err);
	buf_init(&value);
	good = template_write(&there->text, values, &value, err);
	if (good)
		add_parameter(parameter->name, buf_text(&value), out);
	buf_done(&value);
	return good;
}

static void write_page(const struct tool_query *query, const struct page *page, struct buf *out)
{
	char digits[INT_DIGITS_SIZE];

	if (query->size_parameter)
		add_parameter(query->size_parameter, int_digits(page->size, digits), out);
	if (page->by == PAGE_SKIP)
		add_parameter("$skip", page->at, out);
	else if (page->by == PAGE_SKIPTOKEN)
		add_parameter("$skiptoken", page->at, out);
}

bool tool_query_write(const struct tool_query *query, const struct tool_values *values,
	const struct page *page, struct buf *out, struct err *err)
{
	for (size_t i = 0; i < query->count; i++) {
		if (!write_parameter(&query->parameters[i], values, out, err))
			return false;
	}
	if (page)
		write_page(query, page, out);
	return true;
}
