/* Where in a list a call reads: which page of Graph's, and how far into it.  A client goes on with
 * a cursor, which holds that and no address: what Graph gave as the next page's parameter is put
 * back into our own request ("Paging Microsoft Graph data in your app"). */
#ifndef GRAPH_PAGE_H
#define GRAPH_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json_scan.h"

#define PAGE_CURSOR_BYTES_MAX 8192
#define PAGE_OFFSET_MAX 100000 /* items that come and are thrown away again, for those behind */

enum page_by {
	PAGE_FIRST,     /* no parameter */
	PAGE_SKIP,      /* $skip */
	PAGE_SKIPTOKEN, /* $skiptoken */
	PAGE_FROM,      /* a search's from, in its body */
};

/* A tool's rules. */
struct page_rules {
	char *size_parameter; /* "$top"; NULL: the endpoint takes none, we cut */
	int64_t size;         /* where the client gives no limit */
	int64_t size_max;
	bool by_from; /* pages are of PAGE_FROM, not of $skip and $skiptoken */
};

struct page {
	enum page_by by;
	char *at;       /* owned: the parameter's value, decoded; NULL: PAGE_FIRST */
	int64_t size;   /* items wanted of Graph; without a size parameter, that we give at most */
	int64_t offset; /* items of this page that the client has already */
};

/* The first page; limit 0: not given. */
void page_first(const struct page_rules *rules, int64_t limit, struct page *ret);

/* Where a cursor goes on.  ERR_BAD_REQUEST, naming cursor, for one that is none of ours. */
bool page_read_cursor(
	const struct page_rules *rules, const char *cursor, struct page *ret, struct err *err);

/* Appends the cursor of that page. */
void page_write_cursor(const struct page *page, struct buf *out);

/* No cursor into that page, however far, is longer. */
size_t page_cursor_bytes(const struct page *page);

/* Makes *ret the place so many items further into the page.  False when that is too far for a
 * cursor. */
bool page_go_on(const struct page *page, int64_t items, struct page *ret);

/* The page behind an @odata.nextLink (a JSON string token), of that size: nothing of its address
 * but that one parameter is read.  False when it names none, or one too long to give back. */
bool page_of_next_link(struct json_span next_link, int64_t size, struct page *ret);

void page_done(struct page *page);

#endif
