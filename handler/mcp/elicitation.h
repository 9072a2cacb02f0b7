/* Questions to the person in front of a client (MCP 2025-06-18 to 2026-07-28, "Elicitation"), as
 * JSON: whether a client takes them, how they are put, how they are answered. */
#ifndef MCP_ELICITATION_H
#define MCP_ELICITATION_H

#include "base/json.h"
#include "base/question.h"

/* Whether capabilities (NULL: none) say so.  Of the elicitation that names no mode a form is meant.
 */
bool elicitation_takes_forms(const cJSON *capabilities);
bool elicitation_takes_urls(const cJSON *capabilities);

/* The params of elicitation/create: a form with one box to tick, or a page to open. */
cJSON *elicitation_form(const char *text);
cJSON *elicitation_url(const char *text, const char *url);

/* What a form was answered with: agreed is only who accepted with the box ticked. */
enum person_answer elicitation_answer(const cJSON *result);

#endif
