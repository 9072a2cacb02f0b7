/* XML of others, read as it comes in: the only file with expat.  It may be made to harm: no DOCTYPE
 * and so no entities, and bounds in depth, in the length of a tag and in memory. */
#ifndef CONTENT_XML_H
#define CONTENT_XML_H

#include <stdbool.h>
#include <stddef.h>

#define XML_DEPTH_MAX 64
#define XML_TOKEN_BYTES_MAX (256u << 10) /* of a tag, a comment; text comes in pieces */
#define XML_MEMORY_MAX (16u << 20)       /* bytes for all parsers of a thread */

/* A start tag.  Names have no prefix: what Office files need of namespaces is to overlook them. */
struct xml_tag {
	const char *name;
	const char *const *attributes; /* name, value, …, NULL; names with their prefix */
};

/* Each may be NULL but start.  Text is UTF-8, whole code points, in any number of pieces. */
struct xml_handlers {
	void (*start)(void *context, const struct xml_tag *tag);
	void (*end)(void *context, const char *name);
	void (*text)(void *context, const char *text, size_t n);
};

struct xml;

struct xml *xml_new(const struct xml_handlers *handlers, void *context);
/* False when the document is broken or beyond a bound, and nothing of it is read any more. */
bool xml_add(struct xml *xml, const char *bytes, size_t n);
/* Whether the document came to its end, and was one. */
bool xml_end(struct xml *xml);
void xml_free(struct xml *xml);

/* The value of the first attribute of that name, whatever its prefix; NULL: there is none. */
const char *xml_attribute(const struct xml_tag *tag, const char *name);
/* The same of one that has a prefix, such as r:id, for which there is an id as well. */
const char *xml_prefixed(const struct xml_tag *tag, const char *name);

#endif
