#include "client/token/digest.h"

#include "client/kit/openssl.h"
#include "crypto/hash.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* RFC 3370 2.1 and the NIST arc 2.16.840.1.101.3.4.2. */
#define OID(...)                                                               \
    {                                                                          \
        (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}) \
    }
#define NIST(n) OID(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, n)

static const struct digest_alg algs[] = {
    {"sha1", 20, true, "SHA1", OID(0x2b, 0x0e, 0x03, 0x02, 0x1a)},
    {"sha256", 32, false, "SHA256", NIST(1)},
    {"sha384", 48, false, "SHA384", NIST(2)},
    {"sha512", 64, false, "SHA512", NIST(3)},
    {"sha224", 28, false, "SHA224", NIST(4)},
    {"sha512-224", 28, false, "SHA512-224", NIST(5)},
    {"sha512-256", 32, false, "SHA512-256", NIST(6)},
    {"sha3-224", 28, false, "SHA3-224", NIST(7)},
    {"sha3-256", 32, false, "SHA3-256", NIST(8)},
    {"sha3-384", 48, false, "SHA3-384", NIST(9)},
    {"sha3-512", 64, false, "SHA3-512", NIST(10)},
};

struct digest_state {
    EVP_MD_CTX *md;
    size_t len;
    bool failed; /* an update failed: kept until the end, as a writer does */
};

const struct digest_alg *digest_by_oid(struct view oid_body)
{
    for (size_t i = 0; i < sizeof algs / sizeof algs[0]; i++) {
        if (view_equal(oid_body, algs[i].oid)) {
            return &algs[i];
        }
    }
    return NULL;
}

const struct digest_alg *digest_by_name(const char *name)
{
    const enum hash_alg known = hash_by_name(name);

    if (known != HASH_NONE) {
        name = hash_name(known);
    }
    for (size_t i = 0; i < sizeof algs / sizeof algs[0]; i++) {
        if (strcasecmp(name, algs[i].name) == 0) {
            return &algs[i];
        }
    }
    return NULL;
}

enum err digest_new(const struct digest_alg *alg, struct digest_state **out)
{
    struct digest_state *s = calloc(1, sizeof *s);
    EVP_MD *md = EVP_MD_fetch(NULL, alg->evp, NULL);

    *out = NULL;
    if (s != NULL) {
        s->len = alg->len;
        s->md = EVP_MD_CTX_new();
    }
    if (s == NULL || md == NULL || s->md == NULL || EVP_DigestInit_ex2(s->md, md, NULL) != 1) {
        EVP_MD_free(md);
        digest_free(s);
        return ERR_NOSPACE;
    }
    EVP_MD_free(md);
    *out = s;
    return ERR_OK;
}

void digest_take(void *state, const void *p, size_t n)
{
    struct digest_state *s = state;

    if (n > 0 && EVP_DigestUpdate(s->md, p, n) != 1) {
        s->failed = true;
    }
}

enum err digest_final(struct digest_state *s, uint8_t *out)
{
    uint8_t full[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    if (s->failed || EVP_DigestFinal_ex(s->md, full, &n) != 1 || n != s->len) {
        return ERR_NOSPACE;
    }
    memcpy(out, full, s->len);
    return ERR_OK;
}

void digest_free(struct digest_state *s)
{
    if (s != NULL) {
        EVP_MD_CTX_free(s->md);
        free(s);
    }
}

enum err digest_once(const struct digest_alg *alg, struct view in, uint8_t *out)
{
    struct digest_state *s = NULL;

    TRY(digest_new(alg, &s));
    digest_take(s, in.p, in.n);
    const enum err e = digest_final(s, out);

    digest_free(s);
    return e;
}
