#include "client/trust/chain.h"

#include "client/trust/trust_parts.h"

#include <stdio.h>
#include <string.h>

void chain_name_text(const X509_NAME *name, char *out, size_t cap)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    long n = 0;

    if (cap == 0) {
        BIO_free(bio);
        return;
    }
    out[0] = '\0';
    if (bio != NULL && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0) {
        n = BIO_get_mem_data(bio, &text);
    }
    if (n > 0) {
        const size_t len = (size_t)n < cap ? (size_t)n : cap - 1;

        memcpy(out, text, len);
        out[len] = '\0';
    }
    BIO_free(bio);
}

static X509_STORE *store_of(const struct trust *trust)
{
    X509_STORE *store = X509_STORE_new();

    for (int i = 0; store != NULL && i < sk_X509_num(trust->anchors); i++) {
        if (X509_STORE_add_cert(store, sk_X509_value(trust->anchors, i)) != 1) {
            X509_STORE_free(store);
            return NULL;
        }
    }
    return store;
}

static STACK_OF(X509) * all_helpers(const struct trust *trust, STACK_OF(X509) * helpers)
{
    STACK_OF(X509) *all = sk_X509_dup(trust->untrusted);

    for (int i = 0; all != NULL && i < sk_X509_num(helpers); i++) {
        if (sk_X509_push(all, sk_X509_value(helpers, i)) <= 0) {
            sk_X509_free(all);
            return NULL;
        }
    }
    return all;
}

#define AUTH_LEVEL 1 /* of OpenSSL: 80 bits */

/* SHA-1 has less than the level asks for; MD5 is never let pass. */
static int let_sha1_pass(int good, X509_STORE_CTX *ctx)
{
    X509 *at = X509_STORE_CTX_get_current_cert(ctx);
    int md = NID_undef;

    if (good == 1 || at == NULL || X509_STORE_CTX_get_error(ctx) != X509_V_ERR_CA_MD_TOO_WEAK ||
        X509_get_signature_info(at, &md, NULL, NULL, NULL) != 1 || md != NID_sha1) {
        return good;
    }
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return 1;
}

/* PARTIAL_CHAIN: whatever the user names with --ca is an anchor, whether it signed itself or
 * not. */
static bool configure(X509_STORE_CTX *ctx, const struct chain_rules *rules)
{
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);

    X509_VERIFY_PARAM_set_time(param, rules->at_s);
    X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
    if (rules->allow_sha1) {
        X509_STORE_CTX_set_verify_cb(ctx, let_sha1_pass);
    }
    X509_VERIFY_PARAM_set_depth(param, CHAIN_DEPTH_MAX);
    return X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN) == 1 &&
           X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_TIMESTAMP_SIGN) == 1;
}

static void say_failure(X509_STORE_CTX *ctx, char *reason, size_t cap)
{
    char name[256] = "";
    const X509 *at = X509_STORE_CTX_get_current_cert(ctx);

    if (at != NULL) {
        chain_name_text(X509_get_subject_name(at), name, sizeof name);
    }
    (void)snprintf(reason, cap, "%s (certificate %d: %s)",
                   X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)),
                   X509_STORE_CTX_get_error_depth(ctx), name);
}

/* An algorithm that OpenSSL lacks says nothing about the chain. It then does not even find the
 * issuer. */
static enum err err_of(X509_STORE_CTX *ctx)
{
    const X509 *at = X509_STORE_CTX_get_current_cert(ctx);

    if (at != NULL && OBJ_find_sigid_algs(X509_get_signature_nid(at), NULL, NULL) != 1) {
        return ERR_BAD_ALG;
    }
    switch (X509_STORE_CTX_get_error(ctx)) {
    case X509_V_ERR_OUT_OF_MEM:
        return ERR_NOSPACE;
    case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
    case X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM:
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
        return ERR_BAD_ALG;
    default:
        return ERR_SIGNATURE;
    }
}

/* RFC 5280 4.2.1.12 leaves it open what extendedKeyUsage says in an authority's certificate;
 * whoever writes it there wants to limit what it issues. */
static bool may_issue(X509 *x)
{
    return (X509_get_extension_flags(x) & EXFLAG_XKUSAGE) == 0 ||
           (X509_get_extended_key_usage(x) & (XKU_TIMESTAMP | XKU_ANYEKU)) != 0;
}

static enum err check_issuers(STACK_OF(X509) * chain, char *reason, size_t cap)
{
    for (int i = 1; i + 1 < sk_X509_num(chain); i++) {
        X509 *x = sk_X509_value(chain, i);
        char name[256];

        if (!may_issue(x)) {
            chain_name_text(X509_get_subject_name(x), name, sizeof name);
            (void)snprintf(reason, cap, "%s is not an authority for time-stamping", name);
            return ERR_SIGNATURE;
        }
    }
    return ERR_OK;
}

static enum err run(X509_STORE_CTX *ctx, STACK_OF(X509) * *chain, char *reason, size_t cap)
{
    char name[256] = "";

    if (X509_verify_cert(ctx) != 1) {
        say_failure(ctx, reason, cap);
        return err_of(ctx);
    }
    *chain = X509_STORE_CTX_get1_chain(ctx);
    if (*chain == NULL) {
        return ERR_NOSPACE;
    }
    const enum err e = check_issuers(*chain, reason, cap);

    if (e != ERR_OK) {
        sk_X509_pop_free(*chain, X509_free);
        *chain = NULL;
        return e;
    }
    const X509 *anchor = sk_X509_value(*chain, sk_X509_num(*chain) - 1);

    chain_name_text(X509_get_subject_name(anchor), name, sizeof name);
    (void)snprintf(reason, cap, "%d certificates up to %s", sk_X509_num(*chain), name);
    return ERR_OK;
}

enum err chain_check(const struct trust *trust, X509 *signer, STACK_OF(X509) * helpers,
                     const struct chain_rules *rules, STACK_OF(X509) * *chain, char *reason,
                     size_t cap)
{
    X509_STORE *store = store_of(trust);
    STACK_OF(X509) *untrusted = all_helpers(trust, helpers);
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    enum err e = ERR_NOSPACE;

    *chain = NULL;
    (void)snprintf(reason, cap, "no memory");
    if (store != NULL && untrusted != NULL && ctx != NULL &&
        X509_STORE_CTX_init(ctx, store, signer, untrusted) == 1 && configure(ctx, rules)) {
        e = run(ctx, chain, reason, cap);
    }
    X509_STORE_CTX_free(ctx);
    sk_X509_free(untrusted);
    X509_STORE_free(store);
    ERR_clear_error();
    return e;
}

bool chain_valid_at(const X509 *x, int64_t at_s)
{
    const int begins = ASN1_TIME_cmp_time_t(X509_get0_notBefore(x), at_s);
    const int ends = ASN1_TIME_cmp_time_t(X509_get0_notAfter(x), at_s);

    return (begins == -1 || begins == 0) && (ends == 0 || ends == 1);
}
