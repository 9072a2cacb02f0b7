#include "content/xml.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <expat.h>

#include "base/alloc.h"

struct xml {
	const struct xml_handlers *handlers;
	void *context;
	XML_Parser parser;
	int depth;
	size_t token; /* bytes since the parser last made something of them */
	bool broken;
};

/* Expat keeps every name it has seen, and its memory functions know of no parser: so what its
 * parsers have is counted by thread. */
static _Thread_local size_t in_use;

static void *take(size_t size)
{
	void *p = malloc(size);

	if (!p)
		return NULL;
	in_use += malloc_usable_size(p);
	if (in_use <= XML_MEMORY_MAX)
		return p;
	in_use -= malloc_usable_size(p);
	free(p);
	return NULL;
}

static void give_back(void *p)
{
	if (p)
		in_use -= malloc_usable_size(p);
	free(p);
}

static void *resize(void *p, size_t size)
{
	size_t had = p ? malloc_usable_size(p) : 0;
	void *ret = take(size);

	if (ret && p) {
		memcpy(ret, p, had < size ? had : size);
		give_back(p);
	}
	return ret;
}

static void refuse(struct xml *xml)
{
	xml->broken = true;
	XML_StopParser(xml->parser, XML_FALSE);
}

static const char *local(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon ? colon + 1 : name;
}

static void XMLCALL on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
	struct xml *xml = context;
	struct xml_tag tag = {local(name), attributes};

	xml->token = 0;
	if (++xml->depth > XML_DEPTH_MAX)
		refuse(xml);
	if (!xml->broken)
		xml->handlers->start(xml->context, &tag);
}

static void XMLCALL on_end(void *context, const XML_Char *name)
{
	struct xml *xml = context;

	xml->token = 0;
	xml->depth--;
	if (!xml->broken && xml->handlers->end)
		xml->handlers->end(xml->context, local(name));
}

static void XMLCALL on_text(void *context, const XML_Char *text, int n)
{
	struct xml *xml = context;

	xml->token = 0;
	if (!xml->broken && xml->handlers->text)
		xml->handlers->text(xml->context, text, (size_t)n);
}

/* Comments and the like. */
static void XMLCALL on_other(void *context, const XML_Char *text, int n)
{
	struct xml *xml = context;

	(void)text;
	(void)n;
	xml->token = 0;
}

static void XMLCALL on_doctype(
	void *context, const XML_Char *name, const XML_Char *sys, const XML_Char *pub, int internal)
{
	(void)name;
	(void)sys;
	(void)pub;
	(void)internal;
	refuse(context);
}

struct xml *xml_new(const struct xml_handlers *handlers, void *context)
{
	static const XML_Memory_Handling_Suite MEMORY = {take, resize, give_back};
	struct xml *xml = xcalloc(1, sizeof(*xml));

	xml->handlers = handlers;
	xml->context = context;
	xml->parser = XML_ParserCreate_MM(NULL, &MEMORY, NULL);
	xml->broken = !xml->parser;
	if (xml->broken)
		return xml;
	XML_SetUserData(xml->parser, xml);
	XML_SetElementHandler(xml->parser, on_start, on_end);
	XML_SetCharacterDataHandler(xml->parser, on_text);
	XML_SetDefaultHandler(xml->parser, on_other);
	XML_SetStartDoctypeDeclHandler(xml->parser, on_doctype);
	return xml;
}

/* A tag is scanned again from its beginning for every piece of it: so pieces are not small, and a
 * tag not long. */
bool xml_add(struct xml *xml, const char *bytes, size_t n)
{
	if (xml->broken)
		return false;
	xml->token += n;
	if (XML_Parse(xml->parser, bytes, (int)n, XML_FALSE) != XML_STATUS_OK ||
		xml->token > XML_TOKEN_BYTES_MAX)
		xml->broken = true;
	return !xml->broken;
}

bool xml_end(struct xml *xml)
{
	return !xml->broken && XML_Parse(xml->parser, "", 0, XML_TRUE) == XML_STATUS_OK;
}

void xml_free(struct xml *xml)
{
	if (xml && xml->parser)
		XML_ParserFree(xml->parser);
	free(xml);
}

const char *xml_attribute(const struct xml_tag *tag, const char *name)
{
	for (const char *const *at = tag->attributes; *at; at += 2) {
		if (!strcmp(local(at[0]), name))
			return at[1];
	}
	return NULL;
}

const char *xml_prefixed(const struct xml_tag *tag, const char *name)
{
	for (const char *const *at = tag->attributes; *at; at += 2) {
		if (local(at[0]) != at[0] && !strcmp(local(at[0]), name))
			return at[1];
	}
	return NULL;
}
