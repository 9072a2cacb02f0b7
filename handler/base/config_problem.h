/* What is wrong with the settings, kept by name. */
#ifndef BASE_CONFIG_PROBLEM_H
#define BASE_CONFIG_PROBLEM_H

#define CONFIG_PROBLEMS_MAX 52

struct config_problem {
	const char *name; /* the setting */
	char text[200];   /* what is wrong and what is expected; never the value */
};

struct config;

/* Notes a problem with a setting; before any other thread reads.  One too many is left out. */
void config_note(struct config *config, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
