#include "service.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../programs/net.h"
#include "keys.h"

#define GRAPH_TOKEN_SIZE 1500 /* about as long as Graph's */

static char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *text(const char *format, ...)
{
	va_list args;
	char *ret;

	va_start(args, format);
	if (vasprintf(&ret, format, args) < 0)
		die("memory");
	va_end(args);
	return ret;
}

void service_init(struct service *service, const char *entra_url, const char *tenant_id, long users)
{
	service->users = users;
	service->exchanges_of = calloc((size_t)users, sizeof(long));
	service->failing_user = -1;
	service->metadata[0] = text("{\"issuer\":\"https://sts.windows.net/%s/\",\"jwks_uri\":"
				    "\"%s/%s/discovery/keys\"}",
		tenant_id, entra_url, tenant_id);
	service->metadata[1] = text("{\"issuer\":\"%s/%s/v2.0\",\"jwks_uri\":\"%s/%s/discovery/"
				    "v2.0/keys\",\"token_endpoint\":\"%s/%s/oauth2/v2.0/token\"}",
		entra_url, tenant_id, entra_url, tenant_id, entra_url, tenant_id);
}

/* "g.USER.xxx...": what was exchanged for whom can be read off it. */
static char *graph_token(long user)
{
	char token[GRAPH_TOKEN_SIZE + 1];
	int n = snprintf(token, sizeof(token), "g.%ld.", user);

	memset(token + n, 'x', sizeof(token) - (size_t)n);
	token[GRAPH_TOKEN_SIZE] = '\0';
	return text("{\"token_type\":\"Bearer\",\"scope\":\"User.Read Mail.Read Presence.Read\","
		    "\"expires_in\":3599,"
		    "\"ext_expires_in\":3599,\"access_token\":\"%s\"}",
		token);
}

static struct reply exchange(struct service *service, const struct question *question)
{
	const char *assertion = question->body ? strstr(question->body, "assertion=") : NULL;
	long user;

	/* client_assertion= ends alike */
	while (assertion && assertion > question->body && assertion[-1] != '&')
		assertion = strstr(assertion + 1, "assertion=");
	user = assertion ? token_user(assertion + 10, strcspn(assertion + 10, "&")) : -1;
	if (user < 0 || user >= service->users)
		return (struct reply){400, 0, text("{\"error\":\"invalid_grant\"}")};
	if (user == service->failing_user) {
		service->refused++;
		return (struct reply){503, (int)service->delays_ms[ENTRA],
			text("{\"error\":\"temporarily_unavailable\"}")};
	}
	service->exchanges++;
	service->exchanges_of[user]++;
	return (struct reply){200, (int)service->delays_ms[ENTRA], graph_token(user)};
}

static struct reply answer_entra(struct service *service, const struct question *question)
{
	const char *path = question->path;

	if (strstr(path, "/oauth2/v2.0/token"))
		return exchange(service, question);
	if (strstr(path, "/discovery/")) {
		service->key_fetches++;
		return (struct reply){200, 0, text("%s", service->jwks)};
	}
	if (strstr(path, "/.well-known/openid-configuration"))
		return (struct reply){
			200, 0, text("%s", service->metadata[strstr(path, "/v2.0/") != NULL])};
	return (struct reply){404, 0, text("{}")};
}

/* As many as a page of list_mail has. */
static char *mails(long user)
{
	char *ret = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&ret, &len);

	if (!stream)
		die("memory");
	fputs("{\"value\":[", stream);
	for (int i = 0; i < 10; i++)
		fprintf(stream,
			"%s{\"id\":\"AAMkAGI1AAAt9AHjAAA%0100d=\",\"subject\":\"Mail %d of user "
			"%ld\",\"bodyPreview\":\"%0255d\",\"isRead\":false,\"hasAttachments\":"
			"false,\"receivedDateTime\":\"2026-11-27T10:00:00Z\",\"from\":"
			"{\"emailAddress\":{\"name\":\"Adele Vance\",\"address\":"
			"\"adele@contoso.example\"}},\"toRecipients\":[{\"emailAddress\":{"
			"\"address\":\"user%ld@contoso.example\"}}]}",
			i ? "," : "", i, i, user, 0, user);
	fprintf(stream, "],\"@odata.nextLink\":\"https://graph.microsoft.com/v1.0/me/mailFolders/"
			"inbox/messages?$skip=10\"}");
	if (fclose(stream))
		die("memory");
	return ret;
}

static char *profile(long user)
{
	return text("{\"@odata.context\":\"https://graph.microsoft.com/v1.0/$metadata#users/"
		    "$entity\","
		    "\"businessPhones\":[\"+1 425 555 0100\"],\"displayName\":\"User %ld\","
		    "\"givenName\":\"User\",\"jobTitle\":\"Retail Manager\",\"mail\":"
		    "\"user%ld@contoso.example\",\"mobilePhone\":null,\"officeLocation\":\"18/"
		    "2111\","
		    "\"preferredLanguage\":\"en-US\",\"surname\":\"%ld\",\"userPrincipalName\":"
		    "\"user%ld@contoso.example\",\"id\":\"00000000-0000-4000-8000-%012lx\"}",
		user, user, user, user, (unsigned long)user);
}

static char *resource(const char *path, long user)
{
	if (strstr(path, "/mailFolders/"))
		return mails(user);
	if (strstr(path, "/presence"))
		return text("{\"id\":\"00000000-0000-4000-8000-%012lx\",\"availability\":"
			    "\"Available\",\"activity\":\"Available\"}",
			(unsigned long)user);
	return profile(user);
}

static struct reply answer_graph(struct service *service, const struct question *question)
{
	const char *sent = question->authorization ? question->authorization : "";
	long user = !strncmp(sent, "Bearer g.", 9) ? strtol(sent + 9, NULL, 10) : -1;

	if (user < 0 || user >= service->users) {
		service->graph_refused++;
		return (struct reply){401, 0,
			text("{\"error\":{\"code\":\"InvalidAuthenticationToken\",\"message\":"
			     "\"no\"}}")};
	}
	service->graph_calls++;
	return (struct reply){200, (int)service->delays_ms[GRAPH], resource(question->path, user)};
}

static char *counters(const struct service *service)
{
	long seen = 0, most = 0;

	for (long user = 0; user < service->users; user++) {
		seen += service->exchanges_of[user] > 0;
		if (service->exchanges_of[user] > most)
			most = service->exchanges_of[user];
	}
	return text("{\"exchanges\":%ld,\"users\":%ld,\"most_of_one\":%ld,\"refused\":%ld,"
		    "\"graph_calls\":%ld,\"graph_refused\":%ld,\"key_fetches\":%ld,"
		    "\"graph_connections\":%ld,\"entra_connections\":%ld}",
		service->exchanges, seen, most, service->refused, service->graph_calls,
		service->graph_refused, service->key_fetches, service->connections[GRAPH],
		service->connections[ENTRA]);
}

static void reset(struct service *service)
{
	memset(service->exchanges_of, 0, (size_t)service->users * sizeof(long));
	memset(service->connections, 0, sizeof(service->connections));
	service->exchanges = service->refused = service->key_fetches = 0;
	service->graph_calls = service->graph_refused = 0;
}

static struct reply answer_control(struct service *service, const struct question *question)
{
	const char *value = strchr(question->path, '=');
	long number = value ? strtol(value + 1, NULL, 10) : 0;

	if (!strcmp(question->path, "/reset"))
		reset(service);
	else if (!strncmp(question->path, "/fail?user=", 11))
		service->failing_user = number;
	else if (!strncmp(question->path, "/delay?graph=", 13))
		service->delays_ms[GRAPH] = number;
	else if (!strncmp(question->path, "/delay?entra=", 13))
		service->delays_ms[ENTRA] = number;
	return (struct reply){200, 0, counters(service)};
}

struct reply service_answer(struct service *service, const struct question *question)
{
	switch (question->listener) {
	case GRAPH:
		return answer_graph(service, question);
	case ENTRA:
		return answer_entra(service, question);
	default:
		return answer_control(service, question);
	}
}

void question_done(struct question *question)
{
	free(question->path);
	free(question->authorization);
	free(question->body);
	*question = (struct question){.listener = question->listener};
}
