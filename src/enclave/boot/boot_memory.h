/* boot_memory.h - where all that a core owns stands in its locked pages. */
#ifndef ENCLAVE_BOOT_BOOT_MEMORY_H
#define ENCLAVE_BOOT_BOOT_MEMORY_H

#include "enclave/core/core_io.h"
#include "enclave/identity/identity.h"
#include "enclave/member/core_member.h"
#include "enclave/selftest/self_test_channel.h"
#include "enclave/selftest/self_test_pq.h"
#include "enclave/workers/presign_io.h"

/* At the start of the pages; the signers follow it, each on pages of its own, then, if a policy
 * uses it, all of KEY_PQ, or of a member. */
struct boot_memory {
    struct pq1_work channel_work; /* of channels, and of their self-test */
    struct boot_args args;
    struct p384_key key;
    struct identity identity;
    struct p384_key audit_key;
    struct core core;
    struct worker_pool pool;
    struct core_io io;
    struct core_areas areas;   /* of a member */
    struct presign_io presign; /* of a member */
};

/* Of KEY_PQ; one signer for each worker follows. */
struct boot_pq {
    struct pq_key key;
    struct self_test_pq_work work;
    struct pq_signer signers[];
};

/* Bytes from the start of the pages; 0: there is no such thing. */
struct boot_layout {
    size_t signers;      /* of the classic key, p384_signer_size() bytes each */
    size_t audit_signer; /* the main thread's, likewise */
    size_t pq;           /* struct boot_pq */
    /* Of a core that signs with others, each aligned. */
    size_t member_signer; /* the main thread's */
    size_t presign_signer;
    size_t member;     /* core_member_size() bytes */
    size_t areas;      /* LIMIT_AREAS of them */
    size_t pq_workers; /* struct pq_worker, one for each worker */
    size_t desk;       /* struct tsm_desk, of a core with an endpoint for quorate-tsm */
    size_t whole;      /* bytes of all */
};

/* Of a core with these arguments and that many workers, the main thread counted if there is no
 * other. */
struct boot_layout boot_layout(const struct boot_args *a, size_t workers);

#endif
