/* core_info.h - what a core says of itself: HELLO, STATE, STATS, AUDIT; and ACTIVATE.
 * docs/wire.md 2. Every encoder writes one whole frame body, every decoder reads one and
 * nothing after it: ERR_TRUNCATED, ERR_TRAILING; ERR_RANGE: a number, a length or an order that
 * section 2 does not allow. A failed decode leaves *out all zero. Views point into the body.
 */
#ifndef WIRE_CORE_INFO_H
#define WIRE_CORE_INFO_H

#include "base/bytes.h"

#define EPOCH_ID_LEN 48
#define BOOT_ID_LEN 16
#define BOOT_NONCE_LEN 32
#define IDENTITY_LEN 97    /* P-384, 04 | X | Y */
#define SIGNING_KEY_LEN 32 /* Ed25519, RFC 8032 5.1.5 */
#define ACTIVATION_HASH_LEN 48
#define CERT_HASH_LEN 32
#define CERT_SERIAL_MAX 20  /* bytes of INTEGER body, RFC 5280 4.1.2.2 */
#define CERT_ISSUER_MAX 512 /* bytes of Name, DER */
#define WIRE_POLICY_OID_MAX 32
#define WIRE_POLICIES_MAX 16
#define WIRE_KEYS_MAX 2
#define WIRE_PUBLIC_KEY_MAX 2048
#define WIRE_STATS_MAX 64
#define WIRE_AUDIT_MAX 256 /* entries in one frame */
#define AUDIT_DATA_MAX 64  /* bytes that belong to an entry */
#define AUDIT_KEY_LEN 97   /* P-384, 04 | X | Y */

enum core_key {
    KEY_CLASSIC = 1, /* ECDSA P-384; public key 97 bytes 04 | X | Y, signature 96 bytes r | s,
                        big-endian */
    KEY_PQ = 2,      /* ML-DSA-65; public key 1952 bytes, signature 3309, FIPS 204 table 2 */
    KEY_DUAL = KEY_CLASSIC | KEY_PQ, /* no key of its own: policies, R1 and R2 name it for a
                                        stamp that both sign, of one core alone */
};

/* Whether what is named takes that key. */
static inline bool core_key_takes(uint8_t key, enum core_key one)
{
    return (key & one) != 0;
}

enum core_state {
    CORE_BOOTING = 1,
    CORE_SELF_TEST = 2,
    CORE_TIME_SYNC = 3,
    CORE_WAITING = 4, /* for an activation */
    CORE_SERVING = 5,
    CORE_TIME_DRIFT = 6, /* refuses to sign, recovers */
    CORE_DRAINING = 7,
    CORE_RETIRED = 8,
    CORE_FAILED = 9,
    CORE_WAITING_CEREMONY = 10, /* signs with others, and there was no ceremony yet */
    CORE_CEREMONY = 11,         /* one is under way */
};

enum core_clock {
    CLOCK_KERNEL = 1,       /* the kernel's bound is the bound; unsynchronised: no signing */
    CLOCK_TRUST_SYSTEM = 2, /* the system clock is believed: untrusted, development only */
    CLOCK_NTS = 3,          /* samples of a time client of its own: wire/time_call.h */
};

#define HELLO_FLAG_SIMULATED 0x01  /* this build admits simulated parts */
#define HELLO_FLAG_UNLOCKED 0x02   /* memory could not be locked (development only) */
#define HELLO_FLAG_NO_SANDBOX 0x04 /* no system-call filter (development only) */

struct hello_key {
    uint8_t key;              /* KEY_CLASSIC or KEY_PQ */
    uint8_t threshold, total; /* so many of so many cores sign together */
    struct view public_key;
};

struct hello_policy {
    uint8_t number; /* 1 to 255; what R2 names */
    uint8_t key;    /* enum core_key, may be KEY_DUAL */
    uint8_t digits; /* of genTime's fraction, 0 to 3 */
    bool ordering;  /* tokens come in the order of their genTime */
    uint32_t min_accuracy_ms, max_accuracy_ms;
    struct view oid; /* OID body */
};
/* One policy, as HELLO and the plan of a ceremony have it: the reader is then after it.
 * ERR_TRUNCATED; ERR_RANGE: number 0, a key that is none, digits over 3, an OID of no or too
 * many bytes, accuracies that do not ascend. */
void hello_policy_encode(struct writer *w, const struct hello_policy *p);
MUST_CHECK enum err hello_policy_decode(struct reader *r, struct hello_policy *out);

struct hello {
    uint8_t boot_id[BOOT_ID_LEN];
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t index; /* place in the plan from 1; 1: alone; 0: no ceremony yet, no epoch_id */
    uint8_t clock; /* enum core_clock */
    uint8_t flags; /* HELLO_FLAG_* */
    uint16_t r1_life_ms;
    uint8_t boot_nonce[BOOT_NONCE_LEN];   /* random at each start; enters epoch_id */
    uint8_t identity[IDENTITY_LEN];       /* signs PQ/1 and ceremony messages */
    uint8_t signing_key[SIGNING_KEY_LEN]; /* signs R1, REVEAL and RESPOND of the pq key */
    size_t n_keys, n_policies;
    struct hello_key keys[WIRE_KEYS_MAX];
    struct hello_policy policies[WIRE_POLICIES_MAX];
    uint8_t audit_key[AUDIT_KEY_LEN]; /* signs AUDIT_LOG; zero before the self-tests passed */
};
void hello_encode(struct writer *w, const struct hello *h);
MUST_CHECK enum err hello_decode(struct view body, struct hello *out);

struct core_status {
    uint8_t state;            /* enum core_state */
    uint16_t reason;          /* enum err: why it does not serve; 0 while it does */
    uint8_t time_valid;       /* 1: lo_ns and hi_ns hold */
    uint8_t kernel_sync;      /* 1: the kernel calls its clock synchronised */
    int64_t lo_ns, hi_ns;     /* true time lies in [lo, hi], ns since 1970-01-01T00:00:00Z */
    uint32_t kernel_bound_us; /* adjtimex maxerror */
    uint8_t boot_id[BOOT_ID_LEN];
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t activation[WIRE_KEYS_MAX]
                      [ACTIVATION_HASH_LEN]; /* by key - 1; all zero: not activated */
};
void core_status_encode(struct writer *w, const struct core_status *s);
MUST_CHECK enum err core_status_decode(struct view body, struct core_status *out);

/* The certificate that a key signs under. Opaque to the core, which embeds it in ESSCertIDv2.
 */
struct activation {
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t key;                      /* KEY_CLASSIC or KEY_PQ */
    uint8_t cert_hash[CERT_HASH_LEN]; /* SHA-256 of the certificate */
    struct view serial;               /* INTEGER body, 1 to CERT_SERIAL_MAX bytes */
    struct view issuer;               /* Name, DER, 1 to CERT_ISSUER_MAX bytes */
};
void activation_encode(struct writer *w, const struct activation *a);
/* ERR_TRUNCATED, ERR_TRAILING, ERR_RANGE: a length outside what stands above, a key that is
 * none. */
MUST_CHECK enum err activation_decode(struct view body, struct activation *out);
/* SHA-384("quorate-activation-v1" | cert_hash | issuer | serial), each field after its LE32
 * length. The answer to ACTIVATE is these 48 bytes. */
void activation_hash(const struct activation *a, uint8_t out[ACTIVATION_HASH_LEN]);
/* What stands for the activations of both keys: SHA-384("quorate-dual-activation-v1" | classic
 * | pq), each field after its LE32 length. */
void activation_dual(const uint8_t classic[ACTIVATION_HASH_LEN],
                     const uint8_t pq[ACTIVATION_HASH_LEN], uint8_t out[ACTIVATION_HASH_LEN]);
MUST_CHECK enum err activation_answer_decode(struct view body,
                                             uint8_t out[ACTIVATION_HASH_LEN]);

enum stat_id {
    STAT_STAMPS_SIGNED = 1,
    STAT_R1_OPENED = 2,
    STAT_R1_OPEN = 3, /* now */
    STAT_R1_EXPIRED = 4,
    STAT_R2_REFUSED_STALE = 5,
    STAT_R2_REFUSED_TIME = 6,
    STAT_R2_REFUSED_OTHER = 7,
    STAT_CONNECTIONS = 8, /* now */
    STAT_CONNECTIONS_REFUSED = 9,
    STAT_CONNECTIONS_TIMED_OUT = 10,
    STAT_BAD_FRAMES = 11,
    STAT_JOBS_BUSY = 12, /* now */
    STAT_AUDIT_OVERWRITTEN = 13,
    /* Of the pq key where several cores sign it; else they are not listed. */
    STAT_PQ_OFFERED = 14,
    STAT_PQ_OPENED = 15,
    STAT_PQ_ANSWERED = 16,
    STAT_PQ_EXPIRED = 17,
    STAT_PQ_REFUSED = 18,
    STAT_PQ_REPETITIONS = 19, /* answered: what the key's caps count */
    STAT_PQ_READY = 20,       /* batches that can be offered now */
    /* Of presignatures of the classic key where several cores share it; else not listed. */
    STAT_PRESIGN_MADE = 21,
    STAT_PRESIGN_USED = 22,
    STAT_PRESIGN_EXPIRED = 23,
    STAT_PRESIGN_VOIDED = 24,
    STAT_PRESIGN_READY = 25, /* records, now */
};
struct core_stat {
    uint16_t id; /* enum stat_id; a reader skips what it does not know */
    uint64_t value;
};
struct core_stats {
    size_t n;
    struct core_stat rows[WIRE_STATS_MAX];
};
void core_stats_encode(struct writer *w, const struct core_stats *s);
MUST_CHECK enum err core_stats_decode(struct view body, struct core_stats *out);

/* Events of a core, numbered from 1 without gaps, kept in a ring. AUDIT shows them unsigned;
 * who keeps them asks for AUDIT_LOG, wire/audit_log.h. data: SHA-384, or the id of a machine,
 * where an event has any. */
enum audit_event {
    AUDIT_BOOT = 1,
    AUDIT_SELF_TEST = 2, /* a: enum err */
    AUDIT_STATE = 3,     /* a: old, b: new enum core_state */
    AUDIT_ACTIVATED = 4, /* a: enum core_key; data: activation hash */
    AUDIT_REFUSED = 5, /* a: enum err, b: how many since the last such entry; at most one entry
                          a second and err */
    AUDIT_CLOCK = 6,   /* a: enum err, b: kernel bound in us */
    AUDIT_BAD_FRAME = 7,      /* a: enum err, b: how many since the last such entry */
    AUDIT_UNLOCKED = 8,       /* memory could not be locked */
    AUDIT_CEREMONY_BEGIN = 9, /* a: own place in the plan, b: nodes in it */
    AUDIT_CEREMONY_END = 10,  /* a: enum ceremony_reason, 0: finished; b: accused place, or
                                 CEREMONY_NOBODY; data: of one that finished, SHA-384 of its
                                 record */
    AUDIT_PEER = 11,          /* a: enum err, b: index of the peer whose REVEAL is wrong, as its
                                 signature proves; at most one entry a second and peer */
    AUDIT_KEY_CAP = 12,       /* a cap on the pq key's repetitions is passed. a: enum err, 0: a
                                 warning; b: how many there were */
    AUDIT_CSR_SIGNED = 13,    /* a: enum core_key, b: attempt */
    AUDIT_TIME = 14,       /* why the time of CLOCK_NTS holds or does not. a: enum time_reason,
                              b: its bound in us */
    AUDIT_TIME_EVENT = 15, /* what was known of it is void. a: enum time_event */
    AUDIT_TIME_ADJUSTED = 16, /* a sample moved it. a: ns, as int64; b: its bound in us */
    AUDIT_STOOD_STILL = 17,   /* a: for so many ms; b: batches of the pool that are void */
    AUDIT_TIME_PEERS = 18,    /* whether enough other clocks agree with the own one. a: 1 or 0;
                                 b: which, by bit index - 1 */
    AUDIT_REENROL = 19,       /* by an order of the operators another process has a lost node's
                                 place, before it is given anything. a: index, b: incarnation;
                                 data: SHA-384 of the order's body. AUDIT_REENROL_BY follows */
    AUDIT_REENROL_END = 20, /* a: enum err, 0: it has its shares, or this core has said all; b:
                               index of who is at fault, or 0 */
    AUDIT_ATTESTED = 21, /* evidence of a peer was judged. a: its index, b: enum attest_fault,
                            0: it passed; data: SHA-384 of the evidence block */
    AUDIT_RETIRED = 22,  /* by an order of the operators the shares are erased. a: own index,
                            b: enum retire_reason; data: SHA-384 of the order's body */
    AUDIT_PAIR_CUT = 23, /* a check of presignatures failed with a peer, here or there. a: its
                            index, b: seconds until they try again, 2^32 - 1: not in this
                            epoch */
    AUDIT_TRIPLE_RESTS = 24, /* none are made for three cores: what they hold is not the key's,
                                they signed wrongly, or one of them lied. a: bit index - 1 of
                                each */
    AUDIT_REENROL_BY = 25, /* of the same order. a: index, b: bit index - 1 of each core that is
                              to give it its share, 0: an order that this core had missed; data:
                              id of the machine that it names, of a plan with a policy */
};
struct audit_entry {
    uint64_t seq;
    int64_t time_ns; /* middle of the own span; 0 without a valid time */
    uint16_t event;  /* enum audit_event */
    uint64_t a, b;
    /* What else belongs to it, by event, in AUDIT_LOG alone: wire/audit_log.h. */
    uint8_t data_len;
    uint8_t data[AUDIT_DATA_MAX];
};
struct audit_ask {
    uint64_t from_seq; /* first number wanted */
    uint16_t max;      /* at most so many, at most WIRE_AUDIT_MAX */
};
struct audit_page {
    uint8_t is_signed;            /* 0: never in AUDIT */
    uint64_t first_seq, last_seq; /* what the ring holds; last 0: nothing yet */
    size_t n;
    struct audit_entry entries[WIRE_AUDIT_MAX]; /* ascending */
};
void audit_ask_encode(struct writer *w, const struct audit_ask *a);
MUST_CHECK enum err audit_ask_decode(struct view body, struct audit_ask *out);
void audit_page_encode(struct writer *w, const struct audit_page *p);
MUST_CHECK enum err audit_page_decode(struct view body, struct audit_page *out);

#endif
