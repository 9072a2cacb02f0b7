/* The main of a fuzz target that no fuzzer drives: puts every file of its corpus to it, once.
 * Reports as cmocka does, so that the unit tests' runner counts it. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "fuzz.h"

#define INPUT_MAX (1 << 20)

static void replay(const char *path)
{
	static uint8_t input[INPUT_MAX];
	FILE *file = fopen(path, "rb");
	size_t n;

	if (!file)
		abort();
	n = fread(input, 1, sizeof(input), file);
	fclose(file);
	LLVMFuzzerTestOneInput(input, n);
}

/* fuzz_x replays test/fuzz/corpus/x, seen from the project's folder. */
int main(int argc, char **argv)
{
	const char *name = argc ? strrchr(argv[0], '_') : NULL;
	char folder[256], path[600];
	const struct dirent *entry;
	int count = 0;
	DIR *corpus;

	if (!name)
		return 2;
	snprintf(folder, sizeof(folder), "test/fuzz/corpus/%s", name + 1);
	corpus = opendir(folder);
	while (corpus && (entry = readdir(corpus))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		printf("replaying %s\n", path);
		fflush(stdout);
		replay(path);
		count++;
	}
	if (corpus)
		closedir(corpus);
	printf("[%s] corpus_%s (%d)\n", count ? "       OK " : "  FAILED  ", name + 1, count);
	return count == 0;
}
