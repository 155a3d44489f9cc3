/* attest_tls.h - who is at the other end of a TLS 1.3 connection that exists: each side shows
 * evidence, or a key that the other knows, for this connection and no other (ATTEST/1 over TLS,
 * docs/wire.md 18). For parties outside the cluster; cores speak PQ/1 among themselves.
 *
 * Attestation comes after the handshake: evidence that stands in a certificate can be relayed
 * by whoever has the leaf's key. What is shown is bound to the exporter of the connection, by
 * which side shows it, to roles, both leaf keys, the epoch and the other side's nonce, and
 * signed by the leaf key. No application byte before attest_tls_is_verified().
 *
 * A step machine: messages in, messages out, no kernel, no heap. Both sides do the same:
 *
 *   attest_tls_begin() -> CHALLENGE     CHALLENGE -> attest_tls_wants()
 *   attest_tls_show()  -> PROOF         PROOF     -> VERDICT          VERDICT -> verified
 *
 * It is ended by processes without shares. After any fault the connection is closed. */
#ifndef ATTEST_ATTEST_TLS_H
#define ATTEST_ATTEST_TLS_H

#include "attest/attest_fault.h"
#include "wire/evidence.h"
#include "wire/report_data.h"

/* The exporter (RFC 8446 7.5), and its context: epoch_id | side(1). */
#define ATTEST_TLS_LABEL "EXPORTER-quorate-attest-v1"
#define ATTEST_TLS_EXPORTER_LEN 48
#define ATTEST_TLS_CONTEXT_LEN (EPOCH_ID_LEN + 1)
#define ATTEST_TLS_HEAD_LEN 5 /* of a message: type(1) length(4) */
#define ATTEST_TLS_BODY_MAX (P384_SIG_LEN + EVIDENCE_MAX)
#define ATTEST_TLS_MESSAGE_MAX (ATTEST_TLS_HEAD_LEN + ATTEST_TLS_BODY_MAX)
#define ATTEST_TLS_OUT_MAX (ATTEST_TLS_MESSAGE_MAX + 256) /* bytes that one call writes */
#define ATTEST_TLS_POLICY_LEN 48
/* A verdict older than this is none; attest_tls_is_due() asks for a new one at half of it. */
#define ATTEST_TLS_LIFE_NS INT64_C(3600000000000)
/* Sooner after a verdict no peer may ask for another one. */
#define ATTEST_TLS_PAUSE_NS INT64_C(60000000000)

enum attest_tls_type {
    ATTEST_TLS_CHALLENGE = 1,
    ATTEST_TLS_PROOF = 2,
    ATTEST_TLS_VERDICT = 3,
    ATTEST_TLS_ALERT = 4,
};

enum attest_tls_side { ATTEST_TLS_CLIENT = 0, ATTEST_TLS_SERVER = 1 };

/* What an end shows of itself. */
enum attest_tls_shows {
    ATTEST_TLS_SHOWS_KEY = 1,      /* its leaf key, which the other side knows */
    ATTEST_TLS_SHOWS_EVIDENCE = 2, /* an evidence block, which vouches for that key */
};

struct attest_tls_end {
    uint8_t role;                  /* enum report_role */
    uint8_t shows;                 /* enum attest_tls_shows */
    uint8_t leaf[P384_PUBLIC_LEN]; /* the key of its certificate in this connection */
};

/* The connection as the TLS library tells it; by side where there are two. */
struct attest_tls_session {
    uint16_t version;         /* 0x0304 */
    bool resumed, early_data; /* neither may be */
    uint8_t exporter[2][ATTEST_TLS_EXPORTER_LEN];
};

struct attest_tls_setup {
    enum attest_tls_side side; /* own */
    struct attest_tls_session session;
    uint8_t epoch_id[EPOCH_ID_LEN];  /* that is spoken of; zero: none */
    struct attest_tls_end own, peer; /* peer: as it must be, with the leaf that it has */
};

/* What a step needs; all the caller's. */
struct attest_tls_tools {
    void *ctx;
    /* REPORT_DATA_NONCE_LEN bytes that nobody can foresee. */
    enum err (*random)(void *ctx, uint8_t out[REPORT_DATA_NONCE_LEN]);
    /* Signs by the key of the own leaf. */
    enum err (*sign)(void *ctx, const uint8_t digest[P384_DIGEST_LEN],
                     uint8_t out[P384_SIG_LEN]);
    /* Judges the peer's block, which must carry report_data, and says by which policy. */
    enum attest_fault (*judge)(void *ctx, struct view block,
                               const uint8_t report_data[REPORT_DATA_LEN],
                               uint8_t policy[ATTEST_TLS_POLICY_LEN]);
    /* Whether the peer's leaf is a key that is known for its role. */
    bool (*is_known)(void *ctx, uint8_t role, const uint8_t leaf[P384_PUBLIC_LEN]);
};

/* One end of one connection. Nothing in it is secret. */
struct attest_tls {
    struct attest_tls_setup setup;
    bool challenged, peer_challenged, shown, peer_accepted, accepted; /* of this round */
    uint8_t nonce[2][REPORT_DATA_NONCE_LEN];                          /* by side */
    uint8_t transcript[P384_DIGEST_LEN];                              /* of both CHALLENGEs */
    uint8_t proof[2][P384_DIGEST_LEN];                                /* what was signed */
    uint8_t policy[ATTEST_TLS_POLICY_LEN]; /* by which the peer was judged; zero: by its key */
    uint8_t peer_policy[ATTEST_TLS_POLICY_LEN]; /* by which the peer says that it judged */
    bool verified;
    int64_t verified_ns; /* monotonic */
};

/* The context of the exporter value that belongs to what that side shows. */
void attest_tls_context(const uint8_t epoch_id[EPOCH_ID_LEN], enum attest_tls_side side,
                        uint8_t out[ATTEST_TLS_CONTEXT_LEN]);

/* A connection that nobody has said anything on. On failure *m is zero. ATTEST_TLS_SESSION: not
 * TLS 1.3, resumed, or with early data. ATTEST_TLS_SETUP: a role or what is shown is none; both
 * ends have one leaf; both exporter values are the same. */
MUST_CHECK enum attest_fault attest_tls_init(struct attest_tls *m,
                                             const struct attest_tls_setup *setup);

/* Begins a round: writes the own CHALLENGE. What is verified stays so until its time is over.
 * ATTEST_TLS_TYPE: a round is under way. ATTEST_TLS_TOOLS: no randomness; no room in out. */
MUST_CHECK enum attest_fault attest_tls_begin(struct attest_tls *m,
                                              const struct attest_tls_tools *tools,
                                              struct writer *out);

/* How long the message is that begins with head, with its head. ATTEST_TLS_SIZE: longer than
 * one of its type may be. ATTEST_TLS_TYPE: of no type. */
MUST_CHECK enum attest_fault attest_tls_length(const uint8_t head[ATTEST_TLS_HEAD_LEN],
                                               size_t *n);

/* Takes one whole message of the peer, and writes what follows from it: the own CHALLENGE where
 * the peer began, a VERDICT. After any fault nothing is verified any more; attest_tls_alert()
 * says so to the peer, and the connection is closed. In this order:
 *
 * ATTEST_TLS_SIZE, ATTEST_TLS_TYPE: not the message that is awaited. ATTEST_TLS_REFUSED: the
 * peer gave up. CHALLENGE: ATTEST_TLS_SOON: ATTEST_TLS_PAUSE_NS is not over.
 * ATTEST_TLS_VERSION, ATTEST_TLS_SIDE: the own side, as when it is sent back. ATTEST_TLS_ROLE,
 * ATTEST_TLS_SHOWS: not what the setup demands of the peer. ATTEST_TLS_EPOCH. ATTEST_TLS_NONCE:
 * our own. PROOF: ATTEST_TLS_FORM: evidence where a key was agreed on, or the other way round.
 * ATTEST_TLS_POSSESSION: not signed by the leaf's key for this round. ATTEST_TLS_KEY: a key
 * that is not known. What judge gives. VERDICT: ATTEST_TLS_ANSWER: of another round, or not of
 * what this end showed. ATTEST_TLS_TOOLS: no randomness; no room in out. */
MUST_CHECK enum attest_fault attest_tls_take(struct attest_tls *m,
                                             const struct attest_tls_tools *tools,
                                             int64_t now_ns, struct view message,
                                             struct writer *out);

/* Whether this end is to show itself now; report_data is what its evidence must carry then. */
bool attest_tls_wants(const struct attest_tls *m, uint8_t report_data[REPORT_DATA_LEN]);

/* Writes the PROOF: block is evidence with that report_data, or empty where the key is shown.
 * ATTEST_TLS_TYPE: it is not wanted. ATTEST_TLS_FORM: as above. ATTEST_TLS_TOOLS: not signed;
 * no room in out. */
MUST_CHECK enum attest_fault attest_tls_show(struct attest_tls *m,
                                             const struct attest_tls_tools *tools,
                                             int64_t now_ns, struct view block,
                                             struct writer *out);

/* Whether both ends have accepted one another, not longer ago than ATTEST_TLS_LIFE_NS. */
bool attest_tls_is_verified(const struct attest_tls *m, int64_t now_ns);

/* Whether it is time for attest_tls_begin(). */
bool attest_tls_is_due(const struct attest_tls *m, int64_t now_ns);

/* Tells the peer why, and ends it for this end: nothing is verified. */
void attest_tls_alert(struct attest_tls *m, enum attest_fault why, struct writer *out);

#endif
