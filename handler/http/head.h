/* Whether a request's head is what its sender wrote, all of it, and what HTTP/1.1 lets it be.
 *
 * civetweb ends a head at the first line that it cannot read and says nothing of it: what follows,
 * a length or a second Authorization perhaps, would be body or the next request.  It asks for no
 * Host, and leaves the space behind a value in it.
 */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "http/message.h"

#define HEAD_BYTES 81920 /* fields up to 64 KiB, as the host allows, and the request line */

/* The path of a request target, before its "?": of a path or an absolute URL (RFC 9112 §3.2.1,
 * §3.2.2; its authority plays no part), "*" of that (§3.2.4), "" of anything else. */
const char *head_path(const char *target);

/* request's strings and version ("1.1") must still lie in civetweb's buffer of HEAD_BYTES, as it
 * has cut them up.  Trims the values.  ERR_HEADERS_TOO_LARGE when there are HEADERS_MAX fields,
 * ERR_BAD_REQUEST when one was not read, when they leave open where the body ends or whom the
 * request is for, or when there is no path. */
bool head_check(struct request *request, const char *version, struct err *err);

/* Whether the n bytes at piece, the first of the body, are the head itself: blank lines before a
 * request are its whole head to Debian's civetweb (not to the patched one), and what it read all
 * the same begins the body; as much of the body would be the next request. */
bool head_is_again(const struct request *request, const char *version, const char *piece, size_t n);

#endif
