#include "door/oauth_error.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"

#define UNAVAILABLE_WAIT_S 5 /* where Entra does not say */

/* A qvalue in thousandths; what is none is 0. */
static int thousandths(const char *text)
{
	int value = *text == '1' ? 1000 : 0, unit = 100;

	if (*text != '0' || text[1] != '.')
		return value;
	for (text += 2; *text >= '0' && *text <= '9' && unit; text++, unit /= 10)
		value += (*text - '0') * unit;
	return value;
}

/* The weight (RFC 9110 §12.4.2) among the n bytes behind a media range. */
static int weight_of(const char *params, size_t n)
{
	const char *end = params + n;

	for (const char *p = params; (p = memchr(p, ';', (size_t)(end - p)));) {
		p += 1 + strspn(p + 1, " \t");
		if (!strncasecmp(p, "q=", 2))
			return thousandths(p + 2);
	}
	return 1000;
}

/* What the field gives the media range; 0: nothing. */
static int quality_of(const char *accept, const char *range)
{
	size_t n = strlen(range);

	while (*accept) {
		size_t len = strcspn(accept, ",");

		if (!strncasecmp(accept, range, n) && strchr(" \t;,", accept[n]))
			return weight_of(accept + n, len - n);
		accept += len;
		accept += strspn(accept, ", \t");
	}
	return 0;
}

enum oauth_error_form oauth_error_form(const char *accept)
{
	int page = accept ? quality_of(accept, "text/html") : 0;

	return page > 0 && page > quality_of(accept, "application/json") &&
			       page >= quality_of(accept, "*/*")
		       ? OAUTH_ERROR_PAGE
		       : OAUTH_ERROR_JSON;
}

const char *oauth_error_word(enum err_code code)
{
	switch (code) {
	case ERR_INVALID_CLIENT:
	case ERR_INVALID_TARGET:
	case ERR_INVALID_REDIRECT_URI:
	case ERR_UNSUPPORTED_RESPONSE_TYPE:
	case ERR_UNSUPPORTED_GRANT_TYPE:
	case ERR_INVALID_CLIENT_METADATA:
		return err_info(code)->slug;
	case ERR_ORIGIN_NOT_ALLOWED:
		return "access_denied";
	default:
		if (err_info(code)->status == 429 || oauth_error_status(code) == 503)
			return "temporarily_unavailable";
		return err_info(code)->status < 500 ? "invalid_request" : "server_error";
	}
}

/* A gateway's timeout is told as what it is to a client: come back later. */
int oauth_error_status(enum err_code code)
{
	return code == ERR_UPSTREAM_TIMEOUT ? 503 : err_info(code)->status;
}

int oauth_error_wait_s(const struct err *err)
{
	if (err->retry_after_s > 0 || oauth_error_status(err->code) != 503)
		return err->retry_after_s;
	return UNAVAILABLE_WAIT_S;
}

/* RFC 6749 appendix A.8: neither quotes nor backslashes, in printable ASCII. */
static char *description(const struct err *err, const struct oauth_help *help)
{
	struct buf text;

	buf_init(&text);
	buf_adds(&text, err_message(err));
	if (help->about)
		buf_addf(&text, " It is: %s", help->about);
	if (help->remedy)
		buf_addf(&text, " Who runs this server adds it with: %s", help->remedy);
	for (char *p = text.data; *p; p++) {
		if (*p < ' ' || *p > '~' || *p == '"' || *p == '\\')
			*p = '\'';
	}
	return text.data;
}

char *oauth_error_json(const struct err *err, const struct oauth_help *help)
{
	autofree_json cJSON *document = cJSON_CreateObject();
	autofree char *said = description(err, help);

	json_add(document, "error", oauth_error_word(err->code));
	json_add(document, "error_description", said);
	return json_print(document);
}

static void add_escaped(struct buf *page, const char *text)
{
	static const char *const ESCAPES[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
	static const char SPECIAL[] = "&<>\"'";

	while (*text) {
		size_t plain = strcspn(text, SPECIAL);

		buf_add(page, text, plain);
		text += plain;
		if (*text)
			buf_adds(page, ESCAPES[strchr(SPECIAL, *text++) - SPECIAL]);
	}
}

static void add_element(struct buf *page, const char *name, const char *text)
{
	buf_addf(page, "<%s>", name);
	add_escaped(page, text);
	buf_addf(page, "</%s>\n", name);
}

static void add_help(struct buf *page, const struct oauth_help *help)
{
	if (help->about)
		add_element(page, "pre", help->about);
	if (!help->remedy)
		return;
	add_element(page, "p",
		"If you run this server, and know the program that has this address, this adds it "
		"(in its sources, with your own GROUP):");
	add_element(page, "pre", help->remedy);
	add_element(page, "p",
		"If you do not know it, close this page: whoever sent you here may be after your "
		"account.");
}

char *oauth_error_page(const struct err *err, const struct oauth_help *help, const char *request_id)
{
	static const char TITLE[] = "Signing in does not work this way";
	struct buf page;

	buf_init(&page);
	buf_adds(&page, "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n");
	add_element(&page, "title", TITLE);
	add_element(&page, "h1", TITLE);
	add_element(&page, "p", err_message(err));
	add_help(&page, help);
	buf_adds(&page, "<p><small>");
	add_escaped(&page, oauth_error_word(err->code));
	buf_adds(&page, ", request ");
	add_escaped(&page, request_id);
	buf_adds(&page, "</small>\n");
	return page.data;
}
