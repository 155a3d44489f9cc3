#include "host/authority/spki_pem.h"

#include "host/authority/openssl_api.h"

#include <string.h>

/* NULL: no point of the curve, or no memory. */
static EVP_PKEY *key_of_point(const uint8_t public_key[P384_PUBLIC_LEN])
{
    static char group[] = "P-384";
    uint8_t point[P384_PUBLIC_LEN];
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);

    memcpy(point, public_key, sizeof point);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
        OSSL_PARAM_construct_end(),
    };
    if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        key = NULL;
    }
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return key;
}

enum err spki_pem_write(const uint8_t public_key[P384_PUBLIC_LEN], struct writer *w)
{
    EVP_PKEY *key = key_of_point(public_key);
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    enum err e = key == NULL ? ERR_RANGE : ERR_BUG;

    if (key != NULL && bio != NULL && PEM_write_bio_PUBKEY(bio, key) == 1) {
        const long n = BIO_get_mem_data(bio, &text);

        wr_bytes(w, text, (size_t)n);
        e = w->full ? ERR_NOSPACE : ERR_OK;
    }
    BIO_free(bio);
    EVP_PKEY_free(key);
    return e;
}
