/* tsm_serve.h - the connection of a core to its quorate-tsm, docs/wire.md 1: asks in,
 * evidence blocks out, one after the other. No kernel.
 *
 *   tsm_serve_receive() -> bytes -> tsm_serve_received()
 *   while tsm_serve_next(): a report is made -> tsm_serve_answer()
 *   tsm_serve_pending() -> bytes -> tsm_serve_sent() */
#ifndef ENCLAVE_TSM_TSM_SERVE_H
#define ENCLAVE_TSM_TSM_SERVE_H

#include "wire/evidence.h"
#include "wire/frame.h"

#define TSM_ASK_LEN 64   /* body of TSM_REPORT: REPORT_DATA */
#define TSM_QUEUE_MAX 16 /* asks that wait */
#define TSM_IN_MAX (TSM_QUEUE_MAX * (FRAME_HEADER_LEN + TSM_ASK_LEN))

struct tsm_serve {
    bool closing; /* after what is pending the connection ends */
    size_t in_len, out_len, out_at;
    uint8_t in[TSM_IN_MAX];
    uint8_t out[FRAME_HEADER_LEN + EVIDENCE_MAX];
};

void tsm_serve_init(struct tsm_serve *s);

/* Where bytes go that are received, and how many may. 0: asks wait, or it is closing. */
uint8_t *tsm_serve_receive(struct tsm_serve *s, size_t *room);
void tsm_serve_received(struct tsm_serve *s, size_t n);

/* The next ask. False: none is whole, or an answer is not sent yet. What is no such ask is
 * answered with an error, and closes. */
bool tsm_serve_next(struct tsm_serve *s, uint64_t *id, uint8_t report_data[TSM_ASK_LEN]);

/* Its answer: a block of at most EVIDENCE_MAX bytes, or an error. */
void tsm_serve_answer(struct tsm_serve *s, uint64_t id, enum err e, struct view block);

/* What is to be sent. */
struct view tsm_serve_pending(const struct tsm_serve *s);
void tsm_serve_sent(struct tsm_serve *s, size_t n);

/* Whether the connection is at its end. */
bool tsm_serve_done(const struct tsm_serve *s);

#endif
