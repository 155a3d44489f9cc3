/* What makes tests/quorate-core-liar of quorate-core: the linker puts these before the
 * functions of those names. After its first sessions it signs words that are lies, of the kind
 * that LIAR in its environment names: reveal or respond. */
#include "crypto/tmldsa/tmldsa_commit.h"
#include "enclave/quorum/pq_party.h"

#include <stdlib.h>
#include <string.h>

#define HONEST_SESSIONS 20 /* its key has its certificate by then */
#define BITMAP_MAX 16      /* bytes; a response that is longer has a z */
#define REVEAL_MAX 458752  /* bytes */

/* Names as the linker makes them. */
enum err __real_pq_party_open(struct pq_party *p, int64_t now_ns, const struct pq_question *q,
                              uint8_t sig[QUORUM_SIG_LEN], struct quorum_word *word);
enum err __wrap_pq_party_open(struct pq_party *p, int64_t now_ns, const struct pq_question *q,
                              uint8_t sig[QUORUM_SIG_LEN], struct quorum_word *word);
enum err __real_tmldsa_batch_reveal(const struct tmldsa_params *params,
                                    struct tmldsa_batch *batch,
                                    const uint8_t session[TMLDSA_SESSION_ID_LEN],
                                    struct view *w);
enum err __wrap_tmldsa_batch_reveal(const struct tmldsa_params *params,
                                    struct tmldsa_batch *batch,
                                    const uint8_t session[TMLDSA_SESSION_ID_LEN],
                                    struct view *w);
enum err __real_pq_party_answered(struct pq_party *p, struct pq_answer *a,
                                  uint8_t sig[QUORUM_SIG_LEN], struct quorum_word *word);
enum err __wrap_pq_party_answered(struct pq_party *p, struct pq_answer *a,
                                  uint8_t sig[QUORUM_SIG_LEN], struct quorum_word *word);

static bool in_session; /* not in a ceremony, which reveals as well */

static bool lies(const char *what)
{
    const char *const kind = getenv("LIAR"); /* NOLINT(concurrency-mt-unsafe): nobody sets it */

    return kind != NULL && strcmp(kind, what) == 0;
}

enum err __wrap_pq_party_open(struct pq_party *p, int64_t now_ns, const struct pq_question *q,
                              uint8_t sig[QUORUM_SIG_LEN], struct quorum_word *word)
{
    enum err e;

    in_session = p->counts.answered >= HONEST_SESSIONS;
    e = __real_pq_party_open(p, now_ns, q, sig, word);
    in_session = false;
    return e;
}

enum err __wrap_tmldsa_batch_reveal(const struct tmldsa_params *params,
                                    struct tmldsa_batch *batch,
                                    const uint8_t session[TMLDSA_SESSION_ID_LEN],
                                    struct view *w)
{
    static uint8_t other[REVEAL_MAX];
    const enum err e = __real_tmldsa_batch_reveal(params, batch, session, w);

    if (e == ERR_OK && in_session && lies("reveal") && w->n <= sizeof other) {
        memcpy(other, w->p, w->n);
        other[0] ^= 1;
        w->p = other;
    }
    return e;
}

enum err __wrap_pq_party_answered(struct pq_party *p, struct pq_answer *a,
                                  uint8_t sig[QUORUM_SIG_LEN], struct quorum_word *word)
{
    if (p->counts.answered >= HONEST_SESSIONS && a->err == ERR_OK &&
        a->response.n > BITMAP_MAX && lies("respond")) {
        a->out[a->response.n - 1] ^= 1;
    }
    return __real_pq_party_answered(p, a, sig, word);
}
