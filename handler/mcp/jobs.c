#include "mcp/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/buf.h"

/* Takes the job off the account; with the lock held, or once no thread is left. */
static void settle(struct jobs *jobs, const struct job *job)
{
	jobs->count--;
	jobs->dropped += !job->answered && !job->cancelled;
}

static void job_free(struct job *job)
{
	rpc_message_done(&job->rpc);
	free(job->answer);
	free(job->text);
	free(job);
}

/* The oldest job that nobody runs, now the caller's to run; NULL when there is to be no more. */
static struct job *take(struct jobs *jobs)
{
	struct job *job = NULL;

	pthread_mutex_lock(&jobs->lock);
	while (!jobs->stopping && !job) {
		for (job = jobs->list; job && job->started; job = job->next)
			;
		if (!job)
			pthread_cond_wait(&jobs->work, &jobs->lock);
	}
	if (jobs->stopping)
		job = NULL;
	if (job)
		job->started = true;
	pthread_mutex_unlock(&jobs->lock);
	return job;
}

static void end(struct jobs *jobs, struct job *job)
{
	struct job **link = &jobs->list;

	pthread_mutex_lock(&jobs->lock);
	while (*link != job)
		link = &(*link)->next;
	*link = job->next;
	settle(jobs, job);
	pthread_mutex_unlock(&jobs->lock);
	job_free(job);
	eventfd_write(jobs->event_fd, 1); /* fails only when it was signalled 2^64 times over */
}

static void *work(void *context)
{
	struct jobs *jobs = context;
	struct job *job;

	while ((job = take(jobs))) {
		if (jobs_is_wanted(jobs, job))
			jobs->run(jobs->context, job);
		end(jobs, job);
	}
	return NULL;
}

bool jobs_start(struct jobs *jobs)
{
	pthread_mutex_init(&jobs->lock, NULL);
	pthread_cond_init(&jobs->work, NULL);
	pthread_cond_init(&jobs->heard, NULL);
	while (jobs->thread_count < JOBS_THREADS &&
		!pthread_create(&jobs->threads[jobs->thread_count], NULL, work, jobs))
		jobs->thread_count++;
	return jobs->thread_count > 0;
}

void jobs_add(struct jobs *jobs, struct rpc_message *rpc, struct json_span line)
{
	struct job *job = xcalloc(1, sizeof(*job));
	struct job **link = &jobs->list;

	job->rpc = *rpc;
	*rpc = (struct rpc_message){.kind = RPC_BATCH};
	if (job->rpc.kind == RPC_BATCH) {
		job->text = xstrndup(line.text, line.len);
		job->len = line.len;
	}
	pthread_mutex_lock(&jobs->lock);
	while (*link)
		link = &(*link)->next;
	*link = job;
	jobs->count++;
	pthread_cond_signal(&jobs->work);
	pthread_mutex_unlock(&jobs->lock);
}

void jobs_cancel(struct jobs *jobs, const char *id)
{
	pthread_mutex_lock(&jobs->lock);
	for (struct job *job = jobs->list; job; job = job->next) {
		if (job->rpc.id && rpc_id_equal(job->rpc.id, id))
			job->cancelled = true;
	}
	pthread_cond_broadcast(&jobs->heard);
	pthread_mutex_unlock(&jobs->lock);
}

bool jobs_is_wanted(struct jobs *jobs, const struct job *job)
{
	bool wanted;

	pthread_mutex_lock(&jobs->lock);
	wanted = !job->cancelled && !jobs->stopping;
	pthread_mutex_unlock(&jobs->lock);
	return wanted;
}

bool jobs_begin_question(struct jobs *jobs, struct job *job, char ret_id[JOBS_QUESTION_SIZE])
{
	int spare = jobs->thread_count > JOBS_SPARE ? JOBS_SPARE : 0;
	bool good;

	pthread_mutex_lock(&jobs->lock);
	good = !jobs->deaf && !jobs->stopping && !job->cancelled &&
	       jobs->questions < jobs->thread_count - spare;
	if (good) {
		jobs->questions++;
		snprintf(job->question, sizeof(job->question), "\"confirm-%lld\"",
			(long long)++jobs->asked);
		memcpy(ret_id, job->question, sizeof(job->question));
	}
	pthread_mutex_unlock(&jobs->lock);
	return good;
}

char *jobs_await_answer(struct jobs *jobs, struct job *job, struct deadline deadline)
{
	char *answer = NULL;

	pthread_mutex_lock(&jobs->lock);
	while (!job->answer && !job->cancelled && !jobs->stopping && !jobs->deaf &&
		deadline_wait(deadline, &jobs->heard, &jobs->lock))
		;
	if (!job->cancelled && !jobs->stopping) {
		answer = job->answer;
		job->answer = NULL;
	}
	*job->question = '\0';
	jobs->questions--;
	pthread_mutex_unlock(&jobs->lock);
	return answer;
}

void jobs_answer(struct jobs *jobs, const char *id, struct json_span line)
{
	pthread_mutex_lock(&jobs->lock);
	for (struct job *job = jobs->list; job; job = job->next) {
		if (*job->question && !job->answer && rpc_id_equal(job->question, id))
			job->answer = xstrndup(line.text, line.len);
	}
	pthread_cond_broadcast(&jobs->heard);
	pthread_mutex_unlock(&jobs->lock);
}

void jobs_deafen(struct jobs *jobs)
{
	pthread_mutex_lock(&jobs->lock);
	jobs->deaf = true;
	pthread_cond_broadcast(&jobs->heard);
	pthread_mutex_unlock(&jobs->lock);
}

int jobs_count(struct jobs *jobs)
{
	int count;

	pthread_mutex_lock(&jobs->lock);
	count = jobs->count;
	pthread_mutex_unlock(&jobs->lock);
	return count;
}

bool jobs_abandon(struct jobs *jobs)
{
	bool running = false;

	pthread_mutex_lock(&jobs->lock);
	jobs->stopping = true;
	for (const struct job *job = jobs->list; job; job = job->next)
		running |= job->started;
	pthread_cond_broadcast(&jobs->work);
	pthread_cond_broadcast(&jobs->heard);
	pthread_mutex_unlock(&jobs->lock);
	return running;
}

void jobs_stop(struct jobs *jobs)
{
	jobs_abandon(jobs);
	for (int i = 0; i < jobs->thread_count; i++)
		pthread_join(jobs->threads[i], NULL);
	while (jobs->list) {
		struct job *job = jobs->list;

		jobs->list = job->next;
		settle(jobs, job);
		job_free(job);
	}
	pthread_cond_destroy(&jobs->work);
	pthread_cond_destroy(&jobs->heard);
	pthread_mutex_destroy(&jobs->lock);
}
