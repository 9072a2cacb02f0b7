#include "base/config_problem.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/config.h"

void config_note(struct config *config, const char *name, const char *format, ...)
{
	struct config_problem *entry;
	va_list args;

	if (config->problem_count == CONFIG_PROBLEMS_MAX)
		return;
	entry = &config->problems[config->problem_count++];
	entry->name = name;
	va_start(args, format);
	vsnprintf(entry->text, sizeof(entry->text), format, args);
	va_end(args);
}
