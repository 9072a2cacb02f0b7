#include "base/admission.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"

#define BUCKETS 256 /* of callers' names; more calls than that make it slower, not wrong */
#define RETRY_AFTER_S 1
#define LOG_EVERY_MS 1000

static const char *const REASONS[ADMISSION_SHED__COUNT] = {
	[ADMISSION_FULL] = "full",
	[ADMISSION_WAITED] = "waited",
	[ADMISSION_CALLER] = "caller",
	[ADMISSION_BODY] = "body",
};

struct admission {
	struct admission_limits limits;
	pthread_mutex_t lock; /* of what follows */
	struct admission_count count;
	struct admission_pass *first, **end; /* of those that wait */
	struct admission_pass *buckets[BUCKETS];
	int64_t logged[ADMISSION_SHED__COUNT]; /* of count.shed */
	int64_t log_next_ms[ADMISSION_SHED__COUNT];
};

/* What is to be logged of each reason. */
struct shed_news {
	int64_t count[ADMISSION_SHED__COUNT];
};

struct admission *admission_new(const struct admission_limits *limits)
{
	struct admission *admission = xcalloc(1, sizeof(*admission));

	admission->limits = *limits;
	admission->end = &admission->first;
	pthread_mutex_init(&admission->lock, NULL);
	return admission;
}

/* FNV-1a: whose names fall together has to walk past each other, no more. */
static struct admission_pass **bucket_of(struct admission *admission, const char *caller)
{
	uint32_t hash = 2166136261U;

	while (*caller)
		hash = (hash ^ (unsigned char)*caller++) * 16777619U;
	return &admission->buckets[hash % BUCKETS];
}

static void unlink_pass(struct admission *admission, struct admission_pass *pass)
{
	struct admission_pass **link;

	if (!*pass->caller)
		return;
	link = bucket_of(admission, pass->caller);
	while (*link != pass)
		link = &(*link)->chain;
	*link = pass->chain;
}

static void link_pass(struct admission *admission, struct admission_pass *pass, const char *caller)
{
	size_t len = strnlen(caller, sizeof(pass->caller) - 1);
	struct admission_pass **bucket;

	memcpy(pass->caller, caller, len);
	pass->caller[len] = '\0';
	if (!len)
		return;
	bucket = bucket_of(admission, pass->caller);
	pass->chain = *bucket;
	*bucket = pass;
}

/* Whether the caller may have one more call beside those that are not this. */
static bool has_share(
	struct admission *admission, const struct admission_pass *but, const char *caller)
{
	long others = 0;

	if (!*caller)
		return true;
	for (const struct admission_pass *pass = *bucket_of(admission, caller); pass;
		pass = pass->chain)
		others += pass != but && !strcmp(pass->caller, caller);
	return others < admission->limits.of_one_caller;
}

static void queue(struct admission *admission, struct admission_pass *pass)
{
	pthread_cond_init(&pass->placed, NULL);
	pass->stage = ADMISSION_WAITING;
	pass->later = NULL;
	*admission->end = pass;
	admission->end = &pass->later;
	admission->count.waiting++;
}

/* Whoever waits, and is to wait no more. */
static void unqueue(struct admission *admission, struct admission_pass *pass)
{
	struct admission_pass **link = &admission->first;

	while (*link != pass)
		link = &(*link)->later;
	*link = pass->later;
	if (!*link)
		admission->end = link;
	admission->count.waiting--;
}

/* Each waits on a condition of its own, so that a place wakes only the one whose it is. */
static bool await_place(
	struct admission *admission, struct admission_pass *pass, struct deadline deadline)
{
	struct deadline end = deadline_within(deadline, admission->limits.wait_ms);
	bool in_time = true;

	queue(admission, pass);
	while (pass->stage == ADMISSION_WAITING && in_time)
		in_time = deadline_wait(end, &pass->placed, &admission->lock);
	if (pass->stage == ADMISSION_WAITING) {
		unqueue(admission, pass);
		pass->stage = ADMISSION_OUT;
	}
	pthread_cond_destroy(&pass->placed);
	return pass->stage == ADMISSION_IN;
}

/* Nobody waits where a place is free. */
static bool take_free(struct admission *admission, struct admission_pass *pass)
{
	if (admission->count.in >= admission->limits.places)
		return false;
	admission->count.in++;
	pass->stage = ADMISSION_IN;
	return true;
}

/* The call is at its place or turned away, and why.  The lock is held, but not while it waits. */
static enum admission_shed enter(struct admission *admission, struct admission_pass *pass,
	const char *caller, struct deadline deadline)
{
	bool in = pass->stage == ADMISSION_IN;

	if (!has_share(admission, pass, caller))
		return ADMISSION_CALLER;
	if (!in && admission->count.in >= admission->limits.places &&
		admission->count.waiting >= admission->limits.waiting)
		return ADMISSION_FULL;
	if (in)
		unlink_pass(admission, pass);
	link_pass(admission, pass, caller);
	if (in || take_free(admission, pass) || await_place(admission, pass, deadline))
		return ADMISSION_SHED__COUNT;
	unlink_pass(admission, pass);
	return ADMISSION_WAITED;
}

/* What has not been logged and may be. */
static struct shed_news take_news(struct admission *admission)
{
	struct shed_news news = {0};

	for (size_t i = 0; i < ADMISSION_SHED__COUNT; i++) {
		int64_t count = admission->count.shed[i] - admission->logged[i];
		int64_t now_ms = count ? clock_mono_ms() : 0;

		if (!count || now_ms < admission->log_next_ms[i])
			continue;
		news.count[i] = count;
		admission->logged[i] += count;
		admission->log_next_ms[i] = now_ms + LOG_EVERY_MS;
	}
	return news;
}

static void log_news(const struct shed_news *news)
{
	for (size_t i = 0; i < ADMISSION_SHED__COUNT; i++) {
		struct log_line line;

		if (!news->count[i])
			continue;
		log_begin(&line, LOG_WARN, "shed");
		log_str(&line, "reason", REASONS[i]);
		log_int(&line, "count", news->count[i]);
		log_end(&line);
	}
}

static bool refuse(enum admission_shed shed, struct err *err)
{
	err_set(err, shed == ADMISSION_CALLER ? ERR_TOO_MANY_REQUESTS : ERR_OVERLOADED, "shed: %s",
		REASONS[shed]);
	err_wait(err, RETRY_AFTER_S);
	return false;
}

void admission_note_shed(struct admission *admission, enum admission_shed shed)
{
	struct shed_news news;

	pthread_mutex_lock(&admission->lock);
	admission->count.shed[shed]++;
	news = take_news(admission);
	pthread_mutex_unlock(&admission->lock);
	log_news(&news);
}

bool admission_enter(struct admission *admission, struct admission_pass *pass, const char *caller,
	struct deadline deadline, struct err *err)
{
	enum admission_shed shed;
	struct shed_news news;

	pthread_mutex_lock(&admission->lock);
	shed = enter(admission, pass, caller, deadline);
	if (shed < ADMISSION_SHED__COUNT)
		admission->count.shed[shed]++;
	news = take_news(admission);
	pthread_mutex_unlock(&admission->lock);
	log_news(&news);
	return shed == ADMISSION_SHED__COUNT || refuse(shed, err);
}

bool admission_enter_free(
	struct admission *admission, struct admission_pass *pass, const char *caller)
{
	bool taken;

	pthread_mutex_lock(&admission->lock);
	taken = has_share(admission, pass, caller) && take_free(admission, pass);
	if (taken)
		link_pass(admission, pass, caller);
	pthread_mutex_unlock(&admission->lock);
	return taken;
}

/* Gives the place on, so that none who comes now can take it. */
static void hand_over(struct admission *admission)
{
	struct admission_pass *next = admission->first;

	if (!next) {
		admission->count.in--;
		return;
	}
	unqueue(admission, next);
	next->stage = ADMISSION_IN;
	pthread_cond_signal(&next->placed);
}

void admission_leave(struct admission *admission, struct admission_pass *pass)
{
	struct shed_news news;

	if (pass->stage == ADMISSION_OUT)
		return;
	pthread_mutex_lock(&admission->lock);
	unlink_pass(admission, pass);
	pass->stage = ADMISSION_OUT;
	hand_over(admission);
	news = take_news(admission);
	pthread_mutex_unlock(&admission->lock);
	log_news(&news);
}

void admission_count(struct admission *admission, struct admission_count *ret)
{
	pthread_mutex_lock(&admission->lock);
	*ret = admission->count;
	pthread_mutex_unlock(&admission->lock);
}

void admission_free(struct admission *admission)
{
	struct shed_news rest = {0};

	if (!admission)
		return;
	for (size_t i = 0; i < ADMISSION_SHED__COUNT; i++)
		rest.count[i] = admission->count.shed[i] - admission->logged[i];
	log_news(&rest);
	pthread_mutex_destroy(&admission->lock);
	free(admission);
}
