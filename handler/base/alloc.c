#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"

void *or_die(void *p)
{
	if (!p)
		die("out_of_memory");
	return p;
}

void *xcalloc(size_t count, size_t size)
{
	return or_die(calloc(count, size));
}

char *xstrdup(const char *text)
{
	return or_die(strdup(text));
}

char *xstrndup(const char *text, size_t n)
{
	return or_die(strndup(text, n));
}

char *xstrdup_if(const char *text)
{
	return text ? xstrdup(text) : NULL;
}
