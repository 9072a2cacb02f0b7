#include "threads.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static pthread_mutex_t waiters_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t waiters_changed = PTHREAD_COND_INITIALIZER;
static int waiters, broadcasts;

int __real_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);
int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);
int __real_pthread_cond_clockwait(
	pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *end);
int __wrap_pthread_cond_clockwait(
	pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *end);
int __real_pthread_cond_broadcast(pthread_cond_t *cond);
int __wrap_pthread_cond_broadcast(pthread_cond_t *cond);

static void count_waiter(void)
{
	pthread_mutex_lock(&waiters_lock);
	waiters++;
	__real_pthread_cond_broadcast(&waiters_changed);
	pthread_mutex_unlock(&waiters_lock);
}

int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	count_waiter();
	return __real_pthread_cond_wait(cond, mutex);
}

int __wrap_pthread_cond_clockwait(
	pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *end)
{
	count_waiter();
	return __real_pthread_cond_clockwait(cond, mutex, clock, end);
}

int __wrap_pthread_cond_broadcast(pthread_cond_t *cond)
{
	pthread_mutex_lock(&waiters_lock);
	broadcasts++;
	__real_pthread_cond_broadcast(&waiters_changed);
	pthread_mutex_unlock(&waiters_lock);
	return __real_pthread_cond_broadcast(cond);
}

void waiters_reset(void)
{
	pthread_mutex_lock(&waiters_lock);
	waiters = broadcasts = 0;
	pthread_mutex_unlock(&waiters_lock);
}

void waiters_await(int count)
{
	pthread_mutex_lock(&waiters_lock);
	while (waiters < count)
		__real_pthread_cond_wait(&waiters_changed, &waiters_lock);
	pthread_mutex_unlock(&waiters_lock);
}

void broadcasts_await(int count)
{
	pthread_mutex_lock(&waiters_lock);
	while (broadcasts < count)
		__real_pthread_cond_wait(&waiters_changed, &waiters_lock);
	pthread_mutex_unlock(&waiters_lock);
}

bool no_threads;
_Atomic(int) threads_started;

int __real_pthread_create(
	pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *arg);
int __wrap_pthread_create(
	pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *arg);

int __wrap_pthread_create(
	pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *arg)
{
	if (no_threads)
		return EAGAIN;
	if (getenv("UNIT_THREADLESS")) {
		fputs("This program starts a thread: name it in the Makefile's THREADED.\n",
			stderr);
		abort();
	}
	threads_started++;
	return __real_pthread_create(thread, attributes, run, arg);
}
