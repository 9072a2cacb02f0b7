/* The program: parts built bottom-up, wait, taken down in reverse. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "arguments.h"
#include "base/clock.h"
#include "base/config_credential.h"
#include "base/config_names.h"
#include "base/files.h"
#include "base/log.h"
#include "base/version.h"
#include "door/door.h"
#include "endpoints/dispatch.h"
#include "endpoints/endpoints.h"
#include "graph/gateway.h"
#include "graph/write_guard.h"
#include "http/host_json.h"
#include "http/server.h"
#include "mcp/stdio.h"
#include "token/cloud.h"
#include "token/entra_keys.h"

/* For calls under way to end by themselves, and once more for those cut short to be answered. */
#define DRAIN_MS 1500
#define ASK_MS 300000 /* for a person to read what is about to be done, and decide */

struct app {
	struct config config;
	struct http_client *http;
	struct jwks *jwks;
	struct credential *credential;
	struct entra entra;
	struct caller_rules rules;
	struct token_cache *tokens;
	struct obo obo;
	struct graph graph;
	struct gateway gateway;
	struct user_token *user_token; /* over stdio */
	struct graph_tools graph_tools;
	struct service service;
	struct server *server;
};

static void report_names(const struct config *config)
{
	for (size_t i = 0; i < config->misnamed_count; i++) {
		struct log_line line;

		log_begin(&line, LOG_WARN, "unknown_setting");
		log_str(&line, "name", config->misnamed[i].variable);
		log_str(&line, "setting", config->misnamed[i].setting);
		log_str(&line, "detail", "is no setting, and looks like one that is");
		log_end(&line);
	}
}

static void read_graph_tools(struct app *app)
{
	const struct graph_tools_beside beside = {endpoints, endpoint_count, &graph_tool_row};

	graph_tools_init(&app->graph_tools, &app->config, &beside);
	graph_tools_report(&app->graph_tools);
}

/* The problems with settings whose names begin so, how many there are. */
static size_t report_settings(const struct config *config, const char *beginning)
{
	size_t count = 0;

	for (size_t i = 0; i < config->problem_count; i++) {
		const struct config_problem *problem = &config->problems[i];
		struct log_line line;

		if (strncmp(problem->name, beginning, strlen(beginning)) != 0)
			continue;
		log_begin(&line, LOG_WARN, "setting");
		log_str(&line, "name", problem->name);
		log_str(&line, "detail", problem->text);
		log_end(&line);
		count++;
	}
	return count;
}

static void report_problems(const struct config *config)
{
	if (report_settings(config, ""))
		log_event(LOG_WARN, "not_configured",
			"%zu settings to mend; /me and /mcp answer 503 until then; see handler "
			"--help",
			config->problem_count);
}

/* What needs complete settings; without them the open endpoints are all there is. */
static void build_protected(struct app *app)
{
	const struct config *config = &app->config;

	app->entra.config = config;
	app->entra.http = app->http;
	app->entra.credential = app->credential;
	log_event(LOG_INFO, "credential", "%s",
		app->credential ? credential_kind(app->credential)
				: "none: the gateway is asked for profiles");
	app->jwks = jwks_new(config, entra_fetch_keys, &app->entra);
	caller_rules_init(&app->rules, config, app->jwks);
	app->service.sign_in.rules = &app->rules;
	if (*config->mcp_client_id)
		app->service.sign_in.door = door_new(config, app->http);
	app->service.upstreams.entra = &app->entra;
	app->service.state = app->credential ? SERVICE_ASKS_GRAPH : SERVICE_ASKS_GATEWAY;
	if (!app->credential) {
		app->gateway = (struct gateway){config, app->http};
		app->service.upstreams.graph = (struct graph_source){
			gateway_me, gateway_run_tool, gateway_guard, &app->gateway, NULL};
		return;
	}
	app->tokens = token_cache_new((size_t)config->token_cache_entries);
	obo_init(&app->obo, &app->entra, app->tokens);
	app->graph.config = config;
	app->graph.http = app->http;
	app->graph.obo = &app->obo;
	app->service.upstreams.graph = (struct graph_source){
		graph_me, graph_run_tool, write_guard_pass, &app->graph, &app->graph.health};
	app->service.upstreams.tokens = app->tokens;
}

/* What the settings are not to blame for; what they are, they are noted for. */
static bool fail_start(const struct err *err)
{
	log_event(LOG_ERROR, "start_failed", "%s", err->detail);
	return false;
}

/* False: the program cannot start. */
static bool build(struct app *app)
{
	autoerr(err);

	app->service.config = &app->config;
	app->service.started_ms = clock_mono_ms();
	app->service.table = endpoints;
	app->service.table_count = endpoint_count;
	app->service.graph_tools = &app->graph_tools;
	if (!app->config.problem_count &&
		!cloud_hosts_fit(app->config.authority_host, app->config.graph_base_url))
		config_note(&app->config, "GRAPH_BASE_URL",
			"and AUTHORITY_HOST are not the Graph and login hosts of one Microsoft "
			"cloud");
	if (!app->config.problem_count &&
		!http_client_new(app->config.ca_bundle_file, &app->http, &err)) {
		if (err.code != ERR_SERVER_CONFIGURATION)
			return fail_start(&err);
		config_note(&app->config, "CA_BUNDLE_FILE", "%s", err.detail);
	}
	if (!app->config.problem_count && config_has_credential(&app->config) &&
		!credential_new(&app->config, app->http, &app->credential, &err))
		config_note(&app->config, "CLIENT_CERTIFICATE_FILE", "%s", err.detail);
	report_names(&app->config);
	report_problems(&app->config);
	read_graph_tools(app);
	if (!app->config.problem_count)
		build_protected(app);
	service_start(&app->service, mcp_run_tool);
	return true;
}

/* Nothing but the lists on standard output; what is wrong goes to where errors go.  A setting that
 * the lists do not follow from may be missing. */
static int print_permissions(struct app *app)
{
	size_t problems;

	log_set_level(LOG_WARN);
	report_names(&app->config);
	problems = report_settings(&app->config, "GRAPH_TOOLS") +
		   report_settings(&app->config, "CONFIRM_WRITES") +
		   report_settings(&app->config, "WRITE_RECIPIENT_DOMAINS");
	read_graph_tools(app);
	problems += app->graph_tools.definitions.problem_count;
	graph_tools_print_permissions(&app->graph_tools, &app->config, stdout);
	graph_tools_done(&app->graph_tools);
	config_done(&app->config);
	log_drain();
	return problems ? 1 : 0;
}

/* What still waits for an upstream, or for a command, is answered with an error. */
static void abandon(void *context)
{
	struct app *app = context;

	if (app->http)
		http_client_stop(app->http);
	if (app->user_token)
		user_token_stop(app->user_token);
}

static void take_down(struct app *app)
{
	server_drain(app->server, DRAIN_MS);
	abandon(app);
	server_drain(app->server, DRAIN_MS);
	server_stop(app->server);
	service_stop(&app->service);
	door_free(app->service.sign_in.door);
	user_token_free(app->user_token);
	obo_done(&app->obo);
	token_cache_free(app->tokens);
	caller_rules_done(&app->rules);
	jwks_free(app->jwks);
	credential_free(app->credential);
	http_client_free(app->http);
	graph_tools_done(&app->graph_tools);
	config_done(&app->config);
}

/* The signal that has come to stop; 0: none. */
static int take_signal(int stop_fd)
{
	struct signalfd_siginfo info;

	return read(stop_fd, &info, sizeof(info)) == sizeof(info) ? (int)info.ssi_signo : 0;
}

/* Waits for a signal to stop and for the host's death (host 0: there is none), seen by our parent
 * changing: PR_SET_PDEATHSIG would fire when the host's forking thread ends.  Returns the exit
 * status: never 0, which the host takes to mean that the handler is done for good. */
static int wait_for_end(int stop_fd, pid_t host)
{
	struct pollfd fds[] = {{stop_fd, POLLIN, 0}, {host ? pidfd_open(host, 0) : -1, POLLIN, 0}};
	int tick_ms = host && fds[1].fd < 0 ? 1000 : -1; /* a sandbox may refuse a pidfd */
	int signal;

	while ((signal = take_signal(stop_fd)) == 0 && (!host || getppid() == host))
		poll(fds, 2, tick_ms);
	if (fds[1].fd >= 0)
		close(fds[1].fd);
	if (signal)
		return 128 + signal;
	log_event(LOG_WARN, "orphaned", "the Functions host is gone");
	return 1;
}

static int serve_http(struct app *app, const struct arguments *arguments, pid_t parent, int stop_fd)
{
	struct server_options options = {.port = arguments->port,
		.threads = service_threads(&app->service),
		.connections_max = (int)app->config.connections_max,
		.request_timeout_ms = (int)app->config.request_timeout_ms,
		.body_max = (size_t)app->config.max_body_bytes,
		.envelopes = arguments->under_host && host_sends_envelopes(environ),
		.handler = dispatch,
		.wants_body = dispatch_wants_body,
		.context = &app->service};
	autoerr(err);

	files_raise_limit(); /* a connection is a file */
	if (!server_start(&options, &app->server, &err))
		return !fail_start(&err);
	log_event(LOG_INFO, "listening", "http://127.0.0.1:%d version %s commit %s",
		arguments->port, SERVICE_VERSION, SERVICE_COMMIT);
	return wait_for_end(stop_fd, arguments->under_host ? parent : 0);
}

/* Nothing but messages may reach the client: what else is printed goes to where errors go.  Returns
 * where the messages go. */
static int divert_output(void)
{
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	dup2(STDERR_FILENO, STDOUT_FILENO);
	return fd;
}

static int serve_stdio(struct app *app, int out_fd, int stop_fd)
{
	struct mcp_stdio_options options = {.line_max = (size_t)app->config.max_body_bytes,
		/* the last call of a batch may begin as late as that */
		.drain_ms = (int)app->config.graph_deadline_ms + MCP_BATCH_MS + DRAIN_MS,
		.ask_ms = ASK_MS,
		.wake_fd = stop_fd,
		.cancel = abandon,
		.context = app};
	int status, signal;

	app->service.sign_in.user_token = app->user_token = user_token_new(&app->config);
	status = mcp_stdio_run(app->service.mcp, STDIN_FILENO, out_fd, &options);
	close(out_fd);
	signal = take_signal(stop_fd); /* what woke it */
	if (signal > 0)
		return 128 + signal;
	return status ? 1 : 0;
}

/* Returns what is readable once one of *ret_stop has come.  They are blocked before any thread
 * starts, so that every thread inherits it. */
static int catch_signals(sigset_t *ret_stop)
{
	int stop_fd;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file at its limit is as one on a full disk */
	/* Ignored, as a parent may leave it, no child can be waited for. */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(ret_stop);
	sigaddset(ret_stop, SIGINT);
	sigaddset(ret_stop, SIGTERM);
	stop_fd = signalfd(-1, ret_stop, SFD_CLOEXEC | SFD_NONBLOCK);
	if (stop_fd >= 0) /* or nothing would end us */
		pthread_sigmask(SIG_BLOCK, ret_stop, NULL);
	return stop_fd;
}

int main(int argc, char **argv)
{
	static struct app app;
	const pid_t parent = getppid(); /* before anything that takes time */
	struct arguments arguments;
	sigset_t stop_signals;
	int status, stop_fd, out_fd = -1;

	files_open_standard();
	if (!arguments_read(argc, argv, &arguments, &status))
		return status;
	if (!arguments.stdio && !arguments_choose_port(&arguments))
		return 2;
	if (arguments.stdio)
		out_fd = divert_output();
	stop_fd = catch_signals(&stop_signals);
	if (!log_start(LOG_INFO)) {
		fprintf(stderr, "handler: there is no thread to be had\n");
		return 1;
	}
	(arguments.stdio ? config_load_for_user : config_load)(
		&app.config, (const char *(*)(const char *))getenv);
	config_note_names(&app.config, environ);
	if (arguments.permissions)
		return print_permissions(&app);
	log_set_level((enum log_level)app.config.log_level);
	status = !build(&app)      ? 1
		 : arguments.stdio ? serve_stdio(&app, out_fd, stop_fd)
				   : serve_http(&app, &arguments, parent, stop_fd);
	pthread_sigmask(SIG_UNBLOCK, &stop_signals, NULL); /* a second signal ends it at once */
	take_down(&app);
	log_drain();
	close(stop_fd);
	return status;
}
