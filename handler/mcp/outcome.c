#include "mcp/outcome.h"

#include <stdlib.h>
#include <string.h>

void outcome_tree(struct outcome *outcome, cJSON *tree)
{
	outcome->json = outcome->owned = json_print(tree);
	outcome->len = strlen(outcome->json);
	cJSON_Delete(tree);
}

void outcome_text(struct outcome *outcome, struct buf *text)
{
	outcome->json = outcome->owned = text->data;
	outcome->len = text->len;
	buf_init(text);
}

void outcome_fixed(struct outcome *outcome, const char *json, size_t len)
{
	outcome->json = json;
	outcome->len = len;
}

void outcome_done(struct outcome *outcome)
{
	free(outcome->owned);
	cJSON_Delete(outcome->blocks);
	free(outcome->question.text);
	*outcome = (struct outcome){0};
}
