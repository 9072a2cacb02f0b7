#include "graph/tool_problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

bool tool_problem_set(struct tool_problem *problem, const char *place, const char *format, ...)
{
	va_list args;

	snprintf(problem->place, sizeof(problem->place), "%s", place);
	va_start(args, format);
	vsnprintf(problem->text, sizeof(problem->text), format, args);
	va_end(args);
	return false;
}

bool tool_problem_within(struct tool_problem *problem, const char *outer)
{
	const char *dot = *problem->place && *problem->place != '[' ? "." : "";
	struct buf whole;

	buf_init(&whole);
	buf_addf(&whole, "%s%s%s", outer, dot, problem->place);
	snprintf(problem->place, sizeof(problem->place), "%s", buf_text(&whole));
	buf_done(&whole);
	return false;
}

bool tool_problem_within_item(struct tool_problem *problem, size_t index)
{
	char outer[32];

	snprintf(outer, sizeof(outer), "[%zu]", index);
	return tool_problem_within(problem, outer);
}

/* Of the character that the text begins with; 0: it begins with none. */
static size_t char_bytes(const char *text)
{
	size_t most = strnlen(text, 4);

	for (size_t n = 1; n <= most; n++) {
		if (utf8_valid(text, n))
			return n;
	}
	return 0;
}

static void as_text(char *text)
{
	while (*text) {
		size_t n = char_bytes(text);

		if (!n)
			*text = '?';
		text += n ? n : 1;
	}
}

void tool_problem_as_text(struct tool_problem *problem)
{
	as_text(problem->file);
	as_text(problem->place);
	as_text(problem->text);
}

const cJSON *tool_problem_other(const cJSON *object, const char *members)
{
	const cJSON *member;

	cJSON_ArrayForEach(member, object)
	{
		if (!list_has(members, ' ', member->string))
			return member;
	}
	return NULL;
}

bool tool_problem_free_of_others(
	const cJSON *json, const char *members, struct tool_problem *problem)
{
	const cJSON *other;

	if (!cJSON_IsObject(json))
		return tool_problem_set(problem, "", "This must be an object.");
	other = tool_problem_other(json, members);
	return !other || tool_problem_set(problem, other->string,
				 "There is no such member; those known here are: %s.", members);
}
