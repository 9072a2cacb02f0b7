#include "arguments.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/config.h"
#include "base/version.h"
#include "endpoints/endpoints.h"
#include "http/server.h"

#define DEFAULT_PORT 8080

static void print_help(void)
{
	printf("Usage: handler [--port N | --stdio] [--permissions] [--help] [--version]\n\n"
	       "  --port N       listen on port N when FUNCTIONS_CUSTOMHANDLER_PORT is not set "
	       "[%d]\n"
	       "  --stdio        serve one MCP client on standard input and output instead\n"
	       "  --permissions  show the Graph permissions that the Graph tools need\n"
	       "  --help         show this\n"
	       "  --version      show the version\n\n"
	       "Endpoints, on 127.0.0.1, as an Azure Functions custom handler or alone:\n",
		DEFAULT_PORT);
	for (size_t i = 0; i < endpoint_count; i++)
		printf("  %-10s %s\n", endpoints[i].name, endpoints[i].methods);
	printf("\nSettings, from the environment [default]:\n");
	config_print_settings(stdout);
}

static void print_version(void)
{
	printf("%s %s (%s; %s)\n", SERVICE_NAME, SERVICE_VERSION, SERVICE_COMMIT, server_waiting());
}

static bool parse_port(const char *text, int *ret)
{
	char *end;
	long port = strtol(text, &end, 10);

	if (end == text || *end || port < 1 || port > 65535)
		return false;
	*ret = (int)port;
	return true;
}

static bool refuse_unknown(const char *argument)
{
	fprintf(stderr, "handler: unknown option %s; see handler --help\n", argument);
	return false;
}

bool arguments_read(int argc, char **argv, struct arguments *ret, int *ret_exit)
{
	static const struct option OPTIONS[] = {{"port", required_argument, NULL, 'p'},
		{"stdio", no_argument, NULL, 's'}, {"permissions", no_argument, NULL, 'g'},
		{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'v'}, {0}};
	int option, at = optind; /* of the argument being read */

	*ret = (struct arguments){.port = DEFAULT_PORT};
	*ret_exit = 2;
	opterr = 0;
	/* No other thread runs yet.  NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while ((option = getopt_long(argc, argv, "+:", OPTIONS, NULL)) != -1) {
		if (option == '?')
			return refuse_unknown(argv[at]);
		if (option == ':' || (option == 'p' && !parse_port(optarg, &ret->port))) {
			fprintf(stderr, "handler: --port needs a number from 1 to 65535\n");
			return false;
		}
		if (option == 'h' || option == 'v') {
			(option == 'h' ? print_help : print_version)();
			*ret_exit = 0;
			return false;
		}
		ret->stdio |= option == 's';
		ret->permissions |= option == 'g';
		at = optind;
	}
	return at >= argc || refuse_unknown(argv[at]);
}

bool arguments_choose_port(struct arguments *arguments)
{
	static const char *const NAMES[] = {
		"FUNCTIONS_CUSTOMHANDLER_PORT", "FUNCTIONS_HTTPWORKER_PORT"};

	for (size_t i = 0; i < 2 && !arguments->under_host; i++) {
		/* No other thread runs yet.  NOLINTNEXTLINE(concurrency-mt-unsafe) */
		const char *value = getenv(NAMES[i]);

		if (!value || !*value)
			continue;
		if (!parse_port(value, &arguments->port)) {
			fprintf(stderr, "handler: %s must be a number from 1 to 65535\n", NAMES[i]);
			return false;
		}
		arguments->under_host = true;
	}
	return true;
}
