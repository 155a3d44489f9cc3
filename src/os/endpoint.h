/* endpoint.h - where a program listens or connects: unix:PATH, tcp:ADDR:PORT, vsock:CID:PORT.
 */
#ifndef OS_ENDPOINT_H
#define OS_ENDPOINT_H

#include "base/bytes.h"

#include <sys/socket.h>

struct endpoint {
    struct sockaddr_storage addr;
    socklen_t addr_len;
};

/* ADDR is numeric; [..] around IPv6. PATH at most 107 bytes; CID a number or "any".
 * ERR_ENCODING: not such a URI. ERR_RANGE: a number or path out of range. *out is zero then. */
MUST_CHECK enum err endpoint_parse(const char *uri, struct endpoint *out);

#define ENDPOINT_HOST_MAX 63

/* HOST:PORT, where HOST may be a name of letters, digits, dots and hyphens, which somebody has
 * to look up: then it stands in host, and *out is any address with that port. Else host is
 * empty. ERR_ENCODING, ERR_RANGE: as endpoint_parse(); both are zero then. */
MUST_CHECK enum err endpoint_host(const char *text, struct endpoint *out,
                                  char host[ENDPOINT_HOST_MAX + 1]);

/* A non-blocking close-on-exec listening socket. An unused unix socket file at PATH is
 * replaced, its mode is 0600. ERR_IO: errno says why. */
MUST_CHECK enum err endpoint_listen(const struct endpoint *e, int backlog, int *fd);

/* Starts a non-blocking connection; EINPROGRESS counts as started. ERR_IO. */
MUST_CHECK enum err endpoint_connect(const struct endpoint *e, int *fd);

/* Whether a vsock listener of this machine can be reached from this machine; if not, *why says
 * what is missing. */
bool endpoint_vsock_loopback(const char **why);

#endif
