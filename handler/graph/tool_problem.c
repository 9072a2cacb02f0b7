#include "graph/tool_problem.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"

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
