/* Errors of /oauth as OAuth has them (RFC 6749 §5.2), which clients understand, or as a page for
 * the person whose browser was sent here. */
#ifndef DOOR_OAUTH_ERROR_H
#define DOOR_OAUTH_ERROR_H

#include "base/err.h"

/* The form in which whoever sent that Accept (NULL: none) would rather have it. */
enum oauth_error_form { OAUTH_ERROR_JSON, OAUTH_ERROR_PAGE };
enum oauth_error_form oauth_error_form(const char *accept);

/* The status, and the word for it. */
int oauth_error_status(enum err_code code);
const char *oauth_error_word(enum err_code code);
/* Seconds after which to come back; 0: no saying. */
int oauth_error_wait_s(const struct err *err);

/* What is said besides; each NULL: nothing. */
struct oauth_help {
	const char *about;  /* what was sent, and is the fault */
	const char *remedy; /* the command that mends it */
};

/* The document; the caller frees it. */
char *oauth_error_json(const struct err *err, const struct oauth_help *help);
/* A page without anything that a browser would load or run, all text of others escaped. */
char *oauth_error_page(
	const struct err *err, const struct oauth_help *help, const char *request_id);

#endif
