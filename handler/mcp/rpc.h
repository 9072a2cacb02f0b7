/* One JSON-RPC 2.0 message from untrusted bytes, and the envelope of an answer.
 *
 * The message is read as spans, its params alone as a tree: for the id is kept as the bytes the
 * client wrote, where cJSON would round an integer beyond 2^53, cut a string at \u0000 and respell
 * escapes.  That costs little: 17,800 instructions for a call of echo, 16,900 by one tree.
 *
 * An id is a string, or a number token without fraction and exponent: -0 is one (and comes back as
 * -0), 1e0 and 1.0 are not.  A name that comes twice, in the message or in any object of its
 * params, makes it invalid, since readers disagree on which one counts.  A member that is null is
 * as good as absent, but for id and a response's result.  Up to 16 members that JSON-RPC does not
 * know are passed over, values and all.  Bounds (bytes aside, which are the caller's) are
 * base/json's.
 */
#ifndef MCP_RPC_H
#define MCP_RPC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "base/json_scan.h"

enum rpc_code {
	RPC_PARSE_ERROR = -32700,
	RPC_INVALID_REQUEST = -32600,
	RPC_METHOD_NOT_FOUND = -32601,
	RPC_INVALID_PARAMS = -32602,
	RPC_INTERNAL_ERROR = -32603,
	/* MCP 2026-07-28, "Error codes" */
	RPC_HEADER_MISMATCH = -32020,
	RPC_MISSING_CAPABILITY = -32021,
	RPC_UNSUPPORTED_VERSION = -32022,
};

enum rpc_kind { RPC_REQUEST, RPC_NOTIFICATION, RPC_RESPONSE, RPC_BATCH };

struct rpc_message {
	char *id;      /* raw token; NULL: none, or none that could be read */
	char *cancels; /* raw requestId of a sound notifications/cancelled, 0 in params; or NULL
			*/
	char *method;  /* NULL for a response or a batch */
	cJSON *params; /* an object, or NULL */
	enum rpc_kind kind;
	int fault;     /* enum rpc_code of what is wrong; 0: nothing */
	char why[320]; /* a public sentence about it */
};

/* Reads a message of n bytes, a byte order mark before it passed over.  False when it is none: then
 * ret->fault and ret->why tell, and ret->id is set where it could be read.  A JSON array is an
 * RPC_BATCH whose elements are not looked at: take each with json_next and give it to this
 * function.  Release *ret with rpc_message_done either way. */
bool rpc_read(const char *text, size_t n, struct rpc_message *ret);
void rpc_message_done(struct rpc_message *message);

/* params._meta, where MCP has what is said besides; NULL: it is not there. */
const cJSON *rpc_meta(const struct rpc_message *message);

/* Whether two raw ids are the same value: "a" and "\u0061" are, 1 and "1" are not. */
bool rpc_id_equal(const char *a, const char *b);

/* Begins an answer: {"jsonrpc":"2.0","id":<id>,"<member>": and then come the member's JSON and "}".
 */
void rpc_open(struct buf *out, const char *id, const char *member);

/* {"jsonrpc":"2.0","id":<id>,"error":{code, message, data}}; without id where it is NULL (an
 * unknown id is left out, never null), without data likewise.  Takes data over; the caller frees
 * the text. */
char *rpc_error(const char *id, int code, const char *message, cJSON *data);

#endif
