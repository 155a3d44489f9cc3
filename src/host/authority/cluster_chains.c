#include "host/authority/cluster_chains.h"

#include "crypto/hash.h"
#include "format/cert_ids.h"
#include "format/pem.h"

#include <stdio.h>
#include <string.h>

struct cutting {
    const struct core_keys *keys;
    size_t n;
    int64_t now_s;
    struct cluster_chains *out;
    char *why;
};

static enum err refuse(const struct cutting *c, enum err e, size_t at, const char *what)
{
    if (at < c->n) {
        (void)snprintf(c->why, TSA_CHAIN_WHY_MAX, "chain of core %zu: %.120s", at + 1, what);
    } else {
        (void)snprintf(c->why, TSA_CHAIN_WHY_MAX, "pq chain: %.120s", what);
    }
    return e;
}

/* The next chain: up to and with the first certificate that is self-issued. n == 0: no
 * certificate is left. */
static struct view next_chain(struct reader *r)
{
    uint8_t der[TSA_CHAIN_DER_MAX];
    const uint8_t *start = r->p;
    struct cert_ids ids;
    struct view cert;
    size_t n = 0;

    while (pem_parse(r, "CERTIFICATE", der, sizeof der, &cert) == ERR_OK) {
        n = (size_t)(r->p - start);
        if (cert_ids_parse(cert, &ids) == ERR_OK && view_equal(ids.subject, ids.issuer)) {
            break;
        }
    }
    return (struct view){start, n};
}

/* ---- bindings ---- */

static void spki_hash(const struct tsa_chain *chain, uint8_t out[QUORATE_BINDING_HASH_LEN])
{
    hash_once(HASH_SHA384, chain->spki, out);
}

static bool names(const struct quorate_binding *b, const struct tsa_chain *other)
{
    uint8_t hash[QUORATE_BINDING_HASH_LEN];

    spki_hash(other, hash);
    return quorate_binding_names(b, (struct view){hash, sizeof hash});
}

static bool names_others(const struct cutting *c, const struct quorate_binding *b, size_t at)
{
    if (at < c->n) {
        return b->n_other_keys == 1 && names(b, &c->out->pq);
    }
    for (size_t i = 0; i < c->n; i++) {
        if (!names(b, &c->out->classic[i])) {
            return false;
        }
    }
    return b->n_other_keys == c->n;
}

static enum err check_binding(const struct cutting *c, const struct tsa_chain *chain, size_t at)
{
    const struct core_keys *keys = &c->keys[at < c->n ? at : 0];
    const uint8_t threshold = at < c->n ? keys->classic_threshold : keys->threshold;
    const struct quorate_binding *b = &chain->binding;

    if (!chain->has_binding) {
        return ERR_OK;
    }
    if (!view_equal(b->epoch_id, (struct view){keys->epoch_id, sizeof keys->epoch_id})) {
        return refuse(c, ERR_MISMATCH, at, "QuorateBinding names another epoch");
    }
    if (b->threshold != threshold || b->total != keys->total) {
        return refuse(c, ERR_MISMATCH, at, "QuorateBinding has other numbers of signers");
    }
    if (b->assurance < keys->assurance) {
        return refuse(c, ERR_MISMATCH, at, "QuorateBinding promises more than the core");
    }
    return names_others(c, b, at)
               ? ERR_OK
               : refuse(c, ERR_MISMATCH, at, "QuorateBinding does not name the other keys");
}

/* ---- one chain ---- */

static enum err take(const struct cutting *c, struct reader *r, size_t at,
                     struct tsa_chain *chain)
{
    const enum core_key key = at < c->n ? KEY_CLASSIC : KEY_PQ;
    const struct core_keys *keys = &c->keys[at < c->n ? at : 0];
    const struct view public_key = key == KEY_CLASSIC
                                       ? (struct view){keys->classic, sizeof keys->classic}
                                       : (struct view){keys->pq, sizeof keys->pq};
    const struct view pem = next_chain(r);
    char what[TSA_CHAIN_WHY_MAX];

    if (pem.n == 0) {
        return refuse(c, ERR_EVIDENCE, at, "there is none");
    }
    const enum err e = tsa_chain_parse(pem, key, c->now_s, chain, what);

    if (e != ERR_OK) {
        return refuse(c, e, at, what);
    }
    if (!view_equal(chain->public_key, public_key)) {
        return refuse(c, ERR_MISMATCH, at, "certificate 1: not for the core's key");
    }
    return chain->has_root
               ? ERR_OK
               : refuse(c, ERR_EVIDENCE, at, "the last certificate is no self-signed root");
}

static enum err parse(const struct cutting *c, struct view pem)
{
    struct reader r = rd_init(pem);

    for (size_t i = 0; i < c->n; i++) {
        TRY(take(c, &r, i, &c->out->classic[i]));
    }
    TRY(take(c, &r, c->n, &c->out->pq));
    if (next_chain(&r).n > 0) {
        (void)snprintf(c->why, TSA_CHAIN_WHY_MAX, "a chain too many");
        return ERR_EVIDENCE;
    }
    for (size_t i = 0; i < c->n; i++) {
        TRY(check_binding(c, &c->out->classic[i], i));
    }
    return check_binding(c, &c->out->pq, c->n);
}

enum err cluster_chains_parse(struct view pem, const struct core_keys *keys, size_t n,
                              int64_t now_s, struct cluster_chains *out,
                              char why[TSA_CHAIN_WHY_MAX])
{
    const struct cutting c = {keys, n, now_s, out, why};

    memset(out, 0, sizeof *out);
    why[0] = '\0';
    const enum err e = parse(&c, pem);

    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    } else {
        out->n = n;
    }
    return e;
}
