#include "crypto/mldsa/pq_key.h"

#include "base/scratch_stack.h"
#include "base/secret.h"

#include <string.h>

#define STACK_RED 64 /* bytes at its end that must stay zero */

/* What one call on the signer's stack is asked for: pointers alone, no secrets. */
struct pq_call {
    struct pq_signer *s;
    struct mldsa_key_scratch *scratch;
    struct pq_key *made;
    const struct pq_key *key;
    const uint8_t *xi, *mu, *rnd;
    uint8_t *sig;
    enum err result;
};

static enum err run(struct pq_call *c, void (*fn)(void *arg))
{
    static const uint8_t zero[STACK_RED];

    c->result = ERR_BUG;
    scratch_stack_run(c->s->stack, PQ_STACK_LEN, fn, c);
    if (!ct_equal(c->s->stack, zero, STACK_RED)) {
        c->result = ERR_BUG;
    }
    scratch_stack_wipe(c->s->stack, PQ_STACK_LEN);
    return c->result;
}

static void make_call(void *arg)
{
    struct pq_call *const c = arg;

    mldsa_keygen(mldsa_best(), &mldsa_65, c->xi, c->scratch, &c->made->private_key,
                 c->made->public_key, NULL);
    c->result = ERR_OK;
}

static void sign_call(void *arg)
{
    struct pq_call *const c = arg;

    c->result = mldsa_sign_mu(&c->key->private_key, c->mu, c->rnd, &c->s->scratch, c->sig);
}

enum err pq_key_make(struct pq_signer *s, struct mldsa_key_scratch *scratch,
                     const uint8_t xi[MLDSA_SEED_LEN], struct pq_key *k)
{
    struct pq_call c = {.s = s, .scratch = scratch, .made = k, .xi = xi};
    const enum err e = run(&c, make_call);

    if (e != ERR_OK) {
        wipe(k, sizeof *k);
    }
    return e;
}

enum err pq_sign(struct pq_signer *s, const struct pq_key *k, const uint8_t mu[MLDSA_MU_LEN],
                 const uint8_t rnd[MLDSA_SEED_LEN], uint8_t sig[PQ_SIG_LEN])
{
    struct pq_call c = {.s = s, .key = k, .mu = mu, .rnd = rnd, .sig = sig};
    const enum err e = run(&c, sign_call);

    if (e != ERR_OK) {
        memset(sig, 0, PQ_SIG_LEN);
    }
    return e;
}
