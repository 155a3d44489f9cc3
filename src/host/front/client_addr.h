/* client_addr.h - whose request it is: the peer's address, or what trusted proxies say of it.
 * Pure. */
#ifndef HOST_FRONT_CLIENT_ADDR_H
#define HOST_FRONT_CLIENT_ADDR_H

#include "host/front/rate_limit.h"

#include <sys/socket.h>

#define CLIENT_NETS_MAX 32 /* trusted proxies or networks of them */
#define CLIENT_ADDR_TEXT_MAX 46

struct client_addr {
    uint8_t family; /* 4 or 6; 0: none (a unix socket) */
    uint8_t bytes[16];
};

struct client_nets {
    size_t n;
    struct {
        struct client_addr addr;
        uint8_t bits;
    } at[CLIENT_NETS_MAX];
};

/* Reads ADDR and ADDR/BITS, separated by single spaces. ERR_ENCODING, ERR_NOSPACE: *out is all
 * zero. */
MUST_CHECK enum err client_nets_parse(const char *text, struct client_nets *out);

/* IPv4 mapped into IPv6 is IPv4. */
struct client_addr client_addr_of(const struct sockaddr *peer);

/* Whose request it is: peer; but while that is a trusted proxy, the address before it in
 * forwarded_for, from the right. What is no address ends the walk: a client can write anything
 * into the left of the list. */
struct client_addr client_addr_behind(struct client_addr peer, struct view forwarded_for,
                                      const struct client_nets *trusted);

/* IPv6: the /64, since one household has as many addresses as it likes. */
struct rate_key client_addr_key(const struct client_addr *a);

/* "192.0.2.1", "2001:db8::1", "local". */
void client_addr_text(const struct client_addr *a, char out[CLIENT_ADDR_TEXT_MAX]);

#endif
