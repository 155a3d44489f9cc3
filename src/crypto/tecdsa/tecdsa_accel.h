/* tecdsa_accel.h - many presignatures at once, cheaply, while all five parties of a key take
 * part and are honest enough: Shamir shares, and no transfers. A record that comes of it is
 * tecdsa_presign.h's and serves the same round (tecdsa_online.h): one triple, three of three.
 * Two bad parties can stop a batch; they learn nothing, and no record comes out wrong but with
 * a chance of 2^-380. What is proven and what is not: docs/adr/0028. Messages: docs/wire.md 10.
 *
 * A batch has nine rounds, each one message from every party to every other. In each, while
 * tecdsa_accel_work() says that there is more, call it again; then tecdsa_accel_send() to each
 * peer and tecdsa_accel_accept() of what comes from each, in any order; with all, work goes on.
 * After DONE, fate is TECDSA_ACCEL_DONE: take the records, then end it. Nothing of a batch that
 * ended otherwise is left but its fate and who is to blame, if somebody is.
 *
 * What comes here is authentic, private between two parties, and from the incarnation that the
 * header names: a frame that is not is dropped before. One does not answer a lost message with
 * another batch of the same counter.
 *
 * begin, work, accept and take run on a work stack (work_stack_run_gmp()); a call of work or
 * accept takes about a millisecond. */
#ifndef CRYPTO_TECDSA_ACCEL_H
#define CRYPTO_TECDSA_ACCEL_H

#include "crypto/tecdsa/tecdsa_accel_epoch.h"
#include "crypto/tecdsa/tecdsa_presign.h"

#define TECDSA_ACCEL_PARTIES 5 /* a product of two degrees 2 takes five to open */
#define TECDSA_ACCEL_NOBODY TECDSA_ACCEL_PARTIES
#define TECDSA_ACCEL_VALUES_MAX (TECDSA_ACCEL_RECORDS_MAX + 1)   /* record 0 is a mask */
#define TECDSA_ACCEL_DEALINGS(records) (((records) + 3) / 3 + 1) /* three each; 0 masks */
#define TECDSA_ACCEL_DEALINGS_MAX 87
#define TECDSA_ACCEL_HEAD_LEN (TECDSA_HASH_LEN + 2) /* bsid | round | party */

/* What a dealing shares: k, phi, tau, rho, rho' by degree 2; z of 0 by degree 4; rho and rho'
 * once more by degree 4. */
enum tecdsa_accel_kind {
    TECDSA_ACCEL_K,
    TECDSA_ACCEL_PHI,
    TECDSA_ACCEL_TAU,
    TECDSA_ACCEL_RHO_V,
    TECDSA_ACCEL_RHO_Y,
    TECDSA_ACCEL_Z,
    TECDSA_ACCEL_WIDE_V,
    TECDSA_ACCEL_WIDE_Y,
    TECDSA_ACCEL_KINDS
};
#define TECDSA_ACCEL_DEALT_LEN ((size_t)TECDSA_ACCEL_KINDS * TECDSA_SCALAR_LEN)

enum tecdsa_accel_round {
    TECDSA_ACCEL_HELLO,    /* a nonce */
    TECDSA_ACCEL_DEAL,     /* commitments to all; the dealings of one */
    TECDSA_ACCEL_COINS,    /* echo of the commitments; a coin */
    TECDSA_ACCEL_TEST,     /* a random sum over each dealer's dealings */
    TECDSA_ACCEL_PRODUCTS, /* of each record R, and k phi, x phi, k tau, each masked */
    TECDSA_ACCEL_ECHO,     /* of TEST and PRODUCTS */
    TECDSA_ACCEL_OPEN,     /* c phi + tau of each record; sums of phi, and of x phi times G */
    TECDSA_ACCEL_ZERO,     /* what is 0 if every k phi is right */
    TECDSA_ACCEL_FINISH,   /* echo of everything */
    TECDSA_ACCEL_RECORDS,  /* over: no message */
    /* A dealing failed its test: only if nobody has sent PRODUCTS, nor will. */
    TECDSA_ACCEL_STOP, /* "I have not, and shall not" */
    TECDSA_ACCEL_SHOW, /* the dealings that one got */
    TECDSA_ACCEL_ROUNDS
};

enum tecdsa_accel_fate {
    TECDSA_ACCEL_NONE = 0,
    TECDSA_ACCEL_LIVE,
    TECDSA_ACCEL_BLAME, /* STOP and SHOW: finding out who failed the test */
    TECDSA_ACCEL_DONE,  /* records are there */
    TECDSA_ACCEL_LOST,  /* ended without a failed check: late, or a party went away */
    TECDSA_ACCEL_EARLY, /* a check failed before anything depended upon x */
    TECDSA_ACCEL_LATE,  /* after: counted, and the second turns the accelerator off */
};

/* What a batch is for. */
struct tecdsa_accel_of {
    uint8_t epoch_id[TECDSA_HASH_LEN];
    uint32_t incarnation[TECDSA_ACCEL_PARTIES];
    uint64_t counter;                         /* above the last one of the epoch */
    unsigned records;                         /* 1 to TECDSA_ACCEL_RECORDS_MAX */
    uint8_t triple[TECDSA_ACCEL_RECORDS_MAX]; /* of each record: a number */
};

/* Of one record, as its party broadcasts it. W = k phi, V = x phi, Y = k tau, masked. */
struct tecdsa_accel_product {
    uint8_t r[TECDSA_POINT_LONG];
    uint8_t w[TECDSA_SCALAR_LEN], v[TECDSA_SCALAR_LEN], y[TECDSA_SCALAR_LEN];
};

/* Of one party. */
struct tecdsa_accel_party {
    uint8_t nonce[TECDSA_NONCE_LEN];
    uint8_t coin_commitment[TECDSA_HASH_LEN];
    uint8_t deal_commitment[TECDSA_ACCEL_PARTIES][TECDSA_HASH_LEN]; /* by receiver */
    uint8_t deal_salt[TECDSA_SALT_LEN];                             /* of what I got */
    uint8_t coin[TECDSA_NONCE_LEN], coin_salt[TECDSA_SALT_LEN];
    uint8_t test[TECDSA_ACCEL_PARTIES][TECDSA_ACCEL_KINDS][TECDSA_SCALAR_LEN]; /* by dealer */
    uint8_t phi_sum[TECDSA_SCALAR_LEN], v_sum[TECDSA_POINT_LONG];
    uint8_t zero[TECDSA_SCALAR_LEN];
};

/* Of one record, own. v and y are shares; w and s are values. */
struct tecdsa_accel_own {
    struct tecdsa_scalar w, v, y, s, r;
};

/* One batch of one party: some 650 kB. Secret. */
struct tecdsa_accel {
    enum tecdsa_accel_fate fate;
    unsigned culprit; /* of EARLY and LATE; TECDSA_ACCEL_NOBODY */
    const struct tecdsa_signer *signer;
    struct tecdsa_accel_epoch *epoch;
    unsigned party, records;
    enum tecdsa_accel_round round;
    bool ready;              /* one's own message is made */
    unsigned at;             /* how far work has come */
    unsigned sent, accepted; /* masks of parties */
    unsigned tested;         /* whose TEST has come */
    uint8_t triple[TECDSA_ACCEL_RECORDS_MAX];
    uint8_t header_id[TECDSA_HASH_LEN], bsid[TECDSA_HASH_LEN];
    uint8_t seed[TECDSA_SEED_LEN];
    uint8_t own_salt[TECDSA_ACCEL_PARTIES][TECDSA_SALT_LEN]; /* of what I dealt */
    uint8_t echo_1[TECDSA_HASH_LEN], echo_4[TECDSA_HASH_LEN], echo_all[TECDSA_HASH_LEN];
    struct tecdsa_accel_party from[TECDSA_ACCEL_PARTIES];
    struct tecdsa_factor chi[TECDSA_ACCEL_DEALINGS_MAX];
    struct tecdsa_factor challenge; /* c of OPEN */
    /* What each dealer gave me; from PRODUCTS on, in the first three, three records of each
     * dealing. */
    struct tecdsa_scalar value[TECDSA_ACCEL_DEALINGS_MAX][TECDSA_ACCEL_PARTIES]
                              [TECDSA_ACCEL_KINDS];
    struct tecdsa_accel_own own[TECDSA_ACCEL_VALUES_MAX];
    union {
        uint8_t dealt[TECDSA_ACCEL_PARTIES][TECDSA_ACCEL_DEALINGS_MAX][TECDSA_ACCEL_DEALT_LEN];
        struct tecdsa_accel_product product[TECDSA_ACCEL_PARTIES][TECDSA_ACCEL_VALUES_MAX];
        uint8_t s[TECDSA_ACCEL_PARTIES][TECDSA_ACCEL_VALUES_MAX][TECDSA_SCALAR_LEN];
        struct {
            struct tecdsa_scalar phi, u, v;
            uint8_t r[TECDSA_SCALAR_LEN];
            bool there;
        } made[TECDSA_ACCEL_VALUES_MAX];
    } u;
};

/* Of a whole message of a round in a batch of so many records; 0 of a round without. */
size_t tecdsa_accel_message_len(enum tecdsa_accel_round round, unsigned records);

/* seed: TECDSA_SEED_LEN fresh bytes, which the caller erases. The signer's zero seeds serve,
 * its other setups are not used. *a is erased on failure. ERR_RANGE: a key not of five parties,
 * a number of records or a triple that is none. ERR_STATE: a zero seed is missing, or a batch
 * is live. ERR_POLICY, ERR_STALE: tecdsa_accel_epoch_check(). */
MUST_CHECK enum err tecdsa_accel_begin(struct tecdsa_accel *a,
                                       const struct tecdsa_signer *signer,
                                       struct tecdsa_accel_epoch *epoch,
                                       const struct tecdsa_accel_of *of,
                                       const uint8_t seed[TECDSA_SEED_LEN]);

/* A slice of what is to be computed; *more: there is more, or a message to send has become
 * ready of it in part. Without anything to do nothing changes. ERR_MISMATCH: a check failed;
 * fate says what became of the batch. Here and below ERR_STATE: the batch is over, or it is not
 * this call's turn, or not a second time; nothing changes. */
MUST_CHECK enum err tecdsa_accel_work(struct tecdsa_accel *a, bool *more);

/* The round's message to a peer. */
MUST_CHECK enum err tecdsa_accel_send(struct tecdsa_accel *a, unsigned to, struct writer *out);

/* A peer's message. ERR_STATE too: it comes before its round; give it again later.
 * ERR_STALE: of another batch, round or sender; ERR_LENGTH, ERR_ENCODING, ERR_RANGE: of no form
 * that an honest party sends: it is dropped, and nothing changes. ERR_MISMATCH as above. */
MUST_CHECK enum err tecdsa_accel_accept(struct tecdsa_accel *a, unsigned from, struct view in);

/* One's share of record b, from 1 to records, once. ERR_RANGE: no such record. ERR_STATE: one
 * is not of its triple, or has taken it. *out is zero on failure. */
MUST_CHECK enum err tecdsa_accel_take(struct tecdsa_accel *a, unsigned b,
                                      struct tecdsa_presignature *out);

/* Erases everything but fate and culprit: TECDSA_ACCEL_LOST if it was live. */
void tecdsa_accel_end(struct tecdsa_accel *a);

#endif
