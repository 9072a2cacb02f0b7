/* What sort of file it is, told by its first bytes.  What its name and its server say of it only
 * chooses among texts. */
#ifndef CONTENT_KIND_H
#define CONTENT_KIND_H

#include "content/content.h"

enum kind_form {
	KIND_OTHER,
	KIND_IMAGE,
	KIND_PDF,
	KIND_ZIP, /* an Office file, or another that is a zip */
	KIND_HTML,
	KIND_EMAIL,
	KIND_PLAIN, /* text as it is, in some format or none */
};

struct kind {
	enum kind_form form;
	const char *media_type; /* NULL: KIND_OTHER, KIND_ZIP */
	const char *why;        /* KIND_OTHER: a public sentence */
};

struct kind kind_of(const struct content_file *file);

#endif
