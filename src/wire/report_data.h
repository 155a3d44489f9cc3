/* report_data.h - the 64 bytes that a machine's evidence vouches for: whose they are, what for,
 * and the nonce of who asked. docs/wire.md 16.2. Whoever judges evidence computes them of what
 * it knows itself, never of what it was told together with the evidence. */
#ifndef WIRE_REPORT_DATA_H
#define WIRE_REPORT_DATA_H

#include "crypto/p384.h"
#include "wire/core_info.h"

#define REPORT_DATA_LEN 64
#define REPORT_DATA_NONCE_LEN 32
#define REPORT_DATA_CONTEXT_LEN 48

enum report_purpose {
    REPORT_CHANNEL = 1, /* a PQ/1 channel that is being made */
    REPORT_ASKED = 2,   /* somebody's nonce */
    REPORT_EPOCH = 3,   /* an epoch, for its bundle */
    REPORT_TLS = 4,     /* a TLS connection that exists */
};

enum report_role {
    REPORT_CORE = 1,
    REPORT_OPERATOR = 2,
    REPORT_INSTANCE = 3,
    REPORT_REGISTRY = 4,
};

struct report_binding {
    struct view peer;      /* identity key of the other end, or empty */
    struct view audit_key; /* P384_PUBLIC_LEN bytes, or empty */
    uint32_t incarnation;  /* of the place, as PQ/1 counts */
    uint8_t purpose, role;
    uint8_t place;                  /* in the plan from 1, as HELLO says it; 0: none yet */
    uint8_t epoch_id[EPOCH_ID_LEN]; /* zero: none yet */
    uint8_t identity[P384_PUBLIC_LEN];
    uint8_t nonce[REPORT_DATA_NONCE_LEN];
    uint8_t context[REPORT_DATA_CONTEXT_LEN]; /* by purpose */
};

/* SHA-384("quorate-attest-v1" | purpose, role, epoch_id, place, incarnation,
 * identity, peer, audit_key, nonce, context, each after its LE32 length) | first
 * 16 bytes of nonce. */
void report_data_make(const struct report_binding *b, uint8_t out[REPORT_DATA_LEN]);

/* The context of REPORT_CHANNEL: SHA-384("quorate-attest-hellos-v1" | own Hello | the peer's),
 * each after its LE32 length. Own is that of whose evidence it is. */
void report_context_hellos(struct view own, struct view peer,
                           uint8_t out[REPORT_DATA_CONTEXT_LEN]);

/* The context of REPORT_TLS: SHA-384("quorate-attest-tls-v1" | exporter value | SPKI own | SPKI
 * of the peer, or empty), each after its LE32 length. */
void report_context_tls(struct view exporter, struct view own, struct view peer,
                        uint8_t out[REPORT_DATA_CONTEXT_LEN]);

/* The context of REPORT_ASKED: SHA-384 of the HELLO body. */
void report_context_asked(struct view hello, uint8_t out[REPORT_DATA_CONTEXT_LEN]);

#endif
