#include "graph/file_rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define WORDS_BYTES_MAX 200

static bool is_picked(const struct pick_set *picks, const char *name)
{
	for (size_t i = 0; i < picks->count; i++) {
		if (!strcmp(picks->picks[i].name, name))
			return true;
	}
	return false;
}

/* One more segment: "/content", "/$value". */
static bool is_segment(const char *path)
{
	size_t n = strspn(
		path + (*path == '/'), "$abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return *path == '/' && n && !path[n + 1] && n < 32;
}

static bool is_words(const char *text)
{
	return *text && strlen(text) <= WORDS_BYTES_MAX && !utf8_has_control(text);
}

bool file_rules_read(const cJSON *content, const struct pick_set *picks, struct file_rules *ret,
	struct tool_problem *problem)
{
	if (!tool_problem_free_of_others(content, "path needs type none", problem))
		return false;
	ret->path = xstrdup_if(json_string(content, "path"));
	ret->needs = xstrdup_if(json_string(content, "needs"));
	ret->type = xstrdup_if(json_string(content, "type"));
	ret->none = xstrdup_if(json_string(content, "none"));
	if (!ret->path || !is_segment(ret->path))
		return tool_problem_set(problem, "path",
			"is one segment behind the request's, such as \"/content\"");
	if (!ret->none || !is_words(ret->none))
		return tool_problem_set(problem, "none",
			"is a sentence of at most %d bytes for where there is no file",
			WORDS_BYTES_MAX);
	if (cJSON_HasObjectItem(content, "needs") && (!ret->needs || !is_picked(picks, ret->needs)))
		return tool_problem_set(problem, "needs", "names a pick");
	if (cJSON_HasObjectItem(content, "type") && (!ret->type || !is_words(ret->type)))
		return tool_problem_set(
			problem, "type", "is a media type, such as \"message/rfc822\"");
	return (is_picked(picks, "name") && is_picked(picks, "size") && is_picked(picks, "type")) ||
	       tool_problem_set(problem, "", "needs the picks name, size and type");
}

void file_rules_done(struct file_rules *rules)
{
	free(rules->path);
	free(rules->needs);
	free(rules->type);
	free(rules->none);
	*rules = (struct file_rules){.path = NULL};
}
