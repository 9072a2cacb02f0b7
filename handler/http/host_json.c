#include "http/host_json.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"

#define FILE_BYTES_MAX 1048576

/* The rest of a variable behind part of its name, in any case as .NET has it; NULL: not there. */
static const char *behind(const char *at, const char *part)
{
	size_t n = strlen(part);

	return at && !strncasecmp(at, part, n) ? at + n : NULL;
}

/* Behind "__" or ":", which .NET has between the parts of a setting's name. */
static const char *behind_separator(const char *at)
{
	const char *colon = behind(at, ":");

	return colon ? colon : behind(at, "__");
}

/* The app setting's value; NULL: not set. */
static const char *app_setting(char *const *environment, const char *flag)
{
	const char *value = NULL;

	for (; *environment && !value; environment++) {
		const char *at = behind_separator(behind(*environment, "AzureFunctionsJobHost"));

		at = behind_separator(behind(at, "customHandler"));
		value = behind(behind(at, flag), "=");
	}
	return value;
}

static bool is_on(const cJSON *value)
{
	const char *text = cJSON_GetStringValue(value);

	return cJSON_IsTrue(value) || (text && !strcasecmp(text, "true"));
}

enum flag { FLAG_UNSAID, FLAG_OFF, FLAG_ON };

static enum flag flag_of(char *const *environment, const cJSON *tree, const char *flag)
{
	const char *setting = app_setting(environment, flag);
	const cJSON *value = cJSON_GetObjectItem(cJSON_GetObjectItem(tree, "customHandler"), flag);

	if (!setting && !value)
		return FLAG_UNSAID;
	return (setting ? !strcasecmp(setting, "true") : is_on(value)) ? FLAG_ON : FLAG_OFF;
}

static bool any_flag_on(char *const *environment, const cJSON *tree)
{
	enum flag proxying = flag_of(environment, tree, "enableProxyingHttpRequest");

	/* The profiles for custom handlers turn it on, "mcp-custom-handler" for one. */
	if (proxying == FLAG_UNSAID && cJSON_GetObjectItem(tree, "configurationProfile"))
		proxying = FLAG_ON;
	return proxying == FLAG_ON ||
	       flag_of(environment, tree, "enableForwardingHttpRequest") == FLAG_ON;
}

static bool read_file(const char *path, struct buf *ret)
{
	FILE *file = fopen(path, "re");
	char piece[4096];
	bool good = file != NULL;
	size_t n;

	while (good && (n = fread(piece, 1, sizeof(piece), file)) > 0)
		good = buf_add_within(ret, piece, n, FILE_BYTES_MAX);
	if (file)
		fclose(file);
	return good && ret->len;
}

/* Comments, and a byte order mark, are the host's to allow. */
static cJSON *parse(struct buf *text)
{
	char *start = text->data;
	cJSON *tree = NULL;
	autoerr(ignored);

	if (!strncmp(start, "\xef\xbb\xbf", 3))
		start += 3;
	cJSON_Minify(start);
	return json_parse(start, strlen(start), &tree, &ignored) ? tree : NULL;
}

/* The folder so many levels above the program; false when there is none. */
static bool program_folder(char path[PATH_MAX], int levels)
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);

	path[n > 0 ? n : 0] = '\0';
	for (int i = 0; i < levels; i++) {
		char *slash = strrchr(path, '/');

		if (!slash)
			return false;
		*slash = '\0';
	}
	return true;
}

static bool read_in(const char *folder, struct buf *ret)
{
	struct buf path;
	bool found;

	buf_init(&path);
	buf_addf(&path, "%s/host.json", folder);
	found = read_file(path.data, ret);
	buf_done(&path);
	return found;
}

static bool find_file(char *const *environment, struct buf *ret)
{
	const char *root = NULL;
	char folder[PATH_MAX];

	for (; *environment && !root; environment++)
		root = behind(*environment, "FUNCTIONS_APP_ROOT_PATH=");
	if (root && *root)
		return read_in(root, ret);
	return (program_folder(folder, 2) && read_in(folder, ret)) ||
	       (program_folder(folder, 1) && read_in(folder, ret));
}

bool host_sends_envelopes(char *const *environment)
{
	autofree_json cJSON *tree = NULL;
	struct buf text;
	bool envelopes;

	buf_init(&text);
	if (find_file(environment, &text))
		tree = parse(&text);
	buf_done(&text);
	envelopes = tree && !any_flag_on(environment, tree);
	log_event(LOG_INFO, "host", "%s",
		!tree       ? "no host.json that can be read: requests are taken as they come"
		: envelopes ? "host.json has it send envelopes"
			    : "host.json has it pass requests on");
	return envelopes;
}
