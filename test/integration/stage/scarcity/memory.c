/* No memory in one piece, for LD_PRELOAD: while the file named by BLOCK_MAX_FILE holds another
 * number than 0, as an int64_t, whoever asks for more bytes than that at once is given none. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static const volatile int64_t *block_max;

__attribute__((constructor)) static void map_file(void)
{
	const char *path = getenv("BLOCK_MAX_FILE");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *at = mmap(NULL, sizeof(*block_max), PROT_READ, MAP_SHARED, fd, 0);

	close(fd);
	if (at == MAP_FAILED)
		abort();
	block_max = at;
}

static bool is_too_much(size_t size)
{
	if (!block_max || !*block_max || size <= (size_t)*block_max)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return is_too_much(size) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return is_too_much(count * size) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return is_too_much(size) ? NULL : __libc_realloc(old, size);
}
