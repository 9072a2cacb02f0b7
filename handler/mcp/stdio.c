#include "mcp/stdio.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "mcp/asking.h"
#include "mcp/jobs.h"
#include "mcp/lines.h"

#define WAITING_MAX 32 /* calls; beyond it reading pauses, cancellations included */

struct stdio_loop {
	const struct mcp_server *server;
	struct mcp_stdio_options options;
	struct writer writer;
	struct jobs jobs;
	struct asking asking;
	int event_fd; /* a job has ended, or the output broke */
	int stop_fd;  /* from now on no answer may keep us waiting */
	_Atomic(bool) broken;
};

static bool write_reply(struct stdio_loop *loop, const struct mcp_reply *reply)
{
	if (!reply->body || writer_line(&loop->writer, reply->body, reply->body_len))
		return true;
	atomic_store(&loop->broken, true);
	eventfd_write(loop->event_fd, 1);
	return false;
}

static void answer(struct stdio_loop *loop, const struct rpc_message *rpc, struct job *job)
{
	struct job_asker asker;
	struct mcp_message message = {.text = job ? job->text : NULL,
		.len = job ? job->len : 0,
		.asker = asking_of_job(&loop->asking, job, &asker)};
	struct mcp_reply reply;

	mcp_answer_read(loop->server, &message, rpc, &reply);
	if (!job)
		write_reply(loop, &reply);
	else if (jobs_is_wanted(&loop->jobs, job))
		job->answered = write_reply(loop, &reply);
	mcp_reply_done(&reply);
}

static void run_job(void *context, struct job *job)
{
	answer(context, &job->rpc, job);
}

static bool is_call(const struct rpc_message *rpc)
{
	if (rpc->fault)
		return false;
	return rpc->kind == RPC_BATCH ||
	       (rpc->kind == RPC_REQUEST && !strcmp(rpc->method, "tools/call"));
}

static void take_line(struct stdio_loop *loop, struct json_span line)
{
	struct rpc_message rpc;

	rpc_read(line.text, line.len, &rpc);
	if (rpc.cancels)
		jobs_cancel(&loop->jobs, rpc.cancels);
	asking_hear_client(&loop->asking, &rpc);
	asking_hear_answer(&loop->asking, &rpc, line);
	if (is_call(&rpc))
		jobs_add(&loop->jobs, &rpc, line);
	else
		answer(loop, &rpc, NULL);
	rpc_message_done(&rpc);
}

static void refuse_line(struct stdio_loop *loop)
{
	struct rpc_message rpc = {.kind = RPC_BATCH, .fault = RPC_INVALID_REQUEST};

	snprintf(rpc.why, sizeof(rpc.why), "A message must have at most %zu bytes.",
		loop->options.line_max);
	answer(loop, &rpc, NULL);
}

/* Takes the lines held; false when it had to leave some, since no more calls may wait. */
static bool take_lines(struct stdio_loop *loop, struct lines *lines)
{
	while (jobs_count(&loop->jobs) < loop->jobs.thread_count + WAITING_MAX) {
		struct json_span line;
		enum lines_event event = lines_next(lines, &line);

		if (event == LINES_NEED_MORE)
			return true;
		if (event == LINES_LINE)
			take_line(loop, line);
		else
			refuse_line(loop);
	}
	return false;
}

enum wait_end { WAIT_READY, WAIT_CHANGE, WAIT_STOP };

/* Waits for the client's descriptor (-1: for none), an event of the other threads, or the end. */
static enum wait_end await(struct stdio_loop *loop, struct pollfd client, int timeout_ms)
{
	struct pollfd fds[] = {{.fd = loop->options.wake_fd, .events = POLLIN},
		{.fd = loop->event_fd, .events = POLLIN}, client};
	eventfd_t ignored;
	int n = poll(fds, 3, timeout_ms);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? WAIT_CHANGE : WAIT_STOP;
	if (n == 0 || fds[0].revents)
		return WAIT_STOP;
	if (fds[1].revents)
		eventfd_read(loop->event_fd, &ignored);
	return fds[2].revents ? WAIT_READY : WAIT_CHANGE;
}

/* Until the input has ended and is all taken (0) or fails (-1), or there is another reason to stop
 * (1). */
static int serve(struct stdio_loop *loop, struct lines *lines, int in_fd)
{
	bool ended = false;

	for (;;) {
		bool hungry = take_lines(loop, lines);
		struct pollfd input = {.fd = hungry ? in_fd : -1, .events = POLLIN};
		enum wait_end end = WAIT_STOP;
		ssize_t n;

		if (hungry && ended) {
			jobs_deafen(&loop->jobs);
			return 0;
		}
		if (!atomic_load(&loop->broken))
			end = await(loop, input, -1);
		if (end == WAIT_STOP)
			return 1;
		if (end == WAIT_CHANGE)
			continue;
		n = lines_read(lines, in_fd);
		ended = n == 0;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -1;
	}
}

/* Lets calls finish that were asked for before the input ended, while somebody is there to read the
 * answers: poll tells of a reader that is gone without being asked to. */
static void drain(struct stdio_loop *loop)
{
	struct pollfd output = {.fd = loop->writer.fd};
	enum wait_end end = WAIT_CHANGE;

	while (end == WAIT_CHANGE && jobs_count(&loop->jobs) > 0 && !atomic_load(&loop->broken))
		end = await(loop, output, loop->options.drain_ms);
}

/* The exit of a session whose threads have ended. */
static int end_status(struct stdio_loop *loop, int status)
{
	int dropped = loop->jobs.dropped;

	if (dropped)
		log_event(LOG_WARN, "dropped", "calls taken and not answered: %d", dropped);
	return dropped || atomic_load(&loop->broken) ? -1 : status;
}

static int run(struct stdio_loop *loop, int in_fd)
{
	struct lines lines;
	int status;

	lines_init(&lines, loop->options.line_max);
	status = serve(loop, &lines, in_fd);
	lines_done(&lines);
	if (status == 0)
		drain(loop);
	eventfd_write(loop->stop_fd, 1);
	if (jobs_abandon(&loop->jobs))
		loop->options.cancel(loop->options.context);
	return status < 0 ? -1 : 0;
}

int mcp_stdio_run(const struct mcp_server *server, int in_fd, int out_fd,
	const struct mcp_stdio_options *options)
{
	struct stdio_loop loop = {.server = server,
		.options = *options,
		.event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
	int status = -1;

	loop.jobs = (struct jobs){.run = run_job, .context = &loop, .event_fd = loop.event_fd};
	loop.asking = (struct asking){&loop.jobs, &loop.writer, options->ask_ms, false};
	writer_init(&loop.writer, out_fd, loop.stop_fd, loop.options.wake_fd);
	if (jobs_start(&loop.jobs) && loop.event_fd >= 0 && loop.stop_fd >= 0)
		status = run(&loop, in_fd);
	jobs_stop(&loop.jobs);
	writer_done(&loop.writer);
	if (loop.event_fd >= 0)
		close(loop.event_fd);
	if (loop.stop_fd >= 0)
		close(loop.stop_fd);
	return end_status(&loop, status);
}
