/* Whether a request's head is what its sender wrote, all of it.
 *
 * civetweb ends a head at the first line that it cannot read and says nothing of it: what follows,
 * a length or a second Authorization perhaps, would be body or the next request.
 */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "http/message.h"

#define HEAD_BYTES 81920 /* fields up to 64 KiB, as the host allows, and the request line */

/* request's strings and version ("1.1") must still lie in civetweb's buffer of HEAD_BYTES, as it
 * has cut them up.  ERR_HEADERS_TOO_LARGE when there are HEADERS_MAX fields, ERR_BAD_REQUEST when
 * one was not read, or when they leave open where the body ends. */
bool head_check(const struct request *request, const char *version, struct err *err);

#endif
