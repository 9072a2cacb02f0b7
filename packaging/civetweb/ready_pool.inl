/* The ready pool: a connection that waits belongs to no thread.  Part of civetweb.c, by our patch.
 *
 * Whatever a connection waits for (a first byte, the rest of a head or of a body, the next request,
 * a peer that takes its answer slowly) it lies in an epoll set meanwhile.  A worker takes one that
 * something has happened to, holds it, does all that can be done without waiting, and lets it go.
 * A request is answered by civetweb's own code when all of it is here: no read waits.
 *
 * About as many workers run as there are processors: each that runs has a turn.  One that is about
 * to wait for something else (mg_pool_leave) gives its turn to another, which is started if there
 * is none.  Those without a turn lie on a stack: few threads, with warm stacks, do the work.
 *
 * Events come once for each change (EPOLLET), to whichever worker asks next.  An event may be about
 * a connection that is held, or that is gone: the memory of a connection is used again but never
 * given back, and one looked at in vain only waits on.
 *
 * Locks: pool->lock is a leaf.  What is in struct pooled belongs to who holds the connection, but
 * for the atomic members.
 */
#include <arpa/inet.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#define POOL_BUFFER (4096)           /* bytes to begin with: a request with its token */
#define POOL_SLACK (8)               /* zeroes behind a head */
#define POOL_ACCEPTS (64)            /* connections taken before the clock is looked at */
#define POOL_REQUESTS (16)           /* answered one after another before others have a go */
#define POOL_BYTES (262144)          /* likewise, of a body */
#define POOL_SWEEP_MS (250)          /* how late the end of a wait may be noticed */
#define POOL_RATE (500)              /* bytes a second, each second of a wait beyond the first ones */
#define POOL_LONGEST (4)             /* times those first ones, whatever has come */
#define POOL_SOCKET_BUFFER (131072)  /* bytes; left alone the kernel holds megabytes of a reader */
#define POOL_LINGER_MS (5000)        /* for a peer to read why it is closed on */
#define POOL_BEYOND (64)             /* connections beyond the limit, while others go for them */

/* What becomes of a connection that has had its go. */
enum pool_next { NEXT_WAIT, NEXT_AGAIN, NEXT_GONE };

struct pooled_worker {
	sem_t wake;
	struct pooled_worker *below; /* on the stack of those without a turn */
	int turn;
};

struct ready_pool {
	int epoll;
	int bell;    /* an eventfd: rings once for each connection in due, and for good at the end */
	int reserve; /* a descriptor to let go when there is no other */
	int turns;
	int connections_max;
	int64_t wait_ms; /* for a head, a body, a reader: to begin with */
	int64_t idle_ms; /* for another request */
	int64_t held_max;
	_Atomic(int) running;      /* turns taken; given back with the lock held */
	_Atomic(int) connections;  /* open */
	_Atomic(int) away, closed; /* for want of room, since that was last told */
	int64_t told_ms;
	_Atomic(int) busy;         /* of these: held, with a request whose body is awaited, or with
	                            * an answer that is not all sent; each counts for itself */
	_Atomic(int64_t) held;     /* bytes in buffers */
	_Atomic(int64_t) leaving;  /* of these, in those of connections that have to go */
	pthread_mutex_t lock;      /* guards what follows */
	struct pooled_worker *idle;
	unsigned threads;          /* started */
	struct mg_connection **all;
	size_t count, room;
	struct mg_connection *free;
	struct mg_connection *due, **due_end; /* held by nobody else: to be served */
};


static int64_t
pool_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}


#include "ready_pool_turns.inl"
#include "ready_pool_room.inl"
#include "ready_pool_reading.inl"
#include "ready_pool_way.inl"
#include "ready_pool_work.inl"
#include "ready_pool_master.inl"
