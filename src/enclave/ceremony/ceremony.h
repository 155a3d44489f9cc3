/* ceremony.h - the key ceremony of one node (threshold-ml-dsa A3): messages in, messages out.
 *
 * No kernel, no heap: time, randomness and memory are arguments. Each round begins with this
 * node's messages and ends once those of all others are there; then they are checked, and the
 * next round begins. Whatever is wrong ends the ceremony for good: the caller starts another
 * one, with a fresh nonce, so that nothing of this one is of use. An end names who is at fault
 * where that shows, and says whether others can see it too (proven).
 *
 * The last round cannot be atomic: a host that drops the last messages leaves some nodes
 * finished and some not. So a node that is finished still takes an ABORT or a just complaint,
 * which end it, until the caller takes the key into use. */
#ifndef ENCLAVE_CEREMONY_CEREMONY_H
#define ENCLAVE_CEREMONY_CEREMONY_H

#include "enclave/ceremony/ceremony_test.h"
#include "enclave/channel/pq1.h"
#include "os/entropy.h"
#include "wire/ceremony_call.h"
#include "wire/ceremony_judge.h"
#include "wire/ceremony_record.h"

/* Bytes that one call writes at most. */
#define CEREMONY_OUT_MAX 524288
/* An OPEN message: of (3,6), six subsets that two nodes share. */
#define CEREMONY_OPEN_MAX 768
/* All that a node keeps, of every plan: 256 KiB, and evidence of five peers. */
#define CEREMONY_STORE_LEN 425984
/* The longest complaint: two different T_REVEAL. */
#define CEREMONY_BODY_LEN 98304

/* Why and by whose word a ceremony ended. */
struct ceremony_end {
    uint8_t reason;  /* enum ceremony_reason */
    uint8_t accused; /* a node, or CEREMONY_NOBODY */
    uint8_t told_by; /* whose word it is: the own index, or that of an ABORT */
    bool proven;     /* signed messages of the accused show it to anybody */
};

/* Where evidence comes from and who judges it, for plans with a policy. Nothing waits in it.
 */
struct ceremony_attest {
    /* A ceremony begins, of a plan with a policy; own: this node. An error refuses the plan. */
    enum err (*begin)(void *self, const struct plan *p, uint8_t own);
    /* Evidence of the own machine is wanted, for the channel with a peer. */
    enum err (*ask)(void *self, uint8_t peer, const uint8_t report_data[REPORT_DATA_LEN]);
    /* What came of it, until the next call. ERR_BUSY: it comes. */
    enum err (*answer)(void *self, uint8_t peer, struct view *block);
    /* A node's evidence, the own one's too. */
    enum err (*judge)(void *self, uint8_t node, struct view block,
                      const uint8_t report_data[REPORT_DATA_LEN]);
    /* All of it was judged: whether they may share a key. */
    enum err (*judge_all)(void *self);
    void *self;
};

/* What a node works with; all the caller's. */
struct ceremony_tools {
    const struct entropy_source *entropy;
    struct drbg *drbg; /* for the channels */
    struct p384_signer *signer;
    const struct p384_key *identity;
    struct pq1_work *work;
    uint8_t *room; /* ceremony_test_room() bytes, aligned to 32, locked */
    const struct ceremony_attest *attest; /* NULL: plans with a policy are refused */
};

/* Of a plan with a policy. */
struct ceremony_shown {
    const struct ceremony_attest *attest;
    struct pq1_judge judge; /* of the channels */
    unsigned wanted;        /* bit i: own evidence for the channel with node i is on its way */
    bool own_passed;
    bool refused; /* the judge said no, just now */
};

/* Of a shared P-384 key. */
struct ceremony_dealt {
    struct tecdsa_dealing dealing; /* own */
    struct tecdsa_opening opening;
    uint8_t shares[PLAN_NODES_MAX][TECDSA_SCALAR_LEN]; /* that were dealt to this node */
};

/* Secret until the end; erased then. */
struct ceremony_secrets {
    struct tmldsa_rho_opening rho;
    struct ceremony_dealt classic;
    /* By the place of the subset among those held, and who drew it. */
    struct tmldsa_seed_opening seeds[TMLDSA_HELD_MAX][PLAN_NODES_MAX];
    uint8_t sigma[TMLDSA_HELD_MAX][TMLDSA_SIGMA_LEN];
    uint8_t open[PLAN_NODES_MAX][CEREMONY_OPEN_MAX]; /* OPEN messages, by sender */
    size_t open_len[PLAN_NODES_MAX];
};

/* Lives in locked memory. Zero before the first use. */
struct ceremony {
    enum ceremony_state state;
    uint8_t own;   /* index */
    uint8_t round; /* that is under way */
    uint8_t disputed;
    struct ceremony_end end;
    struct tmldsa_masks held; /* subsets of this node */
    int64_t deadline_ns;
    uint64_t dropped; /* messages that were not taken */

    struct plan plan;
    uint8_t plan_bytes[PLAN_MAX];
    struct ceremony_known known;
    size_t stored;
    uint8_t store[CEREMONY_STORE_LEN]; /* the messages */

    struct ceremony_secrets secrets;
    struct pq1 channels[PLAN_NODES_MAX]; /* by peer */
    struct ceremony_shown shown;
    uint8_t own_t[TMLDSA_HELD_MAX][CEREMONY_T_LEN]; /* to be shown */
    uint8_t body[CEREMONY_BODY_LEN];                /* that is being written */

    uint8_t pk[CEREMONY_PK_LEN];
    struct tmldsa_public_key key;
    struct tmldsa_share share; /* what it is all for */
    struct tecdsa_key classic; /* where the plan has a shared P-384 key */
    struct tecdsa_share classic_share;
    struct ceremony_test test;
    uint8_t record[CEREMONY_RECORD_MAX];
    struct view record_bytes;
    uint8_t id[CEREMONY_HASH_LEN]; /* SHA-384 of the record */

    struct ceremony_scratch scratch;
    struct tmldsa_share_scratch share_scratch;
};

/* Begins: the plan, encoded, and a nonce that was never used. Writes the first messages.
 *
 * What plan_decode() and ceremony_known_init() give. ERR_MISMATCH: the plan has no node with
 * this identity. ERR_POLICY: it has a policy, and nobody judges by it; else what begin() of
 * that gives. ERR_IO: no randomness. Nothing has begun then. */
MUST_CHECK enum err ceremony_begin(struct ceremony *c, const struct ceremony_tools *tools,
                                   struct view plan, const uint8_t nonce[PLAN_NONCE_LEN],
                                   int64_t now_ns, struct writer *out);

/* Takes messages that follow one another, and writes what this node sends: each message says
 * to whom. One that is not genuine, came before, or is of no use now is dropped and counted: it
 * ends nothing. ERR_STATE: not begun. Else what ceremony_msg_decode() gives; messages before
 * that one were taken. */
MUST_CHECK enum err ceremony_step(struct ceremony *c, const struct ceremony_tools *tools,
                                  struct view messages, int64_t now_ns, struct writer *out);

/* Whether evidence is on its way: ceremony_poll() is to be called now and then. */
static inline bool ceremony_awaits_evidence(const struct ceremony *c)
{
    return c->state == CEREMONY_RUNNING && c->shown.wanted != 0;
}

/* Looks whether it came, and goes on with it. */
void ceremony_poll(struct ceremony *c, const struct ceremony_tools *tools, int64_t now_ns,
                   struct writer *out);

/* To be called now and then: a round that takes longer than LIMIT_CEREMONY_ROUND_NS ends the
 * ceremony. */
void ceremony_tick(struct ceremony *c, const struct ceremony_tools *tools, int64_t now_ns,
                   struct writer *out);

/* Of a finished one, once its key is in use: erases all but what is public and lasts: plan,
 * names of the ceremony, public key, record. The owner has taken share and key. Nothing is
 * stepped any more. */
void ceremony_close(struct ceremony *c);

/* Erases all of it. */
void ceremony_wipe(struct ceremony *c, const struct ceremony_tools *tools);

#endif
