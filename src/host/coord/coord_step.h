/* coord_step.h - the rounds with one core, as a state machine: jobs and bytes in, bytes and
 * results out. No kernel, no heap: time is an argument. docs/wire.md.
 *
 * One thread at a time. done() of a job runs inside the calls that say so. */
#ifndef HOST_COORD_COORD_STEP_H
#define HOST_COORD_COORD_STEP_H

#include "host/coord/coord_line.h"
#include "host/coord/coord_stock.h"
#include "wire/frame.h"
#include "wire/time_probe.h"

#define COORD_REQUESTS_MAX 16 /* frames under way; more wait */
#define COORD_R1_FRAMES_MAX 4 /* of these, R1 */
#define COORD_R2_FRAMES_MAX                                            \
    6 /* of these, R2: below what a core takes at once, so that R1 and \
         STATE never wait behind them */
#define COORD_R2_PQ_FRAMES_MAX 2 /* of these, R2 that KEY_PQ signs: as a core takes at once */
#define COORD_OUT_MAX 65536      /* bytes not yet sent; no further frame is begun above */
#define COORD_FRAME_MAX 20480 /* bytes of the longest frame that we send, R2 with 64 stamps */
#define COORD_SID_PREFIX_LEN 24

#define COORD_POLL_MS 250          /* between two STATE while the core does not serve */
#define COORD_POLL_SERVING_MS 1000 /* and while it does */
#define COORD_ANSWER_MS 2000       /* an answer later than this: the core is given up */
#define COORD_R1_PAUSE_MS 20       /* after a core had no room for R1 */
#define COORD_SWEEP_MS 5           /* deadlines are looked at so often at most */

enum coord_phase {
    COORD_DOWN,     /* no connection */
    COORD_GREETING, /* HELLO and STATE are asked */
    COORD_UP,
};

/* A frame that is not yet answered. */
struct coord_request {
    uint64_t id;  /* 0: free */
    uint8_t type; /* enum frame_type */
    uint8_t key;  /* of R1 and R2 */
    size_t n;     /* stamps; TIME_PROBE: its step */
    int64_t asked_ns;
    uint64_t first_sid;                      /* R1: number of its first sid0 */
    struct r2_head head;                     /* R2 */
    struct coord_job *jobs[STAMP_BATCH_MAX]; /* R2; NULL: its deadline has passed */
    struct coord_r1 r1[STAMP_BATCH_MAX];     /* R2 */
};

/* What one core of several does with what is not its own matter. */
struct coord_hooks {
    /* A job that this core does not do, and why: another one may. NULL: it ends with that. */
    void (*back)(void *user, struct coord_job *job, enum err e);
    /* An answer with QUORUM_ID_BIT in its request id. NULL: nobody asked for it. ERR_TYPE,
     * ERR_MISMATCH: close the connection. */
    enum err (*quorum)(void *user, const struct frame_header *h, struct view body,
                       int64_t now_ns);
    /* An answer to coord_step_time(); body.p NULL: the core refused. */
    void (*time)(void *user, uint8_t step, struct view body);
    void *user;
};

struct coord_step {
    struct coord_counters *counters;
    struct coord_hooks hooks;
    enum coord_phase phase;
    bool changed; /* set whenever the front should look again; cleared by who reads it */
    struct coord_core_view known;
    uint8_t boot_id[BOOT_ID_LEN], epoch_id[EPOCH_ID_LEN]; /* of this connection */
    uint8_t identity[IDENTITY_LEN];
    uint64_t greeted;      /* HELLOs taken */
    int64_t heard_ns;      /* when the last frame came */
    int64_t up_ns;         /* since when it is up */
    int64_t status_ns;     /* when known.status came; 0: never */
    int64_t round_trip_ns; /* of R2, smoothed */
    int64_t pumped_ns, poll_ns, sweep_ns;
    int64_t r1_after_ns[STAMP_KEYS];
    uint8_t sid_prefix[COORD_SID_PREFIX_LEN];
    uint64_t next_sid, next_id;
    size_t r1_frames, r2_frames;
    size_t n_jobs; /* that wait or are under way */
    struct coord_line
        lines[STAMP_KEYS]; /* jobs that wait for an R1 or for a place in a frame */
    struct coord_stock stocks[STAMP_KEYS];
    struct coord_request requests[COORD_REQUESTS_MAX];
    size_t out_at, out_len; /* out[out_at, out_len) is not yet sent */
    uint8_t out[COORD_OUT_MAX];
};

/* sid_prefix: random; makes the labels of this process its own. */
void coord_step_init(struct coord_step *s, struct coord_counters *counters,
                     const uint8_t sid_prefix[COORD_SID_PREFIX_LEN]);

/* The connection stands: greets the core. */
void coord_step_open(struct coord_step *s, int64_t now_ns);

/* The connection is gone, for this reason: every job ends with ERR_QUORUM. Calls done(). */
void coord_step_close(struct coord_step *s, enum err why);

/* The core does not answer: its jobs are given back, as if it had gone. What it may still
 * answer is of no use then. Calls done(). */
void coord_step_abandon(struct coord_step *s);

/* Asks for STATE at the next coord_step_pump(), if that is not asked already. */
void coord_step_probe(struct coord_step *s, int64_t now_ns);

/* When the oldest question without answer was asked; INT64_MAX: there is none. */
int64_t coord_step_oldest(const struct coord_step *s);

/* Jobs that wait or are under way. */
size_t coord_step_jobs(const struct coord_step *s);

/* Keys, as bits 1U << (key - 1), whose jobs can only wait now: every R2 frame that may be under
 * way at once is. */
unsigned coord_step_full(const struct coord_step *s);

/* Takes a job; ERR_QUORUM at once when no core is up. Calls done(). */
void coord_step_submit(struct coord_step *s, struct coord_job *job);

/* Takes the whole frames at the front of in; *used bytes of it. Calls done().
 * ERR_STALE: the core has another epoch since it was greeted. Any other error: it answers
 * garbage, or refuses to greet. Close the connection. */
MUST_CHECK enum err coord_step_take(struct coord_step *s, struct view in, int64_t now_ns,
                                    size_t *used);

/* Does what is due: deadlines, R1, R2, STATE. After any of the calls above and at
 * coord_step_next(). Calls done().
 * ERR_DEADLINE: the core does not answer; close the connection. */
MUST_CHECK enum err coord_step_pump(struct coord_step *s, int64_t now_ns);

/* When coord_step_pump() must be called at the latest. */
int64_t coord_step_next(const struct coord_step *s);

/* Ends one job: counts it and calls its done(), or gives it back. */
void coord_step_finish(struct coord_step *s, struct coord_job *job, enum err e);

/* Asks for HELLO or STATE. */
void coord_step_ask(struct coord_step *s, enum frame_type type, int64_t now_ns);

/* Sends a step of a round of probes. False: not now. */
bool coord_step_time(struct coord_step *s, const struct time_probe *p, int64_t now_ns);

/* The label that goes with this number. */
void coord_step_sid0(const struct coord_step *s, uint64_t number, uint8_t out[SID0_LEN]);

/* Stamp number at of an R2 frame; views point into its job and its R1. */
void coord_step_stamp(const struct coord_request *q, size_t at, struct r2_stamp *out);

/* What is to be sent, and how much of it was. */
struct view coord_step_send(const struct coord_step *s);
void coord_step_sent(struct coord_step *s, size_t n);

#endif
