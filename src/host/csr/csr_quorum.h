/* csr_quorum.h - the request of the key that several cores have together: sessions of T of them
 * until one gives a signature (docs/wire.md 3.5). Whoever calls brings the frames: no kernel.
 */
#ifndef HOST_CSR_CSR_QUORUM_H
#define HOST_CSR_CSR_QUORUM_H

#include "host/coord/quorum_run.h"
#include "host/csr/csr_key.h"
#include "os/entropy.h"

/* Sessions that end before all R1s are in cost no attempt: cores still make batches. */
#define CSR_EARLY_ENDS_MAX 100
#define CSR_PAUSE_MS 50 /* after each of them */

struct csr_quorum {
    const struct quorum_roster *roster;
    struct view public_key; /* of roster->key, as FIPS 204 encodes it */
    const struct entropy_source *entropy;
    /* Asks one core, by its place in the roster from 0; *answer is the answer's body until the
     * next question. What the core said where it refused; ERR_IO, ERR_DEADLINE: it does not
     * answer, and is asked no more. */
    enum err (*ask)(void *user, unsigned party, enum frame_type type, struct view body,
                    struct view *answer);
    void (*pause)(void *user, unsigned ms);
    void *user;

    /* What came of it. */
    unsigned guilty;    /* parties whose signed words prove that they lied, a mask */
    unsigned missing;   /* that do not answer, or not to the question */
    uint8_t attempts;   /* of CSR_ATTEMPTS_MAX */
    unsigned early_end; /* of CSR_EARLY_ENDS_MAX */
};

/* Appends the request in PEM. The key's attempts were not used before.
 * ERR_QUORUM: fewer than T cores are left that can be asked. ERR_STATE: all attempts or
 * sessions are used up. ERR_NOSPACE: no memory, or pem. ERR_IO: no randomness. Else as
 * csr_key_pem().
 */
MUST_CHECK enum err csr_quorum_sign(struct csr_quorum *q, struct writer *pem);

#endif
