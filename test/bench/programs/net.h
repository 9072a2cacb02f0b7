/* What the programs of the bench share: time, sockets of this machine, and an end with a reason. */
#ifndef BENCH_NET_H
#define BENCH_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Prints "program: text: the error of errno" and exits with 1. */
_Noreturn void die(const char *text);

int64_t now_ns(void);

/* Raises the limit of open files as far as it goes. */
void files_limit_raise(void);

/* Listens on 127.0.0.1; port 0: any free one.  Never blocks.  Returns the socket. */
int listen_on(int port, int *ret_port);

/* The next connection, without Nagle's delay; -1: none waits. */
int accept_from(int listener);

/* Begins to connect to 127.0.0.1; the socket never blocks. */
int connect_to(int port);

/* The whole file, with a NUL behind it; the caller frees it. */
char *file_read(const char *path, size_t *ret_size);

/* A whole number in the argument, or an end with a message. */
long number_of(const char *text);

#endif
