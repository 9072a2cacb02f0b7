/* Where the running program lies. */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include <stdbool.h>

#include "base/buf.h"

/* The nearest folder above the program that holds a file of that name, into an empty buffer.
 * False, with *ret as it was, when there is none. */
bool program_folder_with(const char *file, struct buf *ret);

#endif
