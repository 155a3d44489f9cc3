#include "client/verify/sig_check.h"

#include "format/mldsa_alg.h"

#include <limits.h>
#include <stdio.h>

#define PSS_SALT_DEFAULT 20 /* RFC 4055 3.1 */
#define PSS_SALT_MAX 512

static const struct digest_alg *digest_of_object(const ASN1_OBJECT *object)
{
    return digest_by_oid((struct view){OBJ_get0_data(object), OBJ_length(object)});
}

static const struct digest_alg *digest_of_nid(int nid)
{
    const ASN1_OBJECT *object = OBJ_nid2obj(nid);

    return object == NULL ? NULL : digest_of_object(object);
}

/* An AlgorithmIdentifier of a digest; absent means SHA-1 throughout RFC 4055. */
static const struct digest_alg *digest_of_algor(const X509_ALGOR *algor)
{
    const ASN1_OBJECT *object = NULL;

    if (algor == NULL) {
        return digest_by_name("sha1");
    }
    X509_ALGOR_get0(&object, NULL, NULL, algor);
    return digest_of_object(object);
}

/* MGF1 and the hash inside its parameters; ERR_BAD_ALG: another mask, or another hash. */
static enum err read_mask(const X509_ALGOR *mask, struct sig_alg *out)
{
    const ASN1_OBJECT *object = NULL;
    const void *value = NULL;
    int type = V_ASN1_UNDEF;

    if (mask == NULL) {
        out->mgf1 = digest_by_name("sha1");
        return ERR_OK;
    }
    X509_ALGOR_get0(&object, &type, &value, mask);
    if (OBJ_obj2nid(object) != NID_mgf1 || type != V_ASN1_SEQUENCE) {
        return ERR_BAD_ALG;
    }
    const ASN1_STRING *text = value;
    const unsigned char *p = ASN1_STRING_get0_data(text);
    X509_ALGOR *inner = d2i_X509_ALGOR(NULL, &p, ASN1_STRING_length(text));

    if (inner == NULL) {
        return ERR_ENCODING;
    }
    out->mgf1 = digest_of_algor(inner);
    X509_ALGOR_free(inner);
    return out->mgf1 == NULL ? ERR_BAD_ALG : ERR_OK;
}

static enum err read_small(const ASN1_INTEGER *i, int64_t absent, int64_t most, int64_t *out)
{
    *out = absent;
    if (i == NULL) {
        return ERR_OK;
    }
    return ASN1_INTEGER_get_int64(out, i) != 1 || *out < 0 || *out > most ? ERR_ENCODING
                                                                          : ERR_OK;
}

static enum err read_pss_parts(const RSA_PSS_PARAMS *pss, struct sig_alg *out)
{
    int64_t salt = 0;
    int64_t trailer = 0;

    out->digest = digest_of_algor(pss->hashAlgorithm);
    if (out->digest == NULL) {
        return ERR_BAD_ALG;
    }
    TRY(read_mask(pss->maskGenAlgorithm, out));
    TRY(read_small(pss->saltLength, PSS_SALT_DEFAULT, PSS_SALT_MAX, &salt));
    TRY(read_small(pss->trailerField, 1, 1, &trailer));
    out->salt_len = (int)salt;
    return trailer == 1 ? ERR_OK : ERR_ENCODING;
}

static enum err read_pss(const X509_ALGOR *algor, struct sig_alg *out)
{
    const ASN1_OBJECT *object = NULL;
    const void *value = NULL;
    int type = V_ASN1_UNDEF;

    X509_ALGOR_get0(&object, &type, &value, algor);
    if (type != V_ASN1_SEQUENCE) {
        return ERR_ENCODING; /* RFC 4056 3: parameters must be there */
    }
    const ASN1_STRING *text = value;
    const unsigned char *p = ASN1_STRING_get0_data(text);
    RSA_PSS_PARAMS *pss = d2i_RSA_PSS_PARAMS(NULL, &p, ASN1_STRING_length(text));

    if (pss == NULL) {
        return ERR_ENCODING;
    }
    const enum err e = read_pss_parts(pss, out);

    RSA_PSS_PARAMS_free(pss);
    out->kind = SIG_RSA_PSS;
    return e;
}

/* The pairs that OpenSSL has names for: sha256WithRSAEncryption, ecdsa-with-SHA384, ... */
static enum err read_pair(int nid, struct sig_alg *out)
{
    int md = NID_undef;
    int key = NID_undef;

    if (OBJ_find_sigid_algs(nid, &md, &key) != 1) {
        return ERR_BAD_ALG;
    }
    if (key == NID_rsaEncryption) {
        out->kind = SIG_RSA;
    } else if (key == NID_X9_62_id_ecPublicKey) {
        out->kind = SIG_ECDSA;
    } else {
        return ERR_BAD_ALG;
    }
    out->digest = digest_of_nid(md);
    return out->digest == NULL ? ERR_BAD_ALG : ERR_OK;
}

/* Parameters must be absent, RFC 9882 3. ERR_BAD_ALG: another algorithm. */
static enum err read_ml_dsa(const ASN1_OBJECT *object, int type,
                            const struct digest_alg *digest, struct sig_alg *out)
{
    const enum oid_id id = oid_find((struct view){OBJ_get0_data(object), OBJ_length(object)});

    TRY(mldsa_alg_by_oid(id, &out->ml_dsa));
    out->kind = SIG_ML_DSA;
    out->digest = digest;
    (void)snprintf(out->name, sizeof out->name, "%s", oid_name(id));
    return type == V_ASN1_UNDEF ? ERR_OK : ERR_ENCODING;
}

static enum err read_algor(const X509_ALGOR *algor, const struct digest_alg *digest,
                           struct sig_alg *out)
{
    const ASN1_OBJECT *object = NULL;
    int type = V_ASN1_UNDEF;

    X509_ALGOR_get0(&object, &type, NULL, algor);
    const int nid = OBJ_obj2nid(object);
    const enum err e = read_ml_dsa(object, type, digest, out);

    if (e != ERR_BAD_ALG) {
        return e;
    }
    if (nid == NID_undef) {
        (void)OBJ_obj2txt(out->name, sizeof out->name, object, 1);
    } else {
        (void)snprintf(out->name, sizeof out->name, "%s", OBJ_nid2sn(nid));
    }
    out->digest = digest;
    switch (nid) {
    case NID_rsaEncryption:
        out->kind = SIG_RSA;
        return ERR_OK;
    case NID_X9_62_id_ecPublicKey:
        out->kind = SIG_ECDSA;
        return ERR_OK;
    case NID_ED25519:
        out->kind = SIG_ED25519;
        return ERR_OK;
    case NID_rsassaPss:
        return read_pss(algor, out);
    default:
        return read_pair(nid, out);
    }
}

enum err sig_alg_read(struct view algorithm, const struct digest_alg *digest,
                      struct sig_alg *out)
{
    const unsigned char *p = algorithm.p;

    *out = (struct sig_alg){0};
    if (algorithm.n == 0 || algorithm.n > LONG_MAX) {
        return ERR_ENCODING;
    }
    X509_ALGOR *algor = d2i_X509_ALGOR(NULL, &p, (long)algorithm.n);
    const enum err e = algor != NULL && p == algorithm.p + algorithm.n
                           ? read_algor(algor, digest, out)
                           : ERR_ENCODING;

    X509_ALGOR_free(algor);
    ERR_clear_error();
    return e;
}

static bool key_fits(const EVP_PKEY *key, const struct sig_alg *alg)
{
    switch (alg->kind) {
    case SIG_RSA:
        return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
    case SIG_RSA_PSS:
        return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA ||
               EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA_PSS;
    case SIG_ECDSA:
        return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC;
    case SIG_ED25519:
        return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
    case SIG_ML_DSA:
        return false;
    }
    return false;
}

static bool set_padding(EVP_PKEY_CTX *pctx, const struct sig_alg *alg)
{
    if (alg->kind == SIG_RSA) {
        return EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PADDING) == 1;
    }
    if (alg->kind != SIG_RSA_PSS) {
        return true;
    }
    return EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md_name(pctx, alg->mgf1->evp, NULL) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, alg->salt_len) == 1;
}

enum err sig_check(EVP_PKEY *key, const struct sig_alg *alg, struct view message,
                   struct view signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;
    enum err e = ERR_SIGNATURE;

    if (ctx == NULL) {
        return ERR_NOSPACE;
    }
    if (key_fits(key, alg) &&
        EVP_DigestVerifyInit_ex(ctx, &pctx, alg->kind == SIG_ED25519 ? NULL : alg->digest->evp,
                                NULL, NULL, key, NULL) == 1 &&
        set_padding(pctx, alg) &&
        EVP_DigestVerify(ctx, signature.p, signature.n, message.p, message.n) == 1) {
        e = ERR_OK;
    }
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return e;
}
