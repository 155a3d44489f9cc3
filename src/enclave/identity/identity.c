#include "enclave/identity/identity.h"

#include "base/secret.h"
#include "enclave/selftest/self_test.h"

static enum err prove_signing_key(struct work_stack *w, const struct ed25519_key *k)
{
    const struct view text = {k->public_key, sizeof k->public_key};
    uint8_t sig[ED25519_SIG_LEN];

    TRY(ed25519_sign(w, k, text, sig));
    return ed25519_verify(w, k->public_key, text, sig) == ERR_OK ? ERR_OK : ERR_BUG;
}

static enum err make(struct p384_signer *s, struct work_stack *w,
                     const uint8_t seed[ED25519_SEED_LEN], struct identity *id)
{
    TRY(p384_key_generate(s, &id->key));
    TRY(self_test_pair(s, &id->key));
    TRY(ed25519_key_make(w, seed, &id->signing_key));
    return prove_signing_key(w, &id->signing_key);
}

enum err identity_make(struct p384_signer *s, struct work_stack *w,
                       const uint8_t seed[ED25519_SEED_LEN], struct identity *id)
{
    const enum err e = make(s, w, seed, id);

    if (e != ERR_OK) {
        wipe(id, sizeof *id);
    }
    return e;
}
