/* run_io.h - runs a key ceremony: connects to the cores of a plan, carries their messages
 * (relay.h), verifies the record and writes it. */
#ifndef HOST_CEREMONY_RUN_IO_H
#define HOST_CEREMONY_RUN_IO_H

#include "host/ceremony/relay.h"
#include "host/link/core_ask_io.h"

#define RUN_URI_MAX 256 /* bytes of a core's URI with its zero */

struct run_job {
    struct view plan;                       /* bytes that plan_decode() took */
    char uris[PLAN_NODES_MAX][RUN_URI_MAX]; /* of the nodes, in their order */
    const char *record;                     /* path of the file; replaced atomically */
    /* Told of every attempt that ended badly; NULL: nobody is. */
    void (*failed)(void *user, unsigned attempt, const struct relay_end *end);
    void *user;
};

struct run_result {
    unsigned attempts;
    int64_t took_ms;
    size_t record_len;
    uint8_t id[CEREMONY_HASH_LEN], epoch_id[EPOCH_ID_LEN];
    struct relay_end end;      /* of the last attempt, when there is no record */
    enum ceremony_check check; /* the one that failed, of ERR_SIGNATURE */
};

/* Runs it to its end. ERR_QUORUM: there was none that all finished: see out->end.
 * ERR_SIGNATURE: all gave the same record, and it is not genuine. ERR_MISMATCH: it is one of
 * another plan or attempt. ERR_IO: the file cannot be written, errno says why; or no
 * randomness. ERR_NOSPACE: no memory. Else what relay_new() gives. Nothing is written then. */
MUST_CHECK enum err run_ceremony(const struct run_job *job, struct run_result *out);

/* What a core says of itself, as a node of a draft: its identity and its policies. */
struct run_hello {
    struct core_ask ask;   /* what the views of policies point into */
    struct plan_node node; /* without name and listen */
    size_t n_policies;
    struct hello_policy policies[WIRE_POLICIES_MAX];
};

/* Asks for it. As core_ask() and hello_decode(). */
MUST_CHECK enum err run_ask_hello(const char *uri, struct run_hello *out);

#endif
