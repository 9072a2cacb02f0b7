#include "base/program.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

static bool holds(const char *folder, const char *file)
{
	struct buf path;
	bool found;

	buf_init(&path);
	buf_addf(&path, "%s/%s", folder, file);
	found = !access(buf_text(&path), R_OK);
	buf_done(&path);
	return found;
}

bool program_folder_with(const char *file, struct buf *ret)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	path[n > 0 ? n : 0] = '\0';
	while ((slash = strrchr(path, '/'))) {
		*slash = '\0';
		if (!holds(path, file))
			continue;
		buf_adds(ret, path);
		return true;
	}
	return false;
}
