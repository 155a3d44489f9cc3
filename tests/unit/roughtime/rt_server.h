/* rt_server.h - a Roughtime server in the test's own process: true replies, and false ones. */
#ifndef TESTS_UNIT_ROUGHTIME_RT_SERVER_H
#define TESTS_UNIT_ROUGHTIME_RT_SERVER_H

#include "enclave/roughtime/rt_exchange.h"

#define RT_SAID_MAX 2048 /* bytes of a reply, which may be longer than a client takes */

struct rt_keys {
    struct work_stack *w;
    struct ed25519_key long_term, online;
};

/* What a reply says; every member is as good as rt_reply_good() makes it, until a test changes
 * it. */
struct rt_reply {
    uint64_t midp, from, to;
    uint32_t radi, version, type, index;
    size_t path_n; /* hashes */
    bool swapped;  /* a set bit of the index is a sibling on the right */
    const char *spelling;
    uint32_t versions[RT_VERSIONS_MAX + 1];
    size_t versions_n;
    uint32_t without;  /* a tag that is left out, of any message; 0: none */
    uint32_t longer;   /* a tag that is four bytes longer; 0: none */
    bool other_online; /* signed by another key than the delegated one */
    bool other_root;   /* delegated by another key */
    uint32_t broken;   /* SREP, CERT or DELE is four zero bytes; 0: none */
    size_t longer_n;   /* so many times four, preset 1 */
    bool other_nonce, other_request;
};

/* The same keys each time, from two seeds. */
void rt_keys_make(struct rt_keys *k, uint8_t seed);
void rt_keys_free(struct rt_keys *k);

struct rt_reply rt_reply_good(uint64_t midp);

/* The reply to a request. */
struct view rt_reply_make(struct rt_keys *k, struct view request, const struct rt_reply *say,
                          uint8_t out[RT_SAID_MAX]);

#endif
