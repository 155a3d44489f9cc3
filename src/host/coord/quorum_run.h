/* quorum_run.h - one session of T cores for one signature of the pq key, from the host's side:
 * what each signer is asked, whether its answer is genuine, who lied, and the signature. It is
 * of a stamp, or of the key's certificate request. No kernel, no heap. docs/wire.md 3.3 to 3.5.
 *
 *   quorum_run_begin()       or quorum_run_begin_csr()
 *   three times:  quorum_run_ask() and quorum_run_take() for each signer, quorum_run_next()
 *
 * The host is trusted for nothing here. What it checks early saves a session, and finds whoever
 * spoils sessions; the cores check for themselves. */
#ifndef HOST_COORD_QUORUM_RUN_H
#define HOST_COORD_QUORUM_RUN_H

#include "crypto/tmldsa/tmldsa_blame.h"
#include "host/coord/coord.h"
#include "wire/csr_ask.h"
#include "wire/frame.h"
#include "wire/plan.h"
#include "wire/quorum_msg.h"

/* The public facts of an epoch; all the caller's. */
struct quorum_roster {
    const struct plan *plan;
    const struct tmldsa_public_key *key;
    const uint8_t *t; /* all t_I, in the order of tmldsa_alloc_all() */
    uint8_t epoch_id[EPOCH_ID_LEN];
    const uint8_t *classic_key; /* 04 | X | Y, that three have together; NULL: there is none */
};

/* One serves all runs of a thread. */
struct quorum_scratch {
    struct tmldsa_commit_scratch commit;
    struct tmldsa_blame_scratch blame;
};

enum quorum_phase { QUORUM_ASK_R1 = 1, QUORUM_ASK_R2, QUORUM_ASK_R3, QUORUM_OVER };

struct quorum_run {
    enum quorum_phase phase;
    struct coord_job *job;
    const struct quorum_roster *roster;
    unsigned answered; /* mask of places among the signers, of this phase */
    uint8_t sid0[SID0_LEN];
    struct r2_head head;
    struct r2_stamp stamp; /* views into r1s and the job */
    struct stamp token;    /* what follows from it */
    struct csr_ask csr;    /* view into r1s; attempt 0: a stamp is signed */
    uint8_t r1s[STAMP_T_MAX * R1_MAX_LEN];
    struct tmldsa_session session;
    struct quorum_word reveals[STAMP_T_MAX];
    struct tmldsa_response responses[TMLDSA_PARTIES_MAX]; /* by party */
    struct quorum_word responds[STAMP_T_MAX];
    uint8_t sigs[STAMP_T_MAX][QUORUM_SIG_LEN];         /* of reveals */
    uint8_t respond_sigs[STAMP_T_MAX][QUORUM_SIG_LEN]; /* of responds */
    uint8_t *room; /* the caller's: quorum_run_room() bytes */
    bool refused;  /* the error of quorum_run_take() is what the core said */
    /* Once it is over. */
    bool found;      /* job->stamp and job->signature are those of the token */
    unsigned guilty; /* parties whose signed words prove that they lied, a mask from 0 */
};

size_t quorum_run_room(const struct tmldsa_params *p);

/* A session of the quorum act, a mask of parties. run->room is set, and job stays the caller's.
 */
void quorum_run_begin(struct quorum_run *run, const struct quorum_roster *roster,
                      struct coord_job *job, unsigned act, const uint8_t sid0[SID0_LEN]);

/* The same for the key's certificate request: job->stamp gets the session id alone, and of job
 * only to_sign(), user, signature and its length are used. attempt is above all earlier ones of
 * these signers. */
void quorum_run_begin_csr(struct quorum_run *run, const struct quorum_roster *roster,
                          struct coord_job *job, unsigned act, const uint8_t sid0[SID0_LEN],
                          uint8_t subject, uint8_t attempt);

/* The party of a place among the signers, and the place of a party (head.t: it is none). */
unsigned quorum_run_party(const struct quorum_run *run, size_t at);
size_t quorum_run_place(const struct quorum_run *run, unsigned party);

/* The frame that the signer at this place is to be sent in this phase. */
enum frame_type quorum_run_ask(const struct quorum_run *run, size_t at, struct writer *w);
/* Bytes of the longest one. */
size_t quorum_run_ask_max(const struct tmldsa_params *p);

/* The body of that signer's answer. ERR_STATE: it has answered in this phase. What the core
 * said, where it refused. ERR_TRUNCATED, ERR_TRAILING, ERR_RANGE, ERR_LENGTH, ERR_MISMATCH,
 * ERR_SIGNATURE: no answer to this question; if its signature proves a lie, the signer is in
 * run->guilty. After any error the run is of no use. */
MUST_CHECK enum err quorum_run_take(struct quorum_run *run, size_t at, struct view body,
                                    struct quorum_scratch *x);

/* Whether all signers have answered in this phase. */
bool quorum_run_is_whole(const struct quorum_run *run);

/* On to the next phase. From R1, what the job's to_sign() and stamp_derive() or csr_ask_x()
 * say: the run is of no use then. From R3 it is over: run->found, or another session may find
 * one. */
MUST_CHECK enum err quorum_run_next(struct quorum_run *run, struct quorum_scratch *x);

/* Looks at every answer of a session that is over: who is proved to have given a wrong one is
 * in run->guilty. It takes some milliseconds. */
void quorum_run_check(struct quorum_run *run, struct quorum_scratch *x);

#endif
