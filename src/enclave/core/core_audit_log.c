#include "enclave/core/core_audit_log.h"

#include "base/secret.h"

#include <string.h>

/* Fresh entropy each time: a machine that was copied repeats no nonce. */
static enum err sign_head(struct core *c)
{
    const struct audit_chain *const chain = &c->audit.chain;
    struct audit_head *const head = &c->audit_key.head;
    uint8_t fresh[DRBG_SEED_LEN];
    uint8_t digest[P384_DIGEST_LEN];
    enum err e = c->entropy->fill(c->entropy->self, fresh, sizeof fresh);

    if (e == ERR_OK) {
        p384_signer_reseed(c->audit_key.signer, (struct view){fresh, sizeof fresh});
        audit_chain_digest(chain, digest);
        e = p384_sign(c->audit_key.signer, c->audit_key.key, digest, head->signature);
    }
    wipe(fresh, sizeof fresh);
    head->seq = e == ERR_OK ? chain->seq : 0;
    memcpy(head->hash, chain->hash, sizeof head->hash);
    c->audit_key.signed_ns = c->now.mono_ns;
    return e;
}

/* Whether the last head is not good enough: none, one that is old, or one of which no entry is
 * left. */
static bool wants_head(const struct core *c)
{
    const uint64_t seq = c->audit_key.head.seq;

    return seq != c->audit.last_seq &&
           (seq <= audit_ring_lost(&c->audit) ||
            c->now.mono_ns - c->audit_key.signed_ns >= LIMIT_AUDIT_SIGN_NS);
}

enum err core_audit_log(struct core *c, const struct core_call *call, struct writer *w)
{
    struct audit_log_page *const p = &c->log_page;
    struct audit_ask ask;

    TRY(audit_ask_decode(call->body, &ask));
    if (!c->audit.chained) {
        return ERR_STATE;
    }
    if (wants_head(c)) {
        TRY(sign_head(c));
    }
    memcpy(p->boot_nonce, c->boot_nonce, sizeof p->boot_nonce);
    memcpy(p->audit_key, c->public.audit, sizeof p->audit_key);
    p->head = c->audit_key.head;
    audit_ring_log_page(&c->audit, ask.from_seq, ask.max, p);
    audit_log_page_encode(w, p);
    return ERR_OK;
}
