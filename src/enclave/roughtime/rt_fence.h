/* rt_fence.h - servers that say roughly what time it is, and sign it: a fence about what time
 * servers say together, never a source. They move nothing; when more than half of those that
 * answered lately contradict a sample, the sample says so (TIME_FLAG_FENCE). A pure step
 * machine. */
#ifndef ENCLAVE_ROUGHTIME_RT_FENCE_H
#define ENCLAVE_ROUGHTIME_RT_FENCE_H

#include "enclave/clock/leap_table.h"
#include "enclave/nts/nts_span.h"
#include "enclave/roughtime/rt_exchange.h"

#define RT_SERVERS_MAX 4
#define RT_NONE RT_SERVERS_MAX            /* no server */
#define RT_POLL_NS INT64_C(256000000000)  /* between two requests to one server */
#define RT_AGAIN_NS INT64_C(16000000000)  /* the first retry; doubled up to RT_POLL_NS */
#define RT_WAIT_NS INT64_C(2000000000)    /* then a request counts as lost */
#define RT_LIFE_NS INT64_C(3600000000000) /* an older answer says nothing */
#define RT_SLACK_NS INT64_C(1000000000)   /* a leap second, besides RADI */

/* One server. Of all that are asked, one at a time: their replies are one chain. */
struct rt_server {
    uint8_t public_key[ED25519_PUBLIC_LEN];
    int64_t next_ns;      /* counter: when it is asked again */
    uint8_t tries;        /* since its last good reply */
    int64_t answered_ns;  /* when its last good reply was here; 0: never */
    struct nts_span span; /* what that says */
};

struct rt_fence {
    struct rt_server servers[RT_SERVERS_MAX];
    size_t n;
    size_t asked; /* of which server a reply is awaited; or RT_NONE */
    int64_t sent_ns;
    uint8_t request[RT_REQUEST_LEN];
    uint8_t chain[RT_REPLY_MAX]; /* the last good reply */
    size_t chain_n;
    int64_t latest_from_s; /* the latest MIDP - RADI of all good replies */
    bool contradicted;     /* a later reply was of an earlier time: one of two servers lied */
};

void rt_fence_init(struct rt_fence *f);
/* A server of that key. ERR_NOSPACE: there are RT_SERVERS_MAX. */
MUST_CHECK enum err rt_fence_add(struct rt_fence *f,
                                 const uint8_t public_key[ED25519_PUBLIC_LEN]);

/* Which server is to be asked now, or RT_NONE. A request whose time is over is given up here.
 */
size_t rt_fence_due(struct rt_fence *f, int64_t now_ns);
/* When to ask that again; INT64_MAX: there is no server. */
int64_t rt_fence_when(const struct rt_fence *f);

/* Writes the request to f->servers[which], which was due; it leaves now. */
void rt_fence_ask(struct rt_fence *f, size_t which, int64_t now_ns,
                  const uint8_t random[RT_NONCE_LEN]);

/* Takes what came. ERR_STATE: nothing was asked. A reply that is not genuine changes nothing:
 * all that rt_reply_parse() gives; ERR_RANGE also: a time outside the leap table. */
MUST_CHECK enum err rt_fence_take(struct rt_fence *f, int64_t now_ns, struct view packet,
                                  const struct leap_table *leap, struct rt_time *out);

/* Whether more than half of the servers that answered within RT_LIFE_NS say that true TAI is
 * not within [lo, hi] at now_ns. None answered: false. */
bool rt_fence_contradicts(const struct rt_fence *f, int64_t now_ns, int64_t lo_ns,
                          int64_t hi_ns);

#endif
