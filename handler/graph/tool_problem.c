#include "graph/tool_problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
	char inner[sizeof(problem->place)];
	const char *dot = *problem->place && *problem->place != '[' ? "." : "";

	memcpy(inner, problem->place, sizeof(inner));
	snprintf(problem->place, sizeof(problem->place), "%s%s%s", outer, dot, inner);
	return false;
}
