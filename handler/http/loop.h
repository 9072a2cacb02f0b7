/* What the driver thread waits with: epoll over the sockets that libcurl names, libcurl's own
 * timer, and a bell for other threads.  (curl_multi_poll asks the kernel about each transfer's
 * socket every time, and curl_multi_perform runs every transfer: with hundreds of them that was a
 * sixth of the time.)  The client's own; one thread's, but for loop_wake.
 */
#ifndef HTTP_LOOP_H
#define HTTP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "http/transfer.h"

struct loop {
	CURLM *multi;
	int epoll, bell;
	int64_t due_ms; /* when libcurl wants to be called though no socket stirs */
};

/* False when the system has no descriptors left.  Either way *loop stays where it is until
 * loop_done, which comes after the multi handle's end. */
bool loop_init(struct loop *loop, CURLM *multi);
void loop_done(struct loop *loop);

/* Waits until a socket stirs, libcurl's time has come or the bell rings, at_most_ms (-1: no limit),
 * and lets libcurl do what there is to do. */
void loop_turn(struct loop *loop, int at_most_ms);
/* Ends a wait, or the next one.  Any thread. */
void loop_wake(struct loop *loop);

#endif
