#include "crypto/ed25519.h"

#include "base/secret.h"

#include <nettle/eddsa.h>
#include <string.h>

/* What one call on the work stack is asked for: pointers alone, no secrets. */
struct ed25519_call {
    const uint8_t *seed, *public_key, *sig;
    struct view message;
    uint8_t *out;
};

static enum err public_call(void *arg)
{
    const struct ed25519_call *const c = arg;

    ed25519_sha512_public_key(c->out, c->seed);
    return ERR_OK;
}

static enum err sign_call(void *arg)
{
    const struct ed25519_call *const c = arg;

    ed25519_sha512_sign(c->public_key, c->seed, c->message.n, c->message.p, c->out);
    return ERR_OK;
}

static enum err verify_call(void *arg)
{
    const struct ed25519_call *const c = arg;

    return ed25519_sha512_verify(c->public_key, c->message.n, c->message.p, c->sig) == 1
               ? ERR_OK
               : ERR_SIGNATURE;
}

enum err ed25519_key_make(struct work_stack *w, const uint8_t seed[ED25519_SEED_LEN],
                          struct ed25519_key *out)
{
    struct ed25519_call c = {.seed = seed, .out = out->public_key};

    memset(out, 0, sizeof *out);
    TRY(work_stack_run_gmp(w, public_call, &c));
    CT_PUBLIC(out->public_key, sizeof out->public_key);
    memcpy(out->seed, seed, ED25519_SEED_LEN);
    return ERR_OK;
}

enum err ed25519_sign(struct work_stack *w, const struct ed25519_key *k, struct view message,
                      uint8_t sig[ED25519_SIG_LEN])
{
    struct ed25519_call c = {
        .seed = k->seed, .public_key = k->public_key, .message = message, .out = sig};

    memset(sig, 0, ED25519_SIG_LEN);
    TRY(work_stack_run_gmp(w, sign_call, &c));
    CT_PUBLIC(sig, ED25519_SIG_LEN);
    return ERR_OK;
}

enum err ed25519_verify(struct work_stack *w, const uint8_t public_key[ED25519_PUBLIC_LEN],
                        struct view message, const uint8_t sig[ED25519_SIG_LEN])
{
    struct ed25519_call c = {.public_key = public_key, .message = message, .sig = sig};

    return w != NULL ? work_stack_run_gmp(w, verify_call, &c) : verify_call(&c);
}
