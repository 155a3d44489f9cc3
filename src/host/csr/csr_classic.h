/* csr_classic.h - the request of the classic key that several cores have together: one
 * presignature of three of them, and their answers put together (docs/wire.md 3.5). Whoever
 * calls brings the frames: no kernel. */
#ifndef HOST_CSR_CSR_CLASSIC_H
#define HOST_CSR_CSR_CLASSIC_H

#include "host/coord/quorum_run.h"
#include "host/csr/csr_key.h"
#include "os/entropy.h"

/* Looks and sessions that come to nothing before a core was asked to sign cost no attempt:
 * cores still make presignatures, or have no time yet. */
#define CSR_CLASSIC_LOOKS_MAX 1200
#define CSR_CLASSIC_PAUSE_MS 50 /* after each of them */

struct csr_classic {
    const struct quorum_roster *roster; /* has a classic key */
    const struct entropy_source *entropy;
    /* As of struct csr_quorum; but whoever does not answer is asked again. */
    enum err (*ask)(void *user, unsigned party, enum frame_type type, struct view body,
                    struct view *answer);
    void (*pause)(void *user, unsigned ms);
    void *user;

    /* What came of it. */
    unsigned looks;   /* of CSR_CLASSIC_LOOKS_MAX */
    uint8_t attempts; /* of CSR_ATTEMPTS_MAX */
};

/* Appends the request in PEM. The key's attempts were not used before.
 * ERR_STATE: all attempts are used up. ERR_NOSPACE: no presignature came, no memory, or pem.
 * ERR_IO: no randomness. Else as csr_key_pem(). */
MUST_CHECK enum err csr_classic_sign(struct csr_classic *q, struct writer *pem);

#endif
