/* frame.h - the header that every frame of ours has; layout in docs/wire.md 1. */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

#include "base/bytes.h"

#define FRAME_MAGIC 0x51 /* 'Q' */
#define FRAME_VERSION 1
#define FRAME_HEADER_LEN 16
/* Bytes, by type: a longer length ends the connection. */
#define FRAME_BODY_MAX 65536
/* R3, its answer, and those of R2 and SIGN_CSR: what signers of one threshold signature show
 * one another; CEREMONY_STEP, its answer and that of CEREMONY_BEGIN; MESH_PUT and the answer to
 * MESH_GET; REENROL_ORDER. */
#define FRAME_BODY_LONG_MAX 458752

/* An answer is its request's type with FRAME_ANSWER set, or FRAME_ERROR. */
#define FRAME_ANSWER 0x80
enum frame_type {
    FRAME_HELLO = 0x01,
    FRAME_STATE = 0x02,
    FRAME_ACTIVATE = 0x03,
    FRAME_R1 = 0x10,
    FRAME_R2 = 0x11,
    FRAME_R3 = 0x12,
    FRAME_SIGN_CSR = 0x13,
    FRAME_STATS = 0x20,
    FRAME_AUDIT = 0x21,
    FRAME_CEREMONY_BEGIN = 0x30,
    FRAME_CEREMONY_STEP = 0x31,
    FRAME_CEREMONY_RECORD = 0x32,
    FRAME_TIME_SAMPLE = 0x40,
    FRAME_TIME_PROBE = 0x41,
    FRAME_TIME_STATUS = 0x42,
    FRAME_MESH_PUT = 0x50,
    FRAME_MESH_GET = 0x51,
    FRAME_PRESIGN_ORDER = 0x52,
    FRAME_PRESIGN_LIST = 0x53,
    FRAME_PRESIGN_STATUS = 0x54,
    FRAME_REENROL_ORDER = 0x55,
    FRAME_REENROL_STEP = 0x56,
    FRAME_EVIDENCE = 0x60,
    FRAME_AUDIT_LOG = 0x61,
    FRAME_RETIRE = 0x62,
    FRAME_TSM_REPORT = 0x70, /* a core asks its quorate-tsm */
    FRAME_ERROR = 0xff,      /* body: u16 enum err */
};

/* How long a body of this type may be; types as received, answers included. */
uint32_t frame_body_max(uint8_t type);

struct frame_header {
    uint8_t type; /* as received: may be no enumerator */
    uint32_t body_len;
    uint64_t request_id; /* chosen by who asks, repeated in the answer */
};

/* Reads FRAME_HEADER_LEN bytes.
 * ERR_TRUNCATED: fewer are there. ERR_TAG: magic. ERR_VERSION: version. ERR_ENCODING: the zero
 * byte is not zero. ERR_RANGE: body_len over frame_body_max(). After any of them the stream
 * cannot be followed: close it. */
MUST_CHECK enum err frame_header_decode(struct view in, struct frame_header *out);

/* Starts a frame; frame_end() with the returned mark writes its length. One frame at a time. */
size_t frame_begin(struct writer *w, uint8_t type, uint64_t request_id);
void frame_end(struct writer *w, size_t mark);

/* A whole FRAME_ERROR. */
void frame_write_error(struct writer *w, uint64_t request_id, enum err e);

/* The body of a FRAME_ERROR. *out: an enumerator, never ERR_OK (a number that we do not know,
 * or 0, gives ERR_BUG). ERR_TRUNCATED, ERR_TRAILING: not such a body. */
MUST_CHECK enum err frame_error_decode(struct view body, enum err *out);

#endif
