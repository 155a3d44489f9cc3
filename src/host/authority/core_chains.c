#include "host/authority/core_chains.h"

#include "crypto/hash.h"
#include "format/cert_parse.h"
#include "format/pem.h"

#include <stdio.h>
#include <string.h>

_Static_assert(CORE_CHAINS_PEM_MAX == WIRE_KEYS_MAX * TSA_CHAIN_PEM_MAX, "one for each key");

static enum err refuse(char *why, enum err e, enum core_key key, const char *what)
{
    (void)snprintf(why, TSA_CHAIN_WHY_MAX, "%s chain: %s", key == KEY_PQ ? "pq" : "classic",
                   what);
    return e;
}

static bool is_for_pq(struct view der)
{
    const struct mldsa_params *params = NULL;
    struct cert_ids ids;

    return cert_ids_parse(der, &ids) == ERR_OK && cert_ml_dsa_key(&ids, &params) == ERR_OK;
}

/* Gives the offset of the first certificate of an ML-DSA key; pem.n: there is none. What cannot
 * be read ends the search: tsa_chain_parse() says what is wrong with it. */
static size_t find_pq(struct view pem)
{
    uint8_t der[TSA_CHAIN_DER_MAX];
    struct reader r = rd_init(pem);
    struct view cert;
    size_t at = 0;

    while (pem_parse(&r, "CERTIFICATE", der, sizeof der, &cert) == ERR_OK) {
        if (is_for_pq(cert)) {
            return at;
        }
        at = pem.n - r.n;
    }
    return pem.n;
}

/* ---- what a binding may say ---- */

static void spki_hash(const struct tsa_chain *c, uint8_t out[QUORATE_BINDING_HASH_LEN])
{
    hash_once(HASH_SHA384, c->spki, out);
}

/* other: the chain of the core's other key; NULL: it has none. */
static enum err check_binding(const struct tsa_chain *c, const struct tsa_chain *other,
                              const struct core_keys *keys, char *why)
{
    const enum core_key key = (enum core_key)c->activation.key;
    const struct quorate_binding *b = &c->binding;
    uint8_t hash[QUORATE_BINDING_HASH_LEN];

    if (!c->has_binding) {
        return ERR_OK;
    }
    if (!view_equal(b->epoch_id, (struct view){keys->epoch_id, sizeof keys->epoch_id})) {
        return refuse(why, ERR_MISMATCH, key, "QuorateBinding names another epoch");
    }
    if (b->threshold != keys->threshold || b->total != keys->total) {
        return refuse(why, ERR_MISMATCH, key, "QuorateBinding has other numbers of signers");
    }
    if (b->assurance < keys->assurance) {
        return refuse(why, ERR_MISMATCH, key, "QuorateBinding promises more than the core");
    }
    if (b->n_other_keys != (other != NULL ? 1 : 0)) {
        return refuse(why, ERR_MISMATCH, key, "QuorateBinding does not name the other keys");
    }
    if (other != NULL) {
        spki_hash(other, hash);
        if (!quorate_binding_names(b, (struct view){hash, sizeof hash})) {
            return refuse(why, ERR_MISMATCH, key, "QuorateBinding names another key");
        }
    }
    return ERR_OK;
}

/* ---- one chain ---- */

static enum err take(struct view pem, enum core_key key, struct view public_key, int64_t now_s,
                     struct tsa_chain *out, char *why)
{
    char what[TSA_CHAIN_WHY_MAX - 16];
    const enum err e = tsa_chain_parse(pem, key, now_s, out, why);

    if (e != ERR_OK) {
        (void)snprintf(what, sizeof what, "%s", why);
        return refuse(why, e, key, what);
    }
    if (!view_equal(out->public_key, public_key)) {
        return refuse(why, ERR_MISMATCH, key, "certificate 1: not for the core's key");
    }
    if (!out->has_root) {
        return refuse(why, ERR_EVIDENCE, key, "the last certificate is no self-signed root");
    }
    return ERR_OK;
}

static enum err parse(struct view pem, const struct core_keys *keys, int64_t now_s,
                      struct core_chains *out, char *why)
{
    const size_t at = find_pq(pem);
    const struct view classic = {pem.p, at};

    if (at == 0 && pem.n > 0) {
        return refuse(why, ERR_EVIDENCE, KEY_CLASSIC, "it must be the first");
    }
    TRY(take(classic, KEY_CLASSIC, (struct view){keys->classic, sizeof keys->classic}, now_s,
             &out->classic, why));
    if (keys->has_pq != (at < pem.n)) {
        return refuse(why, ERR_EVIDENCE, KEY_PQ,
                      keys->has_pq ? "there is none" : "the core has no such key");
    }
    if (keys->has_pq) {
        TRY(take((struct view){pem.p + at, pem.n - at}, KEY_PQ,
                 (struct view){keys->pq, sizeof keys->pq}, now_s, &out->pq, why));
        TRY(check_binding(&out->pq, &out->classic, keys, why));
    }
    out->has_pq = keys->has_pq;
    return check_binding(&out->classic, keys->has_pq ? &out->pq : NULL, keys, why);
}

enum err core_chains_parse(struct view pem, const struct core_keys *keys, int64_t now_s,
                           struct core_chains *out, char why[TSA_CHAIN_WHY_MAX])
{
    memset(out, 0, sizeof *out);
    why[0] = '\0';
    const enum err e = parse(pem, keys, now_s, out, why);

    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}
