/* A wall clock that a test sets while the program runs, for LD_PRELOAD: it is ahead of the system's
 * by as many seconds as the file named by CLOCK_AHEAD_FILE holds, as an int64_t. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *ahead_s;

__attribute__((constructor)) static void map_file(void)
{
	const char *path = getenv("CLOCK_AHEAD_FILE");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *at = mmap(NULL, sizeof(*ahead_s), PROT_READ, MAP_SHARED, fd, 0);

	close(fd);
	if (at == MAP_FAILED)
		abort();
	ahead_s = at;
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
	int status = (int)syscall(SYS_clock_gettime, clock, ret);

	if (clock == CLOCK_REALTIME && ahead_s)
		ret->tv_sec += *ahead_s;
	return status;
}

time_t time(time_t *ret)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (ret)
		*ret = now.tv_sec;
	return now.tv_sec;
}

int gettimeofday(struct timeval *ret, void *zone)
{
	struct timespec now;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	*ret = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
	return 0;
}
