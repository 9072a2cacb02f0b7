/* What the ready pool (ready_pool.inl) keeps with each connection. */
#include <stdatomic.h>
#include <stdint.h>

enum pooled_owner { POOLED_FREE, POOLED_WAITS, POOLED_HELD, POOLED_HELD_AND_READY };

enum pooled_wait { WAIT_REQUEST, WAIT_HEAD, WAIT_BODY, WAIT_WRITE, WAIT_CLOSE };

/* Where in a chunked body the bytes looked at end. */
enum pooled_chunk { CHUNK_SIZE, CHUNK_DATA, CHUNK_DATA_END, CHUNK_TRAILER };

/* The holder's alone, but for the atomic members. */
struct pooled {
	_Atomic(int) owner;      /* enum pooled_owner */
	_Atomic(int) hung_up;    /* the peer has said that it sends no more */
	_Atomic(int64_t) due_ms; /* when the wait is over */
	_Atomic(int64_t) holds;  /* bytes in buffers */
	enum pooled_wait wait;   /* for what */
	int64_t since_ms;        /* from when on */
	int64_t moved;           /* bytes since then */
	int64_t step_bytes;      /* bytes read in this go */
	char *in;                /* what was read, conn->data_len bytes of it; head and body lie
				  * one behind the other */
	int64_t in_size;
	int head_len;     /* -1: there will be none */
	int head_size;    /* of conn->buf, the head cut up */
	size_t scanned;   /* of what was read: looked at for an end */
	int parsed;       /* 1: the head is in conn; -1: it was answered with an error */
	int64_t body_max; /* bytes to wait for, once that has been asked */
	int whole;        /* the body is here */
	enum pooled_chunk chunk;
	int64_t chunk_left;
	size_t trailer;
	char *rest; /* of an answer */
	size_t rest_len, rest_sent;
	int drained; /* the socket had no more */
	int ended;   /* nor will it */
	int broken;  /* nor can it be written to */
	int keep;    /* after this answer */
	int evicted; /* others need the room: that it had then is on its way to them */
	int64_t gives;
	int all_read; /* closing loses nothing */
	struct mg_connection *next;
};
