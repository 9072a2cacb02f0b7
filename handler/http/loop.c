#include "http/loop.h"

#include <limits.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

#define EVENTS 64

static int on_socket(CURL *easy, curl_socket_t sock, int what, void *context, void *known)
{
	struct loop *loop = context;
	struct epoll_event event = {.data.fd = sock};

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(loop->epoll, EPOLL_CTL_DEL, sock, &event);
		return 0;
	}
	if (what & CURL_POLL_IN)
		event.events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		event.events |= EPOLLOUT;
	/* A socket that the kernel has no room to watch leaves its transfers to their timeouts.
	 * Told of it by -1, libcurl would fail all transfers, and never again name a time to be
	 * called. */
	if (epoll_ctl(loop->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, sock, &event) == 0)
		curl_multi_assign(loop->multi, sock, loop);
	return 0;
}

static int on_timer(CURLM *multi, long wait_ms, void *context)
{
	struct loop *loop = context;

	(void)multi;
	loop->due_ms = wait_ms < 0 ? INT64_MAX : clock_mono_ms() + wait_ms;
	return 0;
}

bool loop_init(struct loop *loop, CURLM *multi)
{
	struct epoll_event event = {.events = EPOLLIN};

	*loop = (struct loop){.multi = multi, .due_ms = INT64_MAX};
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->bell = event.data.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->epoll < 0 || loop->bell < 0 ||
		epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->bell, &event) != 0)
		return false;
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, loop);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, loop);
	return true;
}

void loop_done(struct loop *loop)
{
	if (loop->epoll >= 0)
		close(loop->epoll);
	if (loop->bell >= 0)
		close(loop->bell);
}

static void stir(struct loop *loop, const struct epoll_event *event)
{
	uint64_t rings;
	int running, what = 0;

	if (event->data.fd == loop->bell) {
		(void)!read(loop->bell, &rings, sizeof(rings));
		return;
	}
	if (event->events & (EPOLLIN | EPOLLHUP))
		what |= CURL_CSELECT_IN;
	if (event->events & EPOLLOUT)
		what |= CURL_CSELECT_OUT;
	if (event->events & EPOLLERR)
		what |= CURL_CSELECT_ERR;
	curl_multi_socket_action(loop->multi, event->data.fd, what, &running);
}

static int wait_ms(const struct loop *loop, int at_most_ms)
{
	int64_t left_ms = loop->due_ms - clock_mono_ms();

	if (left_ms < 0)
		return 0;
	if (at_most_ms >= 0 && left_ms > at_most_ms)
		return at_most_ms;
	return left_ms > INT_MAX ? -1 : (int)left_ms;
}

void loop_turn(struct loop *loop, int at_most_ms)
{
	struct epoll_event events[EVENTS];
	int running, n = epoll_wait(loop->epoll, events, EVENTS, wait_ms(loop, at_most_ms));

	for (int i = 0; i < n; i++)
		stir(loop, &events[i]);
	if (loop->due_ms > clock_mono_ms())
		return;
	loop->due_ms = INT64_MAX;
	curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

void loop_wake(struct loop *loop)
{
	const uint64_t ring = 1;

	(void)!write(loop->bell, &ring, sizeof(ring));
}
