/* timed_io.h - the loop of quorate-timed: sockets to time servers and to its core. One thread.
 */
#ifndef ENCLAVE_TIMED_TIMED_IO_H
#define ENCLAVE_TIMED_TIMED_IO_H

#include "enclave/nts/nts_source.h"
#include "enclave/timed/core_push_io.h"
#include "enclave/timed/fence_io.h"
#include "enclave/timed/ke_io.h"
#include "enclave/timed/names_io.h"
#include "enclave/timed/timed_args.h"

/* A sample goes at least so often, and not more often than TIMED_PAUSE_NS. */
#define TIMED_SAMPLE_NS INT64_C(10000000000)
#define TIMED_PAUSE_NS INT64_C(100000000)

/* One source with its sockets. */
struct timed_peer {
    struct nts_source source;
    struct ke ke;
    struct endpoint ntp; /* where the last key establishment said that NTP is */
    int fd;              /* of the request under way; -1: none */
    bool looking;        /* for its address, before key establishment */
    uint8_t turn;        /* of its addresses */
    uint64_t told;       /* failures in the log since all was well, see told.h */
};

struct timed {
    struct timed_args args;
    struct ssl_ctx_st *tls;
    struct core_push push;
    struct timed_peer peers[TIME_SOURCES_MAX];
    struct fence_io fence;
    struct names names;
    bool news; /* since the last sample */
    int64_t sampled_ns;
    int64_t tai_ns, tai_counter_ns; /* the middle of the last sample that held; 0: none */
    int signal_fd;
};

/* args, names and signal_fd are set, tls too, and all else is zero. */
void timed_io_init(struct timed *t);

/* Until signal_fd is readable. ERR_IO: the kernel failed us, or who looks up names is gone. */
MUST_CHECK enum err timed_io_run(struct timed *t);

/* Closes and erases all but args and tls. */
void timed_io_end(struct timed *t);

#endif
