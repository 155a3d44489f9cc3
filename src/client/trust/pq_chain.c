#include "client/trust/pq_chain.h"

#include "crypto/mldsa/mldsa.h"

#include <stdio.h>
#include <stdlib.h>

struct scratch {
    struct mldsa_key_scratch key_scratch;
    struct mldsa_public_key key;
    struct mldsa_verify_scratch verify;
};

static enum err check_with(const struct cert_ids *c, const struct mldsa_params *params,
                           struct view message, struct view signature, struct scratch *s)
{
    TRY(mldsa_public_key_parse(mldsa_best(), params, c->public_key, &s->key_scratch, &s->key));
    return mldsa_verify(&s->key, (struct view){NULL, 0}, message, signature, &s->verify);
}

enum err pq_signature_check(const struct cert_ids *c, const struct mldsa_params *params,
                            struct view message, struct view signature)
{
    const struct mldsa_params *of_key;

    if (cert_ml_dsa_key(c, &of_key) != ERR_OK || of_key != params) {
        return ERR_BAD_ALG;
    }
    struct scratch *s = aligned_alloc(_Alignof(struct scratch), sizeof *s); /* for AVX2 */

    if (s == NULL) {
        return ERR_NOSPACE;
    }
    const enum err e = check_with(c, params, message, signature, s);

    free(s);
    return e;
}

const char *pq_signature_flaw(enum err e)
{
    switch ((int)e) {
    case ERR_BAD_ALG:
        return "is of another algorithm than the key";
    case ERR_LENGTH:
        return "has not the length of its algorithm";
    case ERR_RANGE:
        return "has a coefficient out of range";
    case ERR_ENCODING:
        return "has a hint that is not in its one encoding";
    case ERR_NOSPACE:
        return "cannot be checked: no memory";
    default:
        return "is not by that key";
    }
}

/* One certificate of the path that is tried. */
struct level {
    struct view der;
    struct cert cert;
    const struct mldsa_params *signed_with; /* NULL: nobody may stand above */
    size_t below; /* certificates between it and the signer, the self-issued not counted */
    size_t next;  /* helper to try next above it */
};

struct walk {
    struct level level[PQ_CHAIN_DEPTH_MAX];
    size_t depth; /* of the last level */
    struct pq_certs anchors, helpers;
    int64_t at_s;
    size_t checks;
    enum err e; /* of the last flaw */
    struct pq_chain_result *out;
};

static void note(struct walk *w, enum err e, const char *what, const char *flaw)
{
    w->e = e;
    (void)snprintf(w->out->reason, sizeof w->out->reason, "%s%s", what, flaw);
}

/* Whether a certificate may stand above others at that second; below: as in struct level, the
 * one directly below it counted. NULL, or why not. */
static const char *ca_flaw(const struct cert *c, int64_t at_s, size_t below)
{
    if (!c->ca) {
        return "an issuer's certificate is not one of a CA";
    }
    if (c->has_key_usage && (c->key_usage & CERT_KEY_CERT_SIGN) == 0) {
        return "an issuer's keyUsage does not allow to sign certificates";
    }
    if (!c->may_time_stamp) {
        return "an issuer is not an authority for time-stamping";
    }
    if (c->has_path_len && below > c->path_len) {
        return "the path is longer than an issuer's pathLenConstraint";
    }
    if (!cert_ids_valid_at(&c->ids, at_s)) {
        return "an issuer's certificate is not valid then";
    }
    return NULL;
}

/* RFC 5280 4.2.1.9: how many stand between the signer and whoever is above this level. */
static size_t below_next(const struct walk *w)
{
    const struct level *at = &w->level[w->depth];

    return w->depth == 0 ? 0
                         : at->below + !view_equal(at->cert.ids.subject, at->cert.ids.issuer);
}

/* Whether c issued the last level. Notes what is wrong, unless it is a stranger. */
static bool is_issuer(struct walk *w, const struct cert *c)
{
    const struct level *at = &w->level[w->depth];

    if (!view_equal(c->ids.subject, at->cert.ids.issuer) || w->e == ERR_NOSPACE) {
        return false;
    }
    if (w->checks++ == PQ_CHAIN_CHECKS_MAX) {
        note(w, ERR_NOSPACE, "too many certificates of one name", "");
        return false;
    }
    const enum err e =
        pq_signature_check(&c->ids, at->signed_with, at->cert.ids.tbs, at->cert.ids.signature);
    const char *flaw = e == ERR_OK ? ca_flaw(c, w->at_s, below_next(w)) : NULL;

    if (e != ERR_OK) {
        note(w, e == ERR_BAD_ALG ? ERR_SIGNATURE : e, "the signature of a certificate ",
             pq_signature_flaw(e));
    } else if (flaw != NULL) {
        note(w, ERR_SIGNATURE, flaw, "");
    }
    return e == ERR_OK && flaw == NULL;
}

/* Certificates that are not read as ones of ML-DSA are strangers. */
static bool read_candidate(struct view der, struct cert *c)
{
    const struct mldsa_params *params;

    return cert_parse(der, c) == ERR_OK && cert_ml_dsa_key(&c->ids, &params) == ERR_OK;
}

static bool find_anchor(struct walk *w)
{
    for (size_t i = 0; i < w->anchors.n; i++) {
        struct cert c;

        if (read_candidate(w->anchors.list[i], &c) && is_issuer(w, &c)) {
            w->out->anchor = w->anchors.list[i];
            return true;
        }
    }
    return false;
}

/* No certificate stands twice in a path: two that certify each other are no way up. */
static bool in_path(const struct walk *w, const struct cert *c)
{
    for (size_t i = 0; i <= w->depth; i++) {
        if (view_equal(w->level[i].cert.ids.tbs, c->ids.tbs)) {
            return true;
        }
    }
    return false;
}

/* Puts the next helper that fits above the last level. */
static bool push_helper(struct walk *w)
{
    struct level *at = &w->level[w->depth];

    while (at->next < w->helpers.n) {
        struct cert c;

        if (!read_candidate(w->helpers.list[at->next++], &c) || in_path(w, &c) ||
            !is_issuer(w, &c)) {
            continue;
        }
        if (w->depth + 1 == PQ_CHAIN_DEPTH_MAX) {
            note(w, ERR_SIGNATURE, "the path is too long", "");
            return false;
        }
        const size_t below = below_next(w);
        const struct view der = w->helpers.list[at->next - 1];

        w->depth++;
        w->level[w->depth] = (struct level){.der = der, .cert = c, .below = below};
        return true;
    }
    return false;
}

/* A certificate that is not signed with ML-DSA proves nothing to those below it. */
static void read_signature(struct walk *w)
{
    struct level *at = &w->level[w->depth];
    const enum err e = cert_ml_dsa_signature(&at->cert.ids, &at->signed_with);

    if (e == ERR_BAD_ALG) {
        note(w, ERR_SIGNATURE, "a certificate below the anchor is not signed with ML-DSA", "");
    } else if (e == ERR_ENCODING) {
        note(w, e, "the signature algorithm of a certificate has parameters", "");
    } else if (e != ERR_OK) {
        note(w, e, "the signature of a certificate ", pq_signature_flaw(e));
    }
}

static void keep_path(struct walk *w)
{
    for (size_t i = 0; i <= w->depth; i++) {
        w->out->path[i] = w->level[i].der;
    }
    w->out->n = w->depth + 2;
    w->out->path[w->out->n - 1] = w->out->anchor;
    w->out->reason[0] = '\0';
}

/* Depth first; each level is visited once for each way to it. */
static enum err search(struct walk *w)
{
    bool fresh = true;

    note(w, ERR_SIGNATURE, "no ML-DSA anchor issued it", "");
    for (;;) {
        const struct level *at = &w->level[w->depth];

        if (fresh) {
            read_signature(w);
        }
        if (fresh && at->signed_with != NULL && find_anchor(w)) {
            keep_path(w);
            return ERR_OK;
        }
        fresh = at->signed_with != NULL && push_helper(w);
        if (!fresh && w->depth == 0) {
            return w->e;
        }
        w->depth -= !fresh;
    }
}

static bool is_among(struct view signer, struct pq_certs certs)
{
    for (size_t i = 0; i < certs.n; i++) {
        if (view_equal(signer, certs.list[i])) {
            return true;
        }
    }
    return false;
}

static enum err check_signer(struct walk *w, struct view signer)
{
    struct cert *c = &w->level[0].cert;
    const struct mldsa_params *params;

    w->level[0].der = signer;
    note(w, ERR_SIGNATURE, "the signer's certificate cannot be read", "");
    TRY(cert_parse(signer, c));
    note(w, ERR_SIGNATURE, "the signer's key is none of ML-DSA", "");
    TRY(cert_ml_dsa_key(&c->ids, &params));
    if (!cert_ids_valid_at(&c->ids, w->at_s)) {
        note(w, ERR_SIGNATURE, "the signer's certificate is not valid then", "");
        return ERR_SIGNATURE;
    }
    return ERR_OK;
}

enum err pq_chain_check(struct view signer, struct pq_certs anchors, struct pq_certs helpers,
                        int64_t at_s, struct pq_chain_result *out)
{
    struct walk w = {.anchors = anchors, .helpers = helpers, .at_s = at_s, .out = out};

    *out = (struct pq_chain_result){0};
    if (anchors.n > PQ_CHAIN_POOL_MAX || helpers.n > PQ_CHAIN_POOL_MAX) {
        note(&w, ERR_NOSPACE, "too many certificates", "");
        return ERR_NOSPACE;
    }
    TRY(check_signer(&w, signer));
    if (is_among(signer, anchors)) {
        *out = (struct pq_chain_result){.n = 1, .path = {signer}, .anchor = signer};
        return ERR_OK;
    }
    return search(&w);
}
