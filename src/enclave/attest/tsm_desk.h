/* tsm_desk.h - where a core's wishes for evidence of itself wait for quorate-tsm, the process
 * beside it that has the machine's attestation device. Nobody waits here: who wants evidence
 * asks, goes on, and looks again.
 *
 *   askers    tsm_desk_ask() -> tsm_desk_answer() until it is no ERR_BUSY -> tsm_desk_forget()
 *   the loop  tsm_desk_next() -> sends it -> tsm_desk_put(); tsm_desk_lost(), tsm_desk_tick()
 *
 * One wish is under way at a time: the device has room for one. A quorate-tsm that went away
 * takes none with it: what it had not answered waits for the next one, until its time is up.
 *
 * No kernel, no heap. Two threads ask: guard and wakes are the caller's, no-ops where there is
 * one thread. Times are of a monotonic clock, above 0. */
#ifndef ENCLAVE_ATTEST_TSM_DESK_H
#define ENCLAVE_ATTEST_TSM_DESK_H

#include "base/bytes.h"

#define TSM_REPORT_DATA_LEN 64
/* Wishes that wait, are under way, or are answered and not fetched. More: ERR_NOSPACE. */
#define TSM_ASKS_MAX 16
#define TSM_BLOCK_MAX 32768 /* bytes of an evidence block */
/* One that is not answered for so long ends: ERR_IO. One that nobody fetched after that is
 * forgotten. */
#define TSM_LIFE_NS INT64_C(10000000000)
#define TSM_KEPT_NS INT64_C(60000000000)

/* For what it is: with a peer, or a place of the asker's, the tag of a wish. */
enum tsm_kind {
    TSM_CEREMONY = 1,
    TSM_MESH,
    TSM_REENROL,
    TSM_OUTSIDER, /* a nonce of who asks this core */
    TSM_EPOCH,    /* the record of a ceremony */
};

static inline uint32_t tsm_tag(enum tsm_kind kind, unsigned place)
{
    return (uint32_t)kind << 16 | (place & 0xffff);
}

/* How the two sides meet. Any may be NULL. */
struct tsm_meeting {
    void (*enter)(void *self), (*leave)(void *self);
    void (*asked)(void *self);    /* there is something to send */
    void (*answered)(void *self); /* there is something to fetch */
    void *self;
};

enum tsm_step {
    TSM_FREE = 0,
    TSM_WAITS,
    TSM_SENT,
    TSM_ANSWERED,
};

struct tsm_ask {
    enum tsm_step step;
    uint32_t tag;
    uint64_t id; /* of all of this desk, ascending: who came first is served first */
    int64_t since_ns;
    uint8_t report_data[TSM_REPORT_DATA_LEN];
    enum err err; /* TSM_ANSWERED */
    size_t len;
    uint8_t block[TSM_BLOCK_MAX];
};

/* 0.5 MB, zero before tsm_desk_init(). Nothing of it is secret. */
struct tsm_desk {
    struct tsm_meeting meeting;
    uint64_t last_id;
    uint64_t sent; /* the id that is under way; 0: none */
    int64_t sent_ns;
    struct tsm_ask asks[TSM_ASKS_MAX];
};

/* meeting NULL: one thread is both sides. */
void tsm_desk_init(struct tsm_desk *d, const struct tsm_meeting *meeting);

/* ---- who wants evidence ---- */

/* Evidence is wanted that vouches for report_data. What was asked under that tag before is
 * forgotten. ERR_NOSPACE: TSM_ASKS_MAX are here: later. */
MUST_CHECK enum err tsm_desk_ask(struct tsm_desk *d, int64_t now_ns, uint32_t tag,
                                 const uint8_t report_data[TSM_REPORT_DATA_LEN]);

/* What came of it. *block points into the desk, until tsm_desk_forget() or another ask of that
 * tag. ERR_BUSY: it comes. ERR_STATE: nobody asked, or it is forgotten. ERR_IO: there was no
 * quorate-tsm for TSM_LIFE_NS, or none that answers. Else what quorate-tsm said. */
MUST_CHECK enum err tsm_desk_answer(struct tsm_desk *d, uint32_t tag, struct view *block);

/* The same, copied to room of TSM_BLOCK_MAX bytes, where *block points then: for a thread that
 * is not the loop's, which forgets what nobody fetched. */
MUST_CHECK enum err tsm_desk_copy(struct tsm_desk *d, uint32_t tag, uint8_t *room,
                                  struct view *block);

/* It is wanted no longer, or was fetched. */
void tsm_desk_forget(struct tsm_desk *d, uint32_t tag);
/* The same for all of a kind. */
void tsm_desk_forget_all(struct tsm_desk *d, enum tsm_kind kind);

/* ---- the loop that talks to quorate-tsm ---- */

/* The next wish, which is under way then. False: there is none, or one is. */
bool tsm_desk_next(struct tsm_desk *d, int64_t now_ns, uint64_t *id,
                   uint8_t report_data[TSM_REPORT_DATA_LEN]);

/* What quorate-tsm says to it: a block, or an error. ERR_MISMATCH: that is not what is under
 * way. ERR_LENGTH: no block, or over TSM_BLOCK_MAX. Nothing changes then: whoever talks so is
 * to be cut off. A wish that was forgotten meanwhile takes its answer with it. */
MUST_CHECK enum err tsm_desk_put(struct tsm_desk *d, int64_t now_ns, uint64_t id, enum err e,
                                 struct view block);

/* quorate-tsm went away: what was under way waits for another. */
void tsm_desk_lost(struct tsm_desk *d);

/* Ends what is over its time. False: quorate-tsm does not answer, and is to be cut off. */
bool tsm_desk_tick(struct tsm_desk *d, int64_t now_ns);

#endif
