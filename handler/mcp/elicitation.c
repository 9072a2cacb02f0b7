#include "mcp/elicitation.h"

#include "base/text.h"

#define BOX "confirm"

static const cJSON *elicitation_of(const cJSON *capabilities)
{
	const cJSON *elicitation = cJSON_GetObjectItemCaseSensitive(capabilities, "elicitation");

	return cJSON_IsObject(elicitation) ? elicitation : NULL;
}

static bool has_mode(const cJSON *elicitation, const char *mode)
{
	return cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(elicitation, mode));
}

bool elicitation_takes_forms(const cJSON *capabilities)
{
	const cJSON *elicitation = elicitation_of(capabilities);

	return elicitation && (!elicitation->child || has_mode(elicitation, "form"));
}

bool elicitation_takes_urls(const cJSON *capabilities)
{
	return has_mode(elicitation_of(capabilities), "url");
}

static cJSON *start(const char *mode, const char *text)
{
	cJSON *params = or_die(cJSON_CreateObject());

	json_add(params, "mode", mode);
	json_add(params, "message", text);
	return params;
}

cJSON *elicitation_form(const char *text)
{
	cJSON *params = start("form", text);
	cJSON *schema = json_add_object(params, "requestedSchema"), *box;

	json_add(schema, "type", "object");
	box = json_add_object(json_add_object(schema, "properties"), BOX);
	json_add(box, "type", "boolean");
	json_add(box, "title", "Yes, do this");
	json_add_strings(schema, "required", JSON_STRINGS(BOX));
	return params;
}

cJSON *elicitation_url(const char *text, const char *url)
{
	cJSON *params = start("url", text);

	json_add(params, "url", url);
	return params;
}

enum person_answer elicitation_answer(const cJSON *result)
{
	const char *action = json_string(result, "action");
	const cJSON *content = cJSON_GetObjectItemCaseSensitive(result, "content");

	if (text_is(action, "accept"))
		return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(content, BOX))
			       ? PERSON_AGREES
			       : PERSON_DECLINES;
	if (text_is(action, "decline"))
		return PERSON_DECLINES;
	return text_is(action, "cancel") ? PERSON_CANCELS : PERSON_SILENT;
}
