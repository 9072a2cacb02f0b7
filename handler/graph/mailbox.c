#include "graph/mailbox.h"

#include <string.h>

#include "base/text.h"

#define ADDRESS_BYTES_MAX 320 /* RFC 3696, erratum 1690 corrects what mail itself can carry */

/* What Entra and Exchange let a name hold ("Prepare directory attributes", userPrincipalName and
 * proxyAddresses), without what some reader between here and Exchange takes a path apart by. */
#define ADDRESS_CHARACTERS                                                                         \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#&'*+-=^_~.@"

static bool is_address(const char *text)
{
	const char *at = strchr(text, '@');

	return at && at > text && at[1] && !strchr(at + 1, '@') &&
	       !text[strspn(text, ADDRESS_CHARACTERS)] && strlen(text) <= ADDRESS_BYTES_MAX;
}

bool mailbox_read(const cJSON *arguments, const char **ret, struct err *err)
{
	const cJSON *given = json_given(arguments, MAILBOX_ARGUMENT);
	const char *text = cJSON_GetStringValue(given);

	if (given && !(text && (is_address(text) || guid_valid(text))))
		return err_say(err, ERR_BAD_REQUEST,
			MAILBOX_ARGUMENT " must be the address or the id of a user or a shared "
					 "mailbox; without it, it is the user's own.");
	*ret = text;
	return true;
}

void mailbox_add_path(const char *mailbox, const char *path, struct buf *out)
{
	if (mailbox) {
		buf_adds(out, "/users/");
		buf_add_urlencoded(out, mailbox);
		path += strlen(MAILBOX_OWN) - 1;
	}
	buf_adds(out, path);
}
