#include "graph/tool_result.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "graph/budget.h"
#include "graph/pick.h"
#include "graph/tool_result_shape.h"

static const char MORE[] = "\"more\":\"There is more: call again with this cursor.\",";
static const char MORE_LOST[] = "\"more\":\"There is more, but no cursor to it: say that this is "
				"not all, or ask more narrowly.\",";
#define MORE_BYTES_MAX (sizeof(MORE_LOST) > sizeof(MORE) ? sizeof(MORE_LOST) : sizeof(MORE))

const char *tool_result_select(const struct tool_result *result)
{
	return result->select;
}

const struct page_rules *tool_result_pages(const struct tool_result *result)
{
	return result->paged ? &result->pages : NULL;
}

const struct file_rules *tool_result_file(const struct tool_result *result)
{
	return result->file.path ? &result->file : NULL;
}

static bool wrong_shape(struct err *err)
{
	return err_set(
		err, ERR_GRAPH_ERROR, "graph: the answer has not the shape its definition names");
}

static bool write_one(
	const struct tool_result *result, struct json_span object, size_t room, struct buf *out)
{
	struct buf whole, fit;

	if (!json_is_object(object))
		return false;
	buf_init(&whole);
	buf_init(&fit);
	pick_write(result->picks, object, &whole);
	budget_write((struct json_span){whole.data, whole.len},
		room - strlen(result->others_wrote) - 1, &fit);
	buf_adds(out, "{");
	buf_adds(out, result->others_wrote);
	if (*result->others_wrote && fit.len > 2)
		buf_adds(out, ",");
	buf_adds(out, fit.data + 1);
	buf_done(&whole);
	buf_done(&fit);
	return true;
}

/* A list under way. */
struct listing {
	const struct tool_result *result;
	const struct page *page; /* NULL: not paged */
	struct json_span array, next_link;
	size_t cursor_bytes_max; /* a longer one would leave too little for the items */

	struct buf items; /* those to be given, separated by commas */
	int64_t count;    /* of them */
	size_t measured;  /* bytes of them, once there are too many */
	size_t floor;     /* to which budget_write can bring those */
	bool rest;        /* the array has more */
	struct page next; /* where to go on */
	bool has_next;
};

static bool find_list(const struct tool_result *result, struct json_span body, struct listing *ret)
{
	struct json_span at = body, found;

	for (size_t i = 0; i < result->list.count; i++) {
		if (!json_find(at, result->list.parts[i].name, &found))
			return false;
		at = found;
	}
	ret->array = at;
	if (!json_find(body, "@odata.nextLink", &ret->next_link) || *ret->next_link.text != '"')
		ret->next_link = (struct json_span){NULL, 0};
	return at.len && *at.text == '[';
}

/* Where to go on behind this page of Graph's. */
static void find_next(struct listing *listing)
{
	listing->has_next = listing->page && listing->next_link.text &&
			    page_of_next_link(
				    listing->next_link, listing->page->size, &listing->next);
}

static size_t cursor_bytes(const struct listing *listing, const struct page *page)
{
	size_t n = page_cursor_bytes(page);

	return n <= listing->cursor_bytes_max ? n : 0;
}

/* Bytes for the items, whatever comes to stand before them. */
static size_t room_for_items(const struct listing *listing, size_t bytes_max)
{
	size_t this = listing->page ? cursor_bytes(listing, listing->page) : 0;
	size_t next = listing->has_next ? cursor_bytes(listing, &listing->next) : 0;

	return bytes_max - sizeof("{\"cursor\":\"\",,\"\":[]}") - (this > next ? this : next) -
	       MORE_BYTES_MAX - strlen(listing->result->others_wrote) - strlen(listing->result->as);
}

/* Appends an item; false, with nothing added, when there is no room for it beside the others. */
static bool add_item(struct listing *listing, struct json_span item, size_t room)
{
	struct buf *items = &listing->items;
	size_t before = items->len;

	if (listing->count)
		buf_adds(items, ",");
	pick_write(listing->result->picks, item, items);
	listing->count++;
	if (items->len <= room)
		return true;
	listing->floor += budget_floor((struct json_span){
		items->data + listing->measured, items->len - listing->measured});
	listing->measured = items->len;
	if (listing->floor <= room || listing->count == 1)
		return true;
	listing->count--;
	buf_cut(items, before);
	return false;
}

static void add_items(struct listing *listing, size_t room)
{
	int64_t skip = listing->page ? listing->page->offset : 0;
	int64_t most = listing->page ? listing->page->size : INT64_MAX;
	struct json_span item = {NULL, 0};

	while (skip && json_next(listing->array, &item))
		skip--;
	while (!listing->rest && !skip && json_next(listing->array, &item))
		listing->rest = listing->count == most || !add_item(listing, item, room);
}

/* Of a list that goes on: the place, where a cursor can hold it. */
static void write_more(struct listing *listing, struct buf *out)
{
	if (listing->rest) {
		page_done(&listing->next);
		listing->has_next = listing->page &&
				    page_go_on(listing->page, listing->count, &listing->next);
	}
	if (listing->has_next && cursor_bytes(listing, &listing->next)) {
		buf_adds(out, "\"cursor\":\"");
		page_write_cursor(&listing->next, out);
		buf_adds(out, "\",");
		buf_adds(out, MORE);
	} else if (listing->rest || listing->next_link.text) {
		buf_adds(out, MORE_LOST);
	}
}

static bool write_list(const struct tool_result *result, struct json_span body,
	const struct tool_result_bounds *bounds, struct buf *out)
{
	struct listing listing = {
		.result = result, .page = bounds->page, .cursor_bytes_max = bounds->bytes_max / 4};
	size_t room;

	if (!find_list(result, body, &listing))
		return false;
	find_next(&listing);
	room = room_for_items(&listing, bounds->bytes_max);
	add_items(&listing, room);
	buf_adds(out, "{");
	write_more(&listing, out);
	buf_adds(out, result->others_wrote);
	buf_addf(out, "%s\"%s\":[", *result->others_wrote ? "," : "", result->as);
	budget_write((struct json_span){buf_text(&listing.items), listing.items.len}, room, out);
	buf_adds(out, "]}");
	page_done(&listing.next);
	buf_done(&listing.items);
	return true;
}

bool tool_result_write(const struct tool_result *result, const struct graph_answer *answer,
	const struct tool_result_bounds *bounds, struct buf *out, struct err *err)
{
	bool good;

	assert(bounds->bytes_max >= TOOL_RESULT_BYTES_MIN);
	if (result->done) {
		buf_adds(out, result->done);
		return true;
	}
	good = result->as ? write_list(result, answer->body, bounds, out)
			  : write_one(result, answer->body,
				    result->file.path ? bounds->bytes_max / 2 : bounds->bytes_max,
				    out);
	return good || wrong_shape(err);
}
