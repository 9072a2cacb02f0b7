/* The charsets of one byte a letter: their labels and letters as the WHATWG Encoding standard has
 * them. */
#ifndef CONTENT_CHARSET_TABLES_H
#define CONTENT_CHARSET_TABLES_H

#include "content/charset.h"

#define CHARSET_TABLES_COUNT (CHARSET_OTHER - CHARSET_WINDOWS_1252)

struct charset_table {
	const char *labels;  /* a blank between each two */
	uint16_t upper[128]; /* the code points of 0x80 to 0xff; 0: the charset has none there */
};

/* The row of a charset is that behind CHARSET_WINDOWS_1252. */
extern const struct charset_table CHARSET_TABLES[CHARSET_TABLES_COUNT];

#endif
