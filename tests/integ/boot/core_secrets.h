/* core_secrets.h - what a running core must keep to itself, read from its locked pages by the
 * layout that its own headers give: nothing in src/ shows any of it. */
#ifndef TESTS_INTEG_CORE_CORE_SECRETS_H
#define TESTS_INTEG_CORE_CORE_SECRETS_H

#include "process_memory.h"
#include "secret_set.h"

#include "enclave/boot/boot_memory.h"

/* A core's locked pages, as far as they were read. */
struct core_pages {
    struct process_memory process;
    const struct region *region;
    struct boot_layout at;
    uint8_t *copy; /* of all; pointers in it are the core's own */
};

/* False: *why says what is wrong. */
bool core_pages_open(struct core_pages *p, pid_t pid, const char **why);
void core_pages_close(struct core_pages *p);
/* Reads all of it anew. */
void core_pages_read(struct core_pages *p);

static inline const struct boot_memory *core_pages_boot(const struct core_pages *p)
{
    return (const struct boot_memory *)(const void *)p->copy;
}
static inline const struct core_member *core_pages_member(const struct core_pages *p)
{
    return (const struct core_member *)(const void *)(p->copy + p->at.member);
}
static inline size_t core_pages_workers(const struct core_pages *p)
{
    return (p->at.member_signer - p->at.signers) / p384_signer_size();
}

/* Whether this user may read other processes, and this build has memory to be looked at. If
 * not, says SKIP and why. */
bool core_pages_can_be_read(void);

/* Each gets a value, what it is called, and who may have it. */
typedef void secret_taker(void *self, const char *name, uint32_t owners, struct view v);

/* Of a core that waits: keys, DRBG states, share, pool, all of them its own. */
void core_secrets_take(const struct core_pages *p, secret_taker *take, void *self);
/* While it works, states change under the reader: keys, share, seeds of batches. */
void core_secrets_take_steady(const struct core_pages *p, secret_taker *take, void *self);
/* Of an epoch, what is gone when it is over: shares of both keys and the own classic key; what
 * masks come of; presignatures; what pairs set up for them, and their channels. */
void core_secrets_take_shares(const struct core_pages *p, secret_taker *take, void *self);
void core_secrets_take_seeds(const struct core_pages *p, secret_taker *take, void *self);
void core_secrets_take_records(const struct core_pages *p, secret_taker *take, void *self);
void core_secrets_take_setups(const struct core_pages *p, secret_taker *take, void *self);
/* What a ceremony is at: channels, openings, seeds. Reads what it needs by itself. */
void core_secrets_take_ceremony(struct core_pages *p, secret_taker *take, void *self);
/* Commitments w that are not shown yet; the names say of which place of the pool. */
void core_secrets_take_w(const struct core_pages *p, secret_taker *take, void *self);
/* What a share's seeds expand to: s1 and s2 themselves, of which the core keeps hats. */
void core_secrets_take_small(const struct core_pages *p, struct secret_set *set);

/* 16 coefficients of s1 of the subset at that place among those held, from the first one on. */
void core_secrets_small(const struct core_pages *p, size_t subset, size_t first,
                        int32_t out[16]);

/* secret_taker of a set: the value, and it as hash functions and GMP hold it. */
void core_secrets_to_set(void *set, const char *name, uint32_t owners, struct view v);
/* Of long values any 1024 bytes. */
void core_secrets_sparse_to_set(void *set, const char *name, uint32_t owners, struct view v);

/* Whether keys and share are what the public halves and t belong to: that the layout is read
 * right. */
bool core_secrets_are_genuine(const struct core_pages *p);

#endif
