/* boot_args.h - the boot record of quorate-core: its command line, and nothing else. */
#ifndef ENCLAVE_JUDGE_BOOT_ARGS_H
#define ENCLAVE_JUDGE_BOOT_ARGS_H

#include "enclave/clock/leap_table.h"
#include "enclave/limits.h"

#define BOOT_IDLE_MS_MIN 100
#define BOOT_IDLE_MS_MAX 3600000
#define BOOT_IDLE_MS_PRESET 30000
#define BOOT_ACCURACY_MS_MIN (R1_LIFE_MS + 2) /* of MAX_MS: a wider span than its R1 lives */
#define BOOT_ACCURACY_MS_MAX 60000

struct boot_policy {
    uint8_t number; /* 1 to 255, unique */
    uint8_t key;    /* enum core_key: classic, pq or dual */
    uint8_t oid_len;
    uint8_t oid[WIRE_POLICY_OID_MAX]; /* OID body */
    struct stamp_policy rule;
};

struct boot_args {
    const char *listen[LIMIT_LISTENERS]; /* URIs, pointing into argv */
    size_t n_listen;                     /* 1 to LIMIT_LISTENERS */
    size_t time_listener;    /* of these, counted from 1, the time client's; 0: none */
    size_t tsm_listener;     /* the same, of quorate-tsm */
    uint8_t clock;           /* enum core_clock */
    struct leap_table leaps; /* of CLOCK_NTS */
    size_t n_policies;       /* 1 to WIRE_POLICIES_MAX */
    struct boot_policy policies[WIRE_POLICIES_MAX];
    uint32_t idle_ms;
    bool member; /* signs the pq key with others, after a ceremony */
    bool allow_unlocked;
    bool help, version; /* asked for; nothing else is checked then */
};

/* Reads
 *   --listen URI [--listen URI ...] --clock kernel|trust-system|nts
 *   [--time-listen URI --leap-table SECOND:OFFSET[,...]@EXPIRES] [--tsm-listen URI]
 *   --policy N,KEY,OID,DIGITS,MIN_MS,MAX_MS[,ordering] [--policy ...]
 *   [--member] [--idle-ms N] [--allow-unlocked] [--allow-untrusted-time] | --help | --version
 * On failure *out is all zero and *where is the number of the argument at fault (argc:
 * something is missing at the end).
 *
 * ERR_TAG: an option that is none. ERR_TRUNCATED: an option without its value, or a needed
 * option is missing: nts needs both of its own, and no other clock has them (ERR_TAG); nobody
 * but helpers to listen to.
 * ERR_ENCODING: a value that cannot be read. ERR_RANGE: a number out of range. ERR_TRAILING: an
 * option twice. ERR_NOSPACE: too many of one option. ERR_BAD_ALG: a key that does not exist.
 * ERR_TIME: trust-system without --allow-untrusted-time, or in a production build. ERR_POLICY:
 * a member without a policy of the pq key, or with one of both keys at once. */
MUST_CHECK enum err boot_args_parse(int argc, char *const *argv, struct boot_args *out,
                                    int *where);

/* Whether a policy uses that key, KEY_CLASSIC or KEY_PQ. */
bool boot_args_use(const struct boot_args *a, uint8_t key);

/* Whether quorums are as large as policies with ordering take it. A core that signs with others
 * has a key of which so many out of so many sign, and beside it one of its own. Any two quorums
 * have to share more nodes than may be bad, which is fewer than half of all: then an honest one
 * is in both, and it accepts no genTime twice. ERR_QUORUM: they do not. */
MUST_CHECK enum err boot_args_check_ordering(const struct boot_args *a, uint8_t threshold,
                                             uint8_t total);

/* One policy as the option gives it. Errors as above. */
MUST_CHECK enum err boot_policy_parse(const char *text, struct boot_policy *out);

#endif
