/* One HTTP/1.1 connection of the load: what it sends, and the answer that it reads. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A request and what the answer's body must hold. */
struct shot {
	const char *bytes;
	size_t size;
	const char *expected;
	size_t expected_size;
};

enum answer_state {
	ANSWER_PARTIAL,
	ANSWER_COMPLETE,
	ANSWER_BROKEN, /* not HTTP, or larger than an answer may be */
};

struct answer {
	char *bytes;
	size_t size, room;
	int status;
	const char *body; /* once the head is there */
	size_t head_size, body_size;
	bool chunked, closes;
};

/* Where the next bytes go, with room for *ret_room; NULL: the answer is too large. */
char *answer_room(struct answer *answer, size_t *ret_room);
/* After bytes were added: reads the head when it is there, and sees whether the body is. */
enum answer_state answer_look(struct answer *answer);
/* 2xx, holds what the shot expects, and is no tool's error. */
bool answer_is_good(const struct answer *answer, const struct shot *shot);
/* Forgets the answer, keeps the memory. */
void answer_clear(struct answer *answer);

/* All the shots of a file: "SIZE EXPECTED_SIZE\n", the request, what is expected; and so on. */
struct shot *shots_read(const char *path, size_t *ret_count);

#endif
