/* One call of an endpoint, whatever brought it: whose it is, until when, with which arguments, what
 * it came to, and what the log says of it. */
#ifndef ENDPOINTS_CALL_H
#define ENDPOINTS_CALL_H

#include <stdint.h>

#include "base/crypto.h"
#include "base/deadline.h"
#include "endpoints/service.h"
#include "http/client_address.h"
#include "http/trace.h"

/* Of a struct err what is told about a caller that is not known.  (It is cleared for each request,
 * so it holds no whole struct err.) */
struct stranger {
	enum err_code code; /* ERR_NONE: the caller is known */
	char message[320];  /* in words of its own; "": the code's */
};

/* Whose a call is.  The calls in one MCP message share it. */
struct identity {
	const char *authorization; /* the header's value, or what stands for it; NULL: none */
	bool ambiguous;            /* there were more than one */
	bool may_be_graphs;        /* a token may be one for Graph that the gateway exchanged */
	struct user_token *source; /* nobody sends a token, it is had from here; NULL: no */
	struct caller caller;      /* once authenticated */
	struct stranger stranger;  /* why the caller is not known, where the row goes without */
	char address[INET6_ADDRSTRLEN]; /* the client's; "": not known */
	char request_id[129];           /* the client's when well-formed, else minted */
	char correlation_id[UUID_SIZE]; /* for Entra and Graph */
};

/* What was asked of Graph on the way. */
struct graph_note {
	int64_t ms;
	const char *token_source; /* NULL: Graph was not asked */
	char request_id[64];
	char diagnostic[256];
};

/* What an MCP message was. */
struct mcp_note {
	char method[48];
	const char *tool;
	const char *era;
	int code;              /* the JSON-RPC error's; 0: none */
	enum err_code failure; /* of the call; ERR_NONE: none */
	char detail[320];
};

/* What was asked of the door before Entra, and what came of it. */
struct oauth_note {
	const char *action; /* authorize, token or register; NULL: none of them */
	const char *client; /* how it named itself; NULL, as the next: not known */
	const char *grant;
	int entra_status;  /* 0: Entra was not asked, or did not answer */
	int64_t number;    /* of its AADSTS error; 0: none */
	char trace_id[64]; /* its own; "": none */
};

/* What a line of the log says; that of a request is shared by the calls in it. */
struct record {
	int64_t start_ms;
	const char *method;        /* HTTP's; NULL: none */
	const char *invocation_id; /* the Functions host's; NULL: none */
	char trace[TRACE_SIZE];    /* traceparent that was sent on; "": none */
	struct graph_note graph;
	struct mcp_note mcp;
	struct oauth_note oauth;
};

struct call {
	struct service *service;
	const struct endpoint *endpoint; /* NULL: the path is none's */
	struct identity *identity;
	struct record *record;
	struct deadline deadline;    /* for all that is waited for on its behalf */
	struct admission_pass *pass; /* NULL: it needs no place, or is part of one that has it */
	char trace[TRACE_SIZE];      /* traceparent for what is called on; "": none */
	const cJSON *arguments;      /* as the tool's schema allows; null: absent */
	struct person person;        /* in front of the client, who may be asked first */
	struct outcome outcome;
};

/* Gives a zeroed identity its ids, from the client's own where it sent a good one (NULL: none). */
void identity_start(struct identity *identity, const char *request_id);
void identity_done(struct identity *identity);

/* Notes why the caller is not known. */
void stranger_is(struct stranger *stranger, const struct err *why);

/* Gives the call the trace that its caller belongs to; NULL, or not valid: none. */
void call_trace(struct call *call, const char *traceparent);

/* An errand to Graph for it. */
struct graph_errand call_errand(const struct call *call);
/* Notes for the log what Graph was asked for it. */
void call_asked_graph(struct call *call, const struct graph_errand *graph);

/* Counts a call of its row by its HTTP status; one from 400 on is an error. */
void call_count(const struct call *call, int status);

/* The line that every request leaves in the log; err NULL: it went well. */
void call_log(const struct call *call, int status, const struct err *err);

#endif
