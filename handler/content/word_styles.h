/* Which of a Word document's styles are those of headings and of lists. */
#ifndef CONTENT_WORD_STYLES_H
#define CONTENT_WORD_STYLES_H

#include <stdbool.h>

#include "content/zip.h"

#define WORD_STYLES_MAX 1024 /* more are not looked at; so is a long name */
#define WORD_STYLE_NAME_MAX 64

struct word_style {
	char id[WORD_STYLE_NAME_MAX], based_on[WORD_STYLE_NAME_MAX];
	int heading; /* 1 to 9; 0: none */
	bool list;
};

struct word_styles {
	struct word_style *items;
	size_t count;
};

/* Fills *ret, to be freed with word_styles_done, whatever it returns: NULL or a public sentence.
 * part NULL: the document has none. */
const char *word_styles_read(struct zip *zip, const char *part, struct word_styles *ret);
void word_styles_done(struct word_styles *styles);

/* NULL: there is none of that id. */
const struct word_style *word_styles_find(const struct word_styles *styles, const char *id);

#endif
