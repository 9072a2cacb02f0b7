#include "mcp/schema_refuse.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

#define EXAMPLE_MAX_BYTES 48

/* NOLINTNEXTLINE(misc-no-recursion): as deep as our own schema */
struct place_path place_path(const struct place *place)
{
	struct place_path outer, path = {""};

	if (!place->outer)
		return path;
	outer = place_path(place->outer);
	if (place->name)
		snprintf(path.text, sizeof(path.text), "%.45s%s%.32s", outer.text,
			*outer.text ? "." : "", place->name);
	else
		snprintf(path.text, sizeof(path.text), "%.60s[%d]",
			*outer.text ? outer.text : "The value", place->index);
	return path;
}

struct place_path place_subject(const struct place *place)
{
	struct place_path path = place_path(place);

	return *path.text ? path : (struct place_path){"The value"};
}

/* With the schema's example behind it, where it has one and there is room. */
bool schema_say(struct err *err, const struct schema *schema, const char *sentence)
{
	static const char LINK[] = "; for example ";
	autofree char *example = NULL;
	size_t room = SENTENCE_MAX_BYTES - strlen(sentence);

	if (schema && schema->example)
		example = json_print(schema->example);
	if (!example || strlen(example) > EXAMPLE_MAX_BYTES ||
		sizeof(LINK) + strlen(example) > room)
		return err_say(err, ERR_BAD_REQUEST, "%s.", sentence);
	return err_say(err, ERR_BAD_REQUEST, "%s%s%s.", sentence, LINK, example);
}

bool schema_refuse(struct err *err, const struct schema *schema, const struct place *place,
	const char *rule_format, ...)
{
	char rule[96], sentence[SENTENCE_MAX_BYTES];
	va_list args;

	va_start(args, rule_format);
	vsnprintf(rule, sizeof(rule), rule_format, args);
	va_end(args);
	snprintf(sentence, sizeof(sentence), "%s %s", place_subject(place).text, rule);
	return schema_say(err, schema, sentence);
}
