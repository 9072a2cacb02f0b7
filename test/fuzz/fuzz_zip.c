/* A zip file: every entry that is found is unpacked within its bounds. */
#include "content/zip.h"

#include "fuzz.h"

struct taken {
	size_t bytes;
	unsigned sum;
};

static bool take(void *context, const char *bytes, size_t n)
{
	struct taken *taken = context;

	for (size_t i = 0; i < n; i++)
		taken->sum += (unsigned char)bytes[i]; /* so that each is read */
	taken->bytes += n;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const NAMES[] = {"a", "b", "_rels/.rels", "mimetype"};
	char *bytes = fuzz_text(data, size);
	struct zip *zip;

	if (!zip_open((struct json_span){bytes, size}, &zip)) {
		for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
			const struct zip_entry *entry = zip_find(zip, NAMES[i]);
			struct taken taken = {0};
			struct zip_sink sink = {take, &taken};

			if (entry)
				zip_read(zip, entry, &sink);
			if (taken.bytes > ZIP_BYTES_MAX)
				abort();
		}
		zip_free(zip);
	}
	free(bytes);
	return 0;
}
