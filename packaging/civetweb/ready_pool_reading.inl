/* What the ready pool reads, and whether all of a request is here; see ready_pool.inl. */

/* Passes over a line of a chunked body that has come whole; 0: it has not. */
static int
pool_chunk_line(struct mg_connection *conn, const char **ret_line, size_t *ret_len)
{
	struct pooled *pooled = &conn->pooled;
	const char *line = pooled->in + pooled->scanned;
	const char *end =
	    (const char *)memchr(line, '\n', (size_t)conn->data_len - pooled->scanned);

	if (!end) {
		return 0;
	}
	*ret_line = line;
	*ret_len = (size_t)(end - line);
	pooled->scanned += *ret_len + 1;
	return 1;
}


/* A line of digits, whatever stands behind them: is for mg_read to judge. */
static int64_t
pool_chunk_size(const char *line, size_t len)
{
	int64_t size = 0;

	for (; len && isxdigit((unsigned char)*line) && (size < INT_MAX); line++, len--) {
		int digit = tolower((unsigned char)*line);

		size = size * 16 + (isdigit(digit) ? digit - '0' : digit - 'a' + 10);
	}
	return size;
}


/* Whether all of a chunked body is here, or enough of it for mg_read to find what is wrong. */
static int
pool_chunks_whole(struct mg_connection *conn)
{
	struct pooled *pooled = &conn->pooled;
	const char *line;
	size_t len;

	for (;;) {
		int64_t here = conn->data_len - (int64_t)pooled->scanned;

		if (pooled->chunk == CHUNK_DATA) {
			int64_t n = here < pooled->chunk_left ? here : pooled->chunk_left;

			pooled->scanned += (size_t)n;
			pooled->chunk_left -= n;
			if (pooled->chunk_left > 0) {
				return 0;
			}
			pooled->chunk = CHUNK_DATA_END;
			continue;
		}
		if (!pool_chunk_line(conn, &line, &len)) {
			/* as much as mg_read takes of a line */
			return here > (pooled->chunk == CHUNK_DATA_END ? 2 : CHUNK_LINE_MAX);
		}
		switch (pooled->chunk) {
		case CHUNK_SIZE:
			pooled->chunk_left = pool_chunk_size(line, len);
			if (!len || !isxdigit((unsigned char)*line) || (pooled->chunk_left >= INT_MAX)) {
				return 1;
			}
			pooled->chunk = pooled->chunk_left ? CHUNK_DATA : CHUNK_TRAILER;
			break;
		case CHUNK_DATA_END:
			if (len != 1) {
				return 1;
			}
			pooled->chunk = CHUNK_SIZE;
			break;
		default:
			pooled->trailer += len;
			if ((len <= 1) || (pooled->trailer > CHUNK_TRAILER_MAX)) {
				return 1;
			}
		}
	}
}


/* Whether the body is here, all of it or as much as may be. */
static int
pool_has_body(struct mg_connection *conn)
{
	struct pooled *pooled = &conn->pooled;
	int64_t here = (int64_t)conn->data_len - conn->request_len;

	if (!pooled->whole) {
		pooled->whole =
		    conn->is_chunked ? pool_chunks_whole(conn) : here >= conn->content_len;
	}
	return pooled->whole || pooled->ended || (pooled->body_max && (here > pooled->body_max));
}


/* Looks for the end of the head in what has come since. */
static int
pool_find_head(struct mg_connection *conn)
{
	struct pooled *pooled = &conn->pooled;
	int from = pooled->scanned > 3 ? (int)pooled->scanned - 3 : 0;
	int len = get_http_header_len(pooled->in + from, conn->data_len - from);

	pooled->scanned = (size_t)conn->data_len;
	return len > 0 ? from + len : len;
}


/* In the place of read_message: the head, or what there is where there will be no head, is cut up
 * in a buffer of its own, as the one that is read into may yet move.  -1: it is none. */
static int
pool_take_head(struct mg_connection *conn)
{
	struct pooled *pooled = &conn->pooled;
	int len = pooled->head_len > 0 ? pooled->head_len : 0;

	pool_drop_head(conn);
	conn->buf = (char *)mg_calloc(1, (size_t)len + POOL_SLACK);
	if (!conn->buf) {
		return -1;
	}
	pooled->head_size = len + POOL_SLACK;
	pool_count_bytes(conn, pooled->head_size);
	memcpy(conn->buf, pooled->in, (size_t)len);
	conn->buf_size = (int)conn->phys_ctx->max_request_size;
	pooled->scanned = (size_t)len;
	if (!len && (conn->data_len >= conn->buf_size)) {
		conn->buf_size = conn->data_len; /* get_message: too large */
		return 0;
	}
	return len ? len : -1;
}


/* Reads what is there.  0: the peer is gone. */
static int
pool_read(struct mg_connection *conn)
{
	struct pooled *pooled = &conn->pooled;
	int64_t room = pooled->in_size - conn->data_len;
	ssize_t n = recv(
	    conn->client.sock, pooled->in + conn->data_len, (size_t)room, MSG_DONTWAIT);

	pooled->drained = n < room;
	if (n > 0) {
		conn->data_len += (int)n;
		pooled->moved += n;
		pooled->step_bytes += n;
		return 1;
	}
	if ((n < 0) && ERROR_TRY_AGAIN(ERRNO)) {
		return 1;
	}
	pooled->ended = 1;
	return 0;
}
