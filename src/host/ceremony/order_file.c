#include "host/ceremony/order_file.h"

/* <openssl/types.h> has a type ERR_STATE, which is an enumerator of ours. */
#define ERR_STATE openssl_err_state
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#undef ERR_STATE

#include <limits.h>
#include <string.h>

/* ---- keys ---- */

/* NOLINTNEXTLINE(readability-non-const-parameter): OpenSSL's type */
static int no_password(char *buf, int size, int writing, void *user)
{
    (void)buf;
    (void)size;
    (void)writing;
    (void)user;
    return -1; /* nobody is asked */
}

static EVP_PKEY *read_key(struct view pem)
{
    BIO *const in = pem.n <= INT_MAX ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
    EVP_PKEY *const key =
        in != NULL ? PEM_read_bio_PrivateKey(in, NULL, no_password, NULL) : NULL;

    BIO_free(in);
    return key;
}

static enum err public_of(const EVP_PKEY *key, uint8_t out[P384_PUBLIC_LEN])
{
    size_t n = 0;

    memset(out, 0, P384_PUBLIC_LEN);
    if (EVP_PKEY_is_a(key, "EC") != 1 ||
        EVP_PKEY_get_octet_string_param(key, "encoded-pub-key", out, P384_PUBLIC_LEN, &n) !=
            1 ||
        n != P384_PUBLIC_LEN) {
        return ERR_ENCODING;
    }
    return p384_check_public(out) == ERR_OK ? ERR_OK : ERR_ENCODING;
}

enum err order_public(struct view pem, uint8_t out[P384_PUBLIC_LEN])
{
    EVP_PKEY *const key = read_key(pem);
    const enum err e = key != NULL ? public_of(key, out) : ERR_ENCODING;

    EVP_PKEY_free(key);
    return e;
}

enum err order_new_key(struct writer *out)
{
    EVP_PKEY *const key = EVP_EC_gen("P-384");
    BIO *const bio = BIO_new(BIO_s_secmem());
    char *text = NULL;
    enum err e = ERR_BUG;

    if (key != NULL && bio != NULL &&
        PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1) {
        const long n = BIO_get_mem_data(bio, &text);

        wr_bytes(out, text, n > 0 ? (size_t)n : 0);
        e = out->full ? ERR_NOSPACE : ERR_OK;
    }
    BIO_free(bio);
    EVP_PKEY_free(key);
    return e;
}

/* ---- a signature ---- */

#define DER_MAX 128 /* of two INTEGERs of 49 bytes */

/* r | s of an ECDSA-Sig-Value. */
static enum err unwrap(const uint8_t *der, size_t n, uint8_t out[P384_SIG_LEN])
{
    ECDSA_SIG *const sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
    const int half = P384_SIG_LEN / 2;
    const bool done = sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, half) == half &&
                      BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + half, half) == half;

    ECDSA_SIG_free(sig);
    return done ? ERR_OK : ERR_BUG;
}

static enum err sign(EVP_PKEY *key, struct view body, uint8_t out[P384_SIG_LEN])
{
    EVP_MD_CTX *const c = EVP_MD_CTX_new();
    uint8_t der[DER_MAX];
    size_t n = sizeof der;
    const bool done = c != NULL && EVP_DigestSignInit(c, NULL, EVP_sha384(), NULL, key) == 1 &&
                      EVP_DigestSign(c, der, &n, body.p, body.n) == 1;

    EVP_MD_CTX_free(c);
    return done ? unwrap(der, n, out) : ERR_BUG;
}

/* Where the signature of that operator stands, or belongs. */
static struct reenrol_signature *place_of(const struct order_signed *o, uint8_t operator_)
{
    size_t at = 0;

    while (at < *o->n && o->signatures[at].place < operator_) {
        at++;
    }
    if (at == *o->n || o->signatures[at].place != operator_) {
        memmove(&o->signatures[at + 1], &o->signatures[at],
                (*o->n - at) * sizeof o->signatures[0]);
        (*o->n)++;
    }
    o->signatures[at].place = operator_;
    return &o->signatures[at];
}

static enum err sign_as(const struct order_signed *o, const struct plan *p, EVP_PKEY *key)
{
    uint8_t public_key[P384_PUBLIC_LEN];
    uint8_t signature[P384_SIG_LEN];
    uint8_t at = 0;

    TRY(public_of(key, public_key));
    while (at < p->n_operators && memcmp(p->operators[at], public_key, P384_PUBLIC_LEN) != 0) {
        at++;
    }
    if (at == p->n_operators) {
        return ERR_MISMATCH;
    }
    TRY(sign(key, o->body, signature));
    memcpy(place_of(o, at)->signature, signature, sizeof signature);
    return ERR_OK;
}

enum err order_sign(const struct order_signed *o, const struct plan *p, struct view pem)
{
    EVP_PKEY *const key = read_key(pem);
    const enum err e = key != NULL ? sign_as(o, p, key) : ERR_ENCODING;

    EVP_PKEY_free(key);
    return e;
}
