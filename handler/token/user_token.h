/* The user's own token for this API where nobody sends one: over stdio it is the settings'
 * ACCESS_TOKEN, or what ACCESS_TOKEN_COMMAND prints.
 */
#ifndef TOKEN_USER_TOKEN_H
#define TOKEN_USER_TOKEN_H

#include "base/config.h"
#include "base/deadline.h"
#include "base/err.h"
#include "base/secret.h"

/* Then, or at its caller's deadline, the command and what it started are killed. */
#define USER_TOKEN_COMMAND_S 30

struct user_token;

struct user_token *user_token_new(const struct config *config);
void user_token_free(struct user_token *source);

/* Copies the token into *ret.  The command is run by /bin/sh when there is no token that lasts for
 * another minute, once for all who wait; it prints the token, or JSON with an accessToken member
 * as `az account get-access-token` does.  ERR_MISSING_TOKEN, with a message that holds the command
 * to sign in with, when there is neither setting or the command brought nothing.  The token is not
 * checked here.  Any thread. */
bool user_token_get(
	struct user_token *source, struct deadline deadline, struct secret *ret, struct err *err);

/* Ends a command under way and starts no other.  Any thread. */
void user_token_stop(struct user_token *source);

#endif
