#include "client/verify/pq_signer.h"

#include "client/trust/chain.h"
#include "client/trust/pq_chain.h"
#include "client/trust/trust_parts.h"
#include "format/mldsa_alg.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* DER in *room, which OpenSSL has allocated; p == NULL: no memory. */
static struct view der_of(X509 *x, unsigned char **room)
{
    *room = NULL;
    const int n = i2d_X509(x, room);

    return n > 0 ? (struct view){*room, (size_t)n} : (struct view){NULL, 0};
}

static enum err say(enum err e, char *reason, size_t cap, const char *what, const char *flaw)
{
    (void)snprintf(reason, cap, "%s%s", what, flaw);
    return e;
}

static enum err check_der(struct view der, const struct mldsa_params *params,
                          struct view message, struct view signature, char *reason, size_t cap)
{
    const struct mldsa_params *of_key;
    struct cert c;
    enum err e = cert_parse(der, &c);

    if (e != ERR_OK) {
        return say(e, reason, cap, "the signer's certificate cannot be read: ", err_name(e));
    }
    e = cert_ml_dsa_key(&c.ids, &of_key);
    if (e == ERR_LENGTH) {
        return say(e, reason, cap, "the signer's key has not the length of its algorithm", "");
    }
    if (e == ERR_ENCODING) {
        return say(e, reason, cap, "the algorithm of the signer's key has parameters", "");
    }
    if (e != ERR_OK || of_key != params) {
        return say(ERR_BAD_ALG, reason, cap, "the signer's key is not of ", params->name);
    }
    e = pq_signature_check(&c.ids, params, message, signature);
    return say(e, reason, cap, e == ERR_OK ? params->name : "the signature ",
               e == ERR_OK ? "" : pq_signature_flaw(e));
}

enum err pq_signer_check(X509 *x, const struct mldsa_params *params, struct view message,
                         struct view signature, char *reason, size_t cap)
{
    unsigned char *room;
    const struct view der = der_of(x, &room);
    const enum err e = der.p == NULL ? say(ERR_NOSPACE, reason, cap, "no memory", "")
                                     : check_der(der, params, message, signature, reason, cap);

    OPENSSL_free(room);
    return e;
}

struct pool {
    struct view list[PQ_CHAIN_POOL_MAX];
    unsigned char *room[PQ_CHAIN_POOL_MAX]; /* of each */
    size_t n;
};

static enum err take(struct pool *to, STACK_OF(X509) * from)
{
    for (int i = 0; i < sk_X509_num(from); i++) {
        if (to->n == PQ_CHAIN_POOL_MAX) {
            return ERR_NOSPACE;
        }
        to->list[to->n] = der_of(sk_X509_value(from, i), &to->room[to->n]);
        if (to->list[to->n].p == NULL) {
            return ERR_NOSPACE;
        }
        to->n++;
    }
    return ERR_OK;
}

struct pools {
    struct pool anchors, helpers;
    struct view signer;
    unsigned char *signer_room;
};

static void free_pool(const struct pool *p)
{
    for (size_t i = 0; i < p->n; i++) {
        OPENSSL_free(p->room[i]);
    }
}

static void free_pools(struct pools *p)
{
    free_pool(&p->anchors);
    free_pool(&p->helpers);
    OPENSSL_free(p->signer_room);
    free(p);
}

/* The path as OpenSSL has it, the signer first; NULL: no memory. */
static STACK_OF(X509) * to_stack(const struct pq_chain_result *found)
{
    STACK_OF(X509) *chain = sk_X509_new_null();

    for (size_t i = 0; i < found->n && chain != NULL; i++) {
        const unsigned char *p = found->path[i].p;
        X509 *x =
            found->path[i].n > LONG_MAX ? NULL : d2i_X509(NULL, &p, (long)found->path[i].n);

        if (x == NULL || sk_X509_push(chain, x) <= 0) {
            X509_free(x);
            sk_X509_pop_free(chain, X509_free);
            chain = NULL;
        }
    }
    return chain;
}

static void say_anchor(STACK_OF(X509) * chain, char *reason, size_t cap)
{
    const int n = sk_X509_num(chain);
    char name[256];

    chain_name_text(X509_get_subject_name(sk_X509_value(chain, n - 1)), name, sizeof name);
    (void)snprintf(reason, cap, "%d ML-DSA certificates up to %s", n, name);
}

bool pq_signer_has_anchor(const struct trust *trust)
{
    for (int i = 0; i < sk_X509_num(trust->anchors); i++) {
        ASN1_OBJECT *object = NULL;
        const struct mldsa_params *params = NULL;
        const X509_PUBKEY *key = X509_get_X509_PUBKEY(sk_X509_value(trust->anchors, i));

        if (X509_PUBKEY_get0_param(&object, NULL, NULL, NULL, key) == 1 &&
            mldsa_alg_by_oid(oid_find((struct view){OBJ_get0_data(object), OBJ_length(object)}),
                             &params) == ERR_OK) {
            return true;
        }
    }
    return false;
}

enum err pq_signer_chain(const struct trust *trust, X509 *x, STACK_OF(X509) * helpers,
                         int64_t at_s, STACK_OF(X509) * *chain, char *reason, size_t cap)
{
    struct pools *p = calloc(1, sizeof *p);
    struct pq_chain_result found = {.reason = "no memory"};
    enum err e = ERR_NOSPACE;

    *chain = NULL;
    if (p == NULL) {
        return say(e, reason, cap, found.reason, "");
    }
    p->signer = der_of(x, &p->signer_room);
    if (p->signer.p != NULL && take(&p->anchors, trust->anchors) == ERR_OK &&
        take(&p->helpers, helpers) == ERR_OK && take(&p->helpers, trust->untrusted) == ERR_OK) {
        e = pq_chain_check(p->signer, (struct pq_certs){p->anchors.list, p->anchors.n},
                           (struct pq_certs){p->helpers.list, p->helpers.n}, at_s, &found);
    }
    *chain = e == ERR_OK ? to_stack(&found) : NULL;
    if (e == ERR_OK && *chain == NULL) {
        e = say(ERR_NOSPACE, reason, cap, "no memory", "");
    } else if (e == ERR_OK) {
        say_anchor(*chain, reason, cap);
    } else {
        (void)say(e, reason, cap, found.reason, "");
    }
    free_pools(p);
    ERR_clear_error();
    return e;
}
