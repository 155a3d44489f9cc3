/* classic_run.h - one R2 question to three cores for stamps of the shared P-384 key, and the
 * signatures that their answers make. Pure. docs/wire.md 3.6. */
#ifndef HOST_COORD_CLASSIC_RUN_H
#define HOST_COORD_CLASSIC_RUN_H

#include "host/coord/classic_pool.h"
#include "host/coord/classic_promise.h"
#include "host/coord/coord.h"
#include "wire/presign_word.h"

#define CLASSIC_BATCH_MAX 32 /* stamps in one question; more go into the next */

/* One stamp of it. What is asked is kept here: the job may end before all have been asked. */
struct classic_stamp {
    struct coord_job *job; /* NULL: it has ended, or this stamp is done */
    uint8_t hash_alg, policy, nonce_len;
    uint8_t hashed_message[HASH_MAX];
    uint8_t nonce[STAMP_NONCE_MAX];
    struct classic_promise promise;
    struct classic_record record;
    struct stamp token;
    enum err errs[TECDSA_T]; /* by place */
    uint8_t answers[TECDSA_T][PRESIGN_ANSWER_LEN];
    uint8_t digest[P384_DIGEST_LEN]; /* once it was put together */
};

struct classic_run {
    bool busy;
    unsigned t;              /* number of the triple */
    unsigned s;              /* its mask */
    unsigned sent, answered; /* masks of places among the three */
    unsigned done;           /* stamps whose answers were put together */
    uint64_t generation;
    int64_t asked_ns;
    struct r2_head head;
    struct classic_stamp stamps[CLASSIC_BATCH_MAX]; /* head.n */
};

/* Empty, of the triple of mask s. */
void classic_run_begin(struct classic_run *run, unsigned t, unsigned s,
                       const uint8_t epoch_id[EPOCH_ID_LEN],
                       const uint8_t activation[ACTIVATION_HASH_LEN]);

/* One more stamp, of which there are fewer than CLASSIC_BATCH_MAX. What stamp_derive() gives:
 * nothing was added then. */
MUST_CHECK enum err classic_run_add(struct classic_run *run, struct coord_job *job,
                                    const struct classic_promise *promise,
                                    const struct classic_record *record);

/* The body of the question to each of the three. */
void classic_run_ask(const struct classic_run *run, struct writer *w);

/* What the party at this place answers. *refused: it answers no stamp, and what it says of the
 * first. ERR_TRUNCATED, ERR_TRAILING, ERR_RANGE, ERR_LENGTH, ERR_MISMATCH: no answer. */
MUST_CHECK enum err classic_run_take(struct classic_run *run, unsigned place, struct view body,
                                     enum err *refused);

bool classic_run_is_whole(const struct classic_run *run);

/* What the three say of stamp number at: ERR_OK, or what the first says that does not answer.
 */
enum err classic_run_said(const struct classic_run *run, unsigned at);

/* Puts the answers to a stamp, whose job is there, together: job->stamp and the signature.
 * ERR_SIGNATURE, ERR_RANGE: somebody's is wrong. Else what the job's to_sign() gives. */
MUST_CHECK enum err classic_run_combine(struct classic_run *run, unsigned at,
                                        const uint8_t public_key[P384_PUBLIC_LEN]);

/* After that: what the three answered, to be shown to others. */
void classic_run_word(const struct classic_run *run, unsigned at, struct presign_word *out);

#endif
