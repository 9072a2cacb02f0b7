/* In a static program, the C library's own versions of these would load shared libraries of the
 * machine at run time (name services, OpenSSL's modules).  Nothing here needs that: c-ares
 * resolves names, OpenSSL's algorithms are built in.  So the libraries get these, which refuse, and
 * the linker has nothing left to warn of.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stddef.h>
#include <string.h>

int getaddrinfo(
	const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
	(void)node;
	(void)service;
	(void)hints;
	(void)ret;
	return EAI_FAIL;
}

void freeaddrinfo(struct addrinfo *list)
{
	(void)list;
}

/* A number for the address, as civetweb wants it for a connection's other end; no port. */
int getnameinfo(const struct sockaddr *addr, socklen_t size, char *host, socklen_t host_size,
	char *service, socklen_t service_size, int flags)
{
	const void *bytes = addr->sa_family == AF_INET6
				    ? (const void *)&((const struct sockaddr_in6 *)addr)->sin6_addr
				    : (const void *)&((const struct sockaddr_in *)addr)->sin_addr;

	(void)size;
	(void)service_size;
	if (service || !(flags & NI_NUMERICHOST))
		return EAI_FAIL;
	return inet_ntop(addr->sa_family, bytes, host, host_size) ? 0 : EAI_OVERFLOW;
}

struct hostent *gethostbyname(const char *name)
{
	(void)name;
	return NULL;
}

struct servent *getservbyname(const char *name, const char *protocol)
{
	(void)name;
	(void)protocol;
	return NULL;
}

int getservbyport_r(int port, const char *protocol, struct servent *entry, char *buf, size_t size,
	struct servent **ret)
{
	(void)port;
	(void)protocol;
	(void)entry;
	(void)buf;
	(void)size;
	*ret = NULL;
	return 0;
}

struct passwd *getpwnam(const char *name)
{
	(void)name;
	return NULL;
}

/* In place of dlopen (--wrap), which the C library itself refers to. */
void *__wrap_dlopen(const char *file, int mode);
void *__wrap_dlopen(const char *file, int mode)
{
	(void)file;
	(void)mode;
	return NULL;
}

void *dlsym(void *handle, const char *name)
{
	(void)handle;
	(void)name;
	return NULL;
}

int dlclose(void *handle)
{
	(void)handle;
	return -1;
}

char *dlerror(void)
{
	static char text[] = "this program loads no libraries";

	return text;
}

int dladdr(const void *address, Dl_info *ret)
{
	(void)address;
	(void)ret;
	return 0;
}
