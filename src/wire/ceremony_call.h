/* ceremony_call.h - how a host drives a core through a key ceremony: frames that carry the
 * ceremony's own messages, and how far it is. docs/wire.md 2.6.
 *
 * Every encoder writes one whole frame body, every decoder reads one and nothing after it. A
 * failed decode leaves *out all zero. Views point into the body. */
#ifndef WIRE_CEREMONY_CALL_H
#define WIRE_CEREMONY_CALL_H

#include "wire/ceremony_msg.h"
#include "wire/frame.h"

enum ceremony_state {
    CEREMONY_IDLE = 0,
    CEREMONY_RUNNING = 1,
    CEREMONY_DISPUTED = 2, /* two nodes saw different things: waiting for who lied to show */
    CEREMONY_FINISHED = 3,
    CEREMONY_ABORTED = 4,
};

/* CEREMONY_BEGIN: nonce(32) plan. */
struct ceremony_begin_ask {
    uint8_t nonce[PLAN_NONCE_LEN]; /* never used before */
    struct view plan;              /* encoded, not looked at here */
};
void ceremony_begin_ask_encode(struct writer *w, const struct ceremony_begin_ask *a);
/* ERR_TRUNCATED: no byte of a plan. ERR_LENGTH: one of over PLAN_MAX bytes. */
MUST_CHECK enum err ceremony_begin_ask_decode(struct view body, struct ceremony_begin_ask *out);

/* CEREMONY_STEP asks with messages that follow one another, or none. This is the check that
 * they do, to the last byte; what ceremony_msg_decode() gives if not. */
MUST_CHECK enum err ceremony_messages_check(struct view messages);

/* The answer to both. */
#define CEREMONY_ANSWER_HEAD 54
#define CEREMONY_ANSWER_MESSAGES_MAX (FRAME_BODY_LONG_MAX - CEREMONY_ANSWER_HEAD)
struct ceremony_answer {
    uint8_t state;   /* enum ceremony_state */
    uint8_t reason;  /* enum ceremony_reason; of ABORTED, else CEREMONY_NO_REASON */
    uint8_t accused; /* a node by its place from 0, or CEREMONY_NOBODY */
    uint8_t told_by; /* whose word it is; CEREMONY_NOBODY where there is no reason */
    uint8_t proven;  /* 1: signed messages of the accused show it to anybody */
    uint8_t more;    /* 1: messages wait: they are asked for with an empty STEP */
    uint8_t id[CEREMONY_HASH_LEN]; /* of the record; zero but for FINISHED */
    struct view messages;          /* whole ones, at most CEREMONY_ANSWER_MESSAGES_MAX bytes */
};
void ceremony_answer_encode(struct writer *w, const struct ceremony_answer *a);
/* ERR_TRUNCATED. ERR_LENGTH: too many bytes of messages. ERR_RANGE: a value outside what stands
 * above. What ceremony_messages_check() gives. */
MUST_CHECK enum err ceremony_answer_decode(struct view body, struct ceremony_answer *out);

/* CEREMONY_RECORD asks from offset(4) on; the answer is total(4) bytes, of which none are
 * there from total on. */
#define CEREMONY_PAGE_MAX 8192 /* bytes of a record in one answer */
struct ceremony_page {
    uint32_t total; /* bytes of the whole record */
    struct view bytes;
};
void ceremony_page_ask_encode(struct writer *w, uint32_t offset);
/* ERR_TRUNCATED, ERR_TRAILING. */
MUST_CHECK enum err ceremony_page_ask_decode(struct view body, uint32_t *offset);
void ceremony_page_encode(struct writer *w, const struct ceremony_page *p);
/* ERR_TRUNCATED. ERR_RANGE: a total over CEREMONY_RECORD_MAX. ERR_LENGTH: more bytes than
 * that, or over CEREMONY_PAGE_MAX. */
MUST_CHECK enum err ceremony_page_decode(struct view body, struct ceremony_page *out);

#endif
