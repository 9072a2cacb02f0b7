#include "graph/tool_arguments.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/date_time.h"
#include "base/text.h"
#include "graph/mailbox.h"

#define NAME_BYTES_MAX 64
#define INTEGER_MAX 9007199254740992.0 /* 2^53: beyond it a double skips integers */

static_assert(TOOL_VALUE_ROOM >= CLOCK_ISO_SIZE, "room for a moment");
static_assert(TOOL_VALUE_ROOM >= INT_DIGITS_SIZE, "room for a number");

#define SCHEMA_MEMBERS                                                                             \
	"type description title enum format default examples pattern minLength maxLength minimum " \
	"maximum items minItems maxItems uniqueItems"

/* NULL when the value is one of that argument's; else what it must be. */
static const char *flaw_of(const struct tool_argument *argument, const cJSON *value)
{
	const cJSON *item;
	int64_t unix_s;

	switch (argument->kind) {
	case ARGUMENT_TEXT:
		return cJSON_IsString(value) ? NULL : "a string";
	case ARGUMENT_DATE_TIME:
		return cJSON_IsString(value) && date_time_read(value->valuestring, &unix_s)
			       ? NULL
			       : "a date and time with an offset or Z; for "
				 "example " DATE_TIME_EXAMPLE;
	case ARGUMENT_INTEGER:
		return cJSON_IsNumber(value) && fabs(value->valuedouble) <= INTEGER_MAX &&
				       floor(value->valuedouble) == value->valuedouble
			       ? NULL
			       : "an integer";
	case ARGUMENT_BOOLEAN:
		return cJSON_IsBool(value) ? NULL : "true or false";
	case ARGUMENT_LIST:
		cJSON_ArrayForEach(item, value)
		{
			if (!cJSON_IsString(item))
				return "an array of strings";
		}
		return cJSON_IsArray(value) ? NULL : "an array of strings";
	case ARGUMENT_CHOICE:
		cJSON_ArrayForEach(item, argument->values)
		{
			if (cJSON_Compare(item, value, true))
				return NULL;
		}
	}
	return "one of the values that its schema lists";
}

/* A name or a number at most: nothing that a quotation mark would be needed around. */
static bool is_bare(const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				"0123456789._-");

	return n && !text[n];
}

static bool read_enum(
	const cJSON *values, struct tool_argument *argument, struct tool_problem *problem)
{
	const cJSON *value;

	if (!cJSON_IsArray(values) || !values->child)
		return tool_problem_set(problem, "enum", "This must be an array of strings.");
	argument->kind = ARGUMENT_CHOICE;
	argument->bare = true;
	cJSON_ArrayForEach(value, values)
	{
		if (!cJSON_IsString(value) || utf8_has_control(value->valuestring))
			return tool_problem_set(problem, "enum",
				"Its values must be strings without control characters.");
		argument->bare &= is_bare(value->valuestring);
	}
	argument->values = or_die(cJSON_Duplicate(values, true));
	return true;
}

static bool read_string(
	const cJSON *schema, struct tool_argument *argument, struct tool_problem *problem)
{
	const cJSON *values = cJSON_GetObjectItemCaseSensitive(schema, "enum");
	const cJSON *format = cJSON_GetObjectItemCaseSensitive(schema, "format");

	argument->kind = ARGUMENT_TEXT;
	if (values && format)
		return tool_problem_set(
			problem, "format", "A string has an enum or a format, not both.");
	if (values)
		return read_enum(values, argument, problem);
	if (!format)
		return true;
	argument->kind = ARGUMENT_DATE_TIME;
	argument->bare = true;
	return text_is(cJSON_GetStringValue(format), "date-time") ||
	       tool_problem_set(problem, "format", "The only format known is date-time.");
}

static bool read_kind(
	const cJSON *schema, struct tool_argument *argument, struct tool_problem *problem)
{
	const char *type = json_string(schema, "type");
	const cJSON *items = cJSON_GetObjectItemCaseSensitive(schema, "items");

	if (text_is(type, "string"))
		return read_string(schema, argument, problem);
	if (cJSON_HasObjectItem(schema, "enum") || cJSON_HasObjectItem(schema, "format"))
		return tool_problem_set(
			problem, "type", "Only a string can have an enum or a format.");
	argument->bare = true;
	if (text_is(type, "integer"))
		argument->kind = ARGUMENT_INTEGER;
	else if (text_is(type, "boolean"))
		argument->kind = ARGUMENT_BOOLEAN;
	else if (text_is(type, "array") && text_is(json_string(items, "type"), "string"))
		argument->kind = ARGUMENT_LIST;
	else
		return tool_problem_set(problem, "type",
			"This must be string, integer, boolean or array, with items of type "
			"string.");
	return true;
}

static bool read_schema(
	const cJSON *schema, struct tool_argument *argument, struct tool_problem *problem)
{
	const cJSON *fallback = cJSON_GetObjectItemCaseSensitive(schema, "default");
	const char *wanted;

	if (!tool_problem_free_of_others(schema, SCHEMA_MEMBERS, problem) ||
		!read_kind(schema, argument, problem))
		return false;
	wanted = fallback ? flaw_of(argument, fallback) : NULL;
	if (wanted)
		return tool_problem_set(problem, "default", "This must be %s.", wanted);
	argument->fallback = fallback ? or_die(cJSON_Duplicate(fallback, true)) : NULL;
	argument->always = fallback != NULL;
	return true;
}

static bool read_argument(
	const cJSON *schema, struct tool_arguments *ret, struct tool_problem *problem)
{
	struct tool_argument *argument = &ret->at[ret->count];

	if (ret->count == TOOL_ARGUMENTS_MAX)
		return tool_problem_set(
			problem, "", "There are more than %d arguments.", TOOL_ARGUMENTS_MAX);
	if (!text_is_name(schema->string, NAME_BYTES_MAX) ||
		list_has("limit cursor item", ' ', schema->string))
		return tool_problem_set(problem, schema->string,
			"An argument's name is of a-z, 0-9 and _, begins with a letter, and is not "
			"limit, cursor or item.");
	argument->name = xstrdup(schema->string);
	ret->count++;
	return read_schema(schema, argument, problem) ||
	       tool_problem_within(problem, schema->string);
}

static bool read_required(
	const cJSON *required, struct tool_arguments *ret, struct tool_problem *problem)
{
	const cJSON *name;

	if (required && !cJSON_IsArray(required))
		return tool_problem_set(
			problem, "required", "This must be an array of arguments' names.");
	cJSON_ArrayForEach(name, required)
	{
		const char *text = cJSON_GetStringValue(name);
		int index = text ? tool_arguments_find(ret, text, strlen(text)) : -1;

		if (index < 0)
			return tool_problem_set(
				problem, "required", "It names what is no argument.");
		ret->at[index].always = true;
	}
	return true;
}

bool tool_arguments_read(const cJSON *arguments, const cJSON *required, struct tool_arguments *ret,
	struct tool_problem *problem)
{
	const cJSON *schema;

	*ret = (struct tool_arguments){.count = 0};
	ret->at[ARGUMENT_ITEM] = (struct tool_argument){
		.name = xstrdup("item"), .kind = ARGUMENT_TEXT};
	if (arguments && !cJSON_IsObject(arguments))
		return tool_problem_set(problem, "arguments", "This must be an object.");
	cJSON_ArrayForEach(schema, arguments)
	{
		if (!read_argument(schema, ret, problem))
			return tool_problem_within(problem, "arguments");
	}
	return read_required(required, ret, problem);
}

void tool_arguments_done(struct tool_arguments *arguments)
{
	for (size_t i = 0; i <= ARGUMENT_ITEM; i++) {
		free(arguments->at[i].name);
		cJSON_Delete(arguments->at[i].values);
		cJSON_Delete(arguments->at[i].fallback);
	}
	*arguments = (struct tool_arguments){.count = 0};
}

int tool_arguments_find(const struct tool_arguments *arguments, const char *name, size_t n)
{
	for (size_t i = 0; i < arguments->count; i++) {
		const char *known = arguments->at[i].name;

		if (!strncmp(known, name, n) && !known[n])
			return (int)i;
	}
	return -1;
}

bool tool_values_read(const struct tool_arguments *arguments, const cJSON *object,
	struct tool_values *ret, struct err *err)
{
	*ret = (struct tool_values){.arguments = arguments};
	for (size_t i = 0; i < arguments->count; i++) {
		const struct tool_argument *argument = &arguments->at[i];
		const cJSON *given = json_given(object, argument->name);
		const char *wanted = given ? flaw_of(argument, given) : NULL;

		if (wanted)
			return err_say(
				err, ERR_BAD_REQUEST, "%s must be %s.", argument->name, wanted);
		ret->at[i] = given ? given : argument->fallback;
		ret->given |= given ? 1u << i : 0;
		ret->has |= ret->at[i] ? 1u << i : 0;
	}
	return !arguments->mailbox || mailbox_read(object, &ret->mailbox, err);
}

const char *tool_values_text(
	const struct tool_values *values, size_t index, char room[TOOL_VALUE_ROOM])
{
	const cJSON *value = values->at[index];
	int64_t unix_s = 0;

	switch (values->arguments->at[index].kind) {
	case ARGUMENT_DATE_TIME:
		date_time_read(value->valuestring, &unix_s);
		clock_iso(unix_s, room);
		return room;
	case ARGUMENT_INTEGER:
		return int_digits((int64_t)value->valuedouble, room);
	case ARGUMENT_BOOLEAN:
		return cJSON_IsTrue(value) ? "true" : "false";
	default:
		assert(cJSON_IsString(value));
		return value->valuestring;
	}
}
