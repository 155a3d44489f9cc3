/* core_keys.h - what of a core's HELLO matters to whoever has its keys certified: the keys, and
 * what QuorateBinding says of the authority, which the certify command gets in its environment.
 * Pure. */
#ifndef HOST_AUTHORITY_CORE_KEYS_H
#define HOST_AUTHORITY_CORE_KEYS_H

#include "format/cert_write.h"
#include "format/quorate_binding.h"
#include "host/coord/roster.h"
#include "wire/core_info.h"

#define CORE_KEYS_ENV 5
#define CORE_KEYS_PATH_MAX 1024 /* bytes of a path with its zero */

struct core_keys {
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t index;                    /* of the core among its signers */
    uint8_t threshold, total;         /* of the pq key, if there is one */
    enum quorate_assurance assurance; /* what core and plan say of it; nothing proves it */
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

/* The same, of a core that is one of that epoch. Hardware is said of nodes that the plan
 * promises attested, and of no others, whatever they were built for. ERR_MISMATCH: it is of
 * another epoch, has other keys than the record, or no place in the plan. */
MUST_CHECK enum err core_keys_take_member(struct view hello, const struct roster *r,
                                          struct core_keys *out);

/* *out stays where it is: its list points into it. */
void core_keys_env(const struct core_keys *k, struct core_keys_env *out);

#endif
