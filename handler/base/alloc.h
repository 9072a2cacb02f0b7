/* Memory of small, fixed size: lack of it ends the program with a message. */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

/* p, or the end of the program with a message when it is NULL: for what only lack of memory fails.
 */
void *or_die(void *p);
/* calloc, strdup and strndup that abort with a message: for small, fixed-size needs. */
void *xcalloc(size_t count, size_t size);
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t n);
/* xstrdup, but NULL stays NULL. */
char *xstrdup_if(const char *text);

#endif
