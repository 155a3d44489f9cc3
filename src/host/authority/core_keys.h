/* core_keys.h - what of a core's HELLO matters to whoever has its keys certified: the keys, and
 * what QuorateBinding says of the authority, which the certify command gets in its environment.
 * Pure. */
#ifndef HOST_AUTHORITY_CORE_KEYS_H
#define HOST_AUTHORITY_CORE_KEYS_H

#include "format/cert_write.h"
#include "format/quorate_binding.h"
#include "wire/core_info.h"

#define CORE_KEYS_ENV 5
#define CORE_KEYS_PATH_MAX 1024 /* bytes of a path with its zero */

struct core_keys {
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t index;                    /* of the core among its signers */
    uint8_t threshold, total;         /* of the pq key, if there is one */
    enum quorate_assurance assurance; /* what the core says of itself; nothing proves it */
    uint8_t classic[CERT_WRITE_P384_LEN];
    uint8_t classic_threshold; /* 1: the core's own */
    bool has_pq;
    uint8_t pq[CERT_WRITE_ML_DSA_65_LEN];
    const char *bundle; /* the caller's: the file of an attested epoch; NULL: none */
};

/* The environment, NAME=VALUE: QUORATE_EPOCH_ID (hex), QUORATE_THRESHOLD, QUORATE_TOTAL,
 * QUORATE_ASSURANCE (hardware, mixed, simulated), and of an attested epoch QUORATE_BUNDLE. */
struct core_keys_env {
    char text[CORE_KEYS_ENV][17 + CORE_KEYS_PATH_MAX];
    char *list[CORE_KEYS_ENV + 1]; /* into text; ends with NULL */
};

/* Reads the answer to HELLO. ERR_STATE: no classic key. Else as hello_decode(). *out is zero
 * on failure. */
MUST_CHECK enum err core_keys_take(struct view hello, struct core_keys *out);

/* The keys are those of an epoch whose plan promises that: hardware is said of nodes that all
 * showed it, and of no others. plan_assurance: enum plan_assurance. */
void core_keys_promise(struct core_keys *k, uint8_t plan_assurance);

/* *out stays where it is: its list points into it. */
void core_keys_env(const struct core_keys *k, struct core_keys_env *out);

#endif
