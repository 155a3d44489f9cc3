/* core_keys.h - what of a core's HELLO goes to the certify command: its public keys on stdin,
 * what QuorateBinding says of the authority in the environment. Pure. */
#ifndef HOST_AUTHORITY_CORE_KEYS_H
#define HOST_AUTHORITY_CORE_KEYS_H

#include "format/cert_write.h"
#include "format/quorate_binding.h"
#include "host/authority/spki_pem.h"

#define CORE_KEYS_PEM_MAX (WIRE_KEYS_MAX * SPKI_PEM_MAX)
#define CORE_KEYS_ENV 4

struct core_keys {
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t threshold, total;         /* of the pq key, if there is one */
    enum quorate_assurance assurance; /* what the core says of itself; nothing proves it */
    uint8_t classic[CERT_WRITE_P384_LEN];
    bool has_pq;
    uint8_t pq[CERT_WRITE_ML_DSA_65_LEN];
};

/* The environment, NAME=VALUE: QUORATE_EPOCH_ID (hex), QUORATE_THRESHOLD, QUORATE_TOTAL,
 * QUORATE_ASSURANCE (hardware, mixed, simulated). */
struct core_keys_env {
    char text[CORE_KEYS_ENV][17 + 2 * EPOCH_ID_LEN + 1];
    char *list[CORE_KEYS_ENV + 1]; /* into text; ends with NULL */
};

/* Reads the answer to HELLO. ERR_STATE: no classic key. Else as hello_decode(). *out is zero
 * on failure. */
MUST_CHECK enum err core_keys_take(struct view hello, struct core_keys *out);

/* Appends the keys in PEM, the classic one first. Results as spki_pem_write(). */
MUST_CHECK enum err core_keys_pem(const struct core_keys *k, struct writer *w);

/* *out stays where it is: its list points into it. */
void core_keys_env(const struct core_keys *k, struct core_keys_env *out);

#endif
