#include "graph/download.h"

#include <string.h>

#include "base/clock.h"
#include "base/version.h"
#include "graph/download_host.h"
#include "http/retry_after.h"

#define PAUSE_S 2 /* for who finds all places taken */

static void take_bytes(struct buf *bytes, bool cut, struct download *ret)
{
	ret->too_long = cut;
	if (!cut)
		ret->bytes = *bytes;
	else
		buf_done(bytes);
	buf_init(bytes);
}

/* What the host said is not passed on: it is not asked as the user, and its words may repeat the
 * address. */
static bool refused(const struct http_reply *reply, struct err *err)
{
	enum err_code code = reply->status == 429   ? ERR_THROTTLED
			     : reply->status == 503 ? ERR_UPSTREAM_UNAVAILABLE
			     : reply->status == 504 ? ERR_UPSTREAM_TIMEOUT
						    : ERR_GRAPH_ERROR;

	err_set(err, code, "download: HTTP status %d", reply->status);
	err_wait(err, retry_after_of(reply, clock_unix_s()));
	return false;
}

static void take_reply(struct http_reply *reply, struct download *ret)
{
	struct buf type;

	buf_init(&type);
	if (http_reply_header(reply, "Content-Type", 0, &type) &&
		type.len < sizeof(ret->media_type))
		memcpy(ret->media_type, buf_text(&type), type.len + 1);
	buf_done(&type);
	take_bytes(&reply->body, reply->cut, ret);
}

/* The address is a key to the file by itself, so nothing of the caller goes there, and nothing of
 * it into an error ("Download a file", preauthenticated addresses). */
static bool fetch(struct graph *graph, const char *address, const struct graph_errand *errand,
	struct download *ret, struct err *err)
{
	const struct header headers[] = {
		{"Accept", "*/*"}, {"User-Agent", SERVICE_NAME "/" SERVICE_VERSION}};
	struct http_fetch fetch = {.method = "GET",
		.url = address,
		.headers = headers,
		.header_count = sizeof(headers) / sizeof(headers[0]),
		.deadline = errand->deadline,
		.body_max = DOWNLOAD_BYTES_MAX};
	struct http_reply reply;
	bool good;

	if (!http_send(graph->http, &fetch, &reply, err))
		return err_wrap(err, "download");
	good = reply.status == 200;
	if (good)
		take_reply(&reply, ret);
	else
		refused(&reply, err);
	http_reply_done(&reply);
	return good;
}

static bool follow(struct graph *graph, const char *location, struct graph_errand *errand,
	struct download *ret, struct err *err)
{
	int64_t start_ms = clock_mono_ms();
	bool good;

	if (!location)
		good = err_set(err, ERR_GRAPH_ERROR, "graph: a redirect without one address");
	else if (!download_host_fits(graph->config, location))
		good = err_set(err, ERR_GRAPH_ERROR,
			"graph: a redirect to a host that keeps no files of this cloud");
	else
		good = fetch(graph, location, errand, ret, err);
	if (!good)
		err_service(err, "graph", NULL, errand->request_id);
	errand->graph_ms += clock_mono_ms() - start_ms;
	return good;
}

static bool download(const struct graph_request *request, struct graph_errand *errand,
	struct download *ret, struct err *err)
{
	struct graph_request file = *request;
	struct graph_answer answer;
	bool good = true;

	file.file = true;
	file.answer_max = DOWNLOAD_BYTES_MAX;
	if (!graph_send(ret->graph, &file, errand, &answer, err))
		return false;
	ret->none = answer.status == 405;
	if (answer.status == 302) {
		good = follow(ret->graph, answer.location, errand, ret, err);
	} else if (!ret->none) {
		memcpy(ret->media_type, answer.media_type, sizeof(ret->media_type));
		take_bytes(&answer.bytes, answer.cut, ret);
	}
	graph_answer_done(&answer);
	return good;
}

bool graph_download(struct graph *graph, const struct graph_request *request,
	struct graph_errand *errand, struct download *ret, struct err *err)
{
	struct download made = {.graph = graph};

	if (atomic_fetch_add(&graph->downloads, 1) >= DOWNLOADS_AT_ONCE) {
		download_done(&made);
		err_set(err, ERR_OVERLOADED, "as many downloads are under way as may be");
		err_wait(err, PAUSE_S);
		return false;
	}
	if (download(request, errand, &made, err)) {
		*ret = made;
		return true;
	}
	download_done(&made);
	return false;
}

void download_done(struct download *download)
{
	if (download->graph)
		atomic_fetch_sub(&download->graph->downloads, 1);
	buf_done(&download->bytes);
	*download = (struct download){.graph = NULL};
}
