/* silicon_keys.h - the keys of simulated processors: anybody may have them, and what they sign
 * says so. A root is known to verifiers of builds with QUORATE_SIMULATED alone. */
#ifndef SILICON_SILICON_KEYS_H
#define SILICON_SILICON_KEYS_H

#include "attest/snp_chain.h"

#define SILICON_LINES 3
#define SILICON_PRIME_LEN 256
#define SILICON_ISSUER_KEY_LEN 1280 /* p | q | d mod p-1 | d mod q-1 | 1/q mod p */

/* One line of simulated processors; base 64. */
struct silicon_line {
    enum snp_line line;
    const char *ark, *ask, *crl; /* DER */
    const char *issuer_key;
};

extern const struct silicon_line silicon_lines[SILICON_LINES];

#endif
