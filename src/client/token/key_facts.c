#include "client/token/key_facts.h"

#include "base/hex.h"
#include "base/secret.h"
#include "client/kit/openssl.h"
#include "crypto/mldsa/mldsa.h"
#include "format/cert_write.h"
#include "format/mldsa_pkcs8.h"
#include "format/spki.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static void oid_words(struct view body, char out[OID_TEXT_MAX])
{
    const enum oid_id id = oid_find(body);

    if (id != OID_NONE) {
        (void)snprintf(out, OID_TEXT_MAX, "%s", oid_name(id));
    } else if (oid_to_text(body, out) != ERR_OK) {
        (void)snprintf(out, OID_TEXT_MAX, "unreadable");
    }
}

static void write_algorithm(const struct spki *s, char out[KEY_FACTS_TEXT_MAX])
{
    const struct mldsa_params *params;
    struct reader r = rd_init(s->alg.params);
    char name[OID_TEXT_MAX];
    char curve[OID_TEXT_MAX];
    struct view body;

    if (mldsa_alg_by_oid(oid_find(s->alg.oid), &params) == ERR_OK) {
        const struct mldsa_params *sound;
        const enum err e = spki_ml_dsa(s, &sound);

        (void)snprintf(out, KEY_FACTS_TEXT_MAX, "%s%s%s%s", params->name,
                       e == ERR_OK ? "" : ", malformed (", e == ERR_OK ? "" : err_name(e),
                       e == ERR_OK ? "" : ")");
        return;
    }
    oid_words(s->alg.oid, name);
    if (der_read_oid(&r, &body) == ERR_OK) {
        oid_words(body, curve);
        (void)snprintf(out, KEY_FACTS_TEXT_MAX, "%s %s", name, curve);
    } else {
        (void)snprintf(out, KEY_FACTS_TEXT_MAX, "%s", name);
    }
}

void key_facts_algorithm(struct view spki, char out[KEY_FACTS_TEXT_MAX])
{
    struct spki s;

    if (spki_parse(spki, &s) == ERR_OK) {
        write_algorithm(&s, out);
    } else {
        (void)snprintf(out, KEY_FACTS_TEXT_MAX, "unreadable");
    }
}

void key_facts_hash(struct view spki, char out[2 * HASH_MAX + 1])
{
    uint8_t digest[HASH_MAX];

    hash_once(HASH_SHA384, spki, digest);
    hex_write((struct view){digest, hash_len(HASH_SHA384)}, out);
}

static enum err read_public(struct view der, struct key_facts *f)
{
    const struct mldsa_params *params;
    struct spki s;

    if (spki_parse(der, &s) != ERR_OK) {
        return ERR_TAG;
    }
    const enum err e = spki_ml_dsa(&s, &params);

    if (e != ERR_OK && e != ERR_BAD_ALG) {
        return e;
    }
    write_algorithm(&s, f->algorithm);
    f->length = s.key.n;
    key_facts_hash(der, f->sha384);
    return ERR_OK;
}

/* All that is made of the seed. */
struct derived {
    struct mldsa_key_scratch scratch;
    struct mldsa_private_key key;
    uint8_t seed[MLDSA_PKCS8_SEED_LEN];
    uint8_t pk[MLDSA_PK_MAX];
    uint8_t spki[CERT_WRITE_ML_DSA_65_LEN + 64];
};

static enum err derive(struct view der, struct derived *d, struct key_facts *f)
{
    struct writer w = wr_init(d->spki, sizeof d->spki);
    struct view spki;

    if (mldsa_pkcs8_parse(der, d->seed) != ERR_OK) {
        return ERR_BAD_ALG;
    }
    mldsa_keygen(mldsa_best(), &mldsa_65, d->seed, &d->scratch, &d->key, d->pk, NULL);
    TRY(cert_write_spki(&w, SIGN_ML_DSA_65, (struct view){d->pk, mldsa_65.pk_len}));
    TRY(wr_finish(&w, &spki));
    f->is_private = true;
    return read_public(spki, f);
}

static enum err read_private(struct view der, struct key_facts *f)
{
    struct derived *d = aligned_alloc(_Alignof(struct derived), sizeof *d); /* for AVX2 */

    if (d == NULL) {
        return ERR_NOSPACE;
    }
    const enum err e = derive(der, d, f);

    wipe(d, sizeof *d);
    free(d);
    return e;
}

static enum err read_der(struct view der, struct key_facts *f)
{
    const enum err e = read_private(der, f);

    return e == ERR_BAD_ALG ? read_public(der, f) : e;
}

/* The first block of a key in PEM text. */
static enum err read_block(BIO *bio, struct key_facts *f)
{
    enum err e = ERR_TAG;
    bool more = true;

    while (more && e == ERR_TAG) {
        char *label = NULL;
        char *header = NULL;
        unsigned char *der = NULL;
        long n = 0;

        more = PEM_read_bio(bio, &label, &header, &der, &n) == 1;
        if (more && strcmp(label, PEM_STRING_PUBLIC) == 0) {
            e = read_public((struct view){der, (size_t)n}, f);
        } else if (more && strcmp(label, PEM_STRING_PKCS8INF) == 0) {
            e = read_private((struct view){der, (size_t)n}, f);
        }
        OPENSSL_free(label);
        OPENSSL_free(header);
        OPENSSL_clear_free(der, (size_t)n);
    }
    return e;
}

static enum err read_pem(struct view text, struct key_facts *f)
{
    BIO *bio = text.n > INT_MAX ? NULL : BIO_new_mem_buf(text.p, (int)text.n);

    if (bio == NULL) {
        return ERR_NOSPACE;
    }
    const enum err e = read_block(bio, f);

    BIO_free(bio);
    ERR_clear_error();
    return e;
}

enum err key_facts_read(struct view bytes, struct key_facts *out)
{
    struct key_facts f = {0};
    enum err e = ERR_TAG;

    if (bytes.n > 0) {
        e = bytes.p[0] == DER_SEQUENCE ? read_der(bytes, &f) : read_pem(bytes, &f);
    }
    *out = e == ERR_OK ? f : (struct key_facts){0};
    return e;
}

static const char *kind(const struct key_facts *f)
{
    return f->is_private ? "OneAsymmetricKey" : "SubjectPublicKeyInfo";
}

void key_facts_print(const struct key_facts *f, FILE *out)
{
    (void)fprintf(out, "%s\n  %s, public key of %zu bytes\n  sha384:   %s\n", kind(f),
                  f->algorithm, f->length, f->sha384);
}

json_t *key_facts_json(const struct key_facts *f)
{
    return json_pack("{s:s, s:s, s:I, s:s}", "kind", kind(f), "algorithm", f->algorithm,
                     "length", (json_int_t)f->length, "spki_sha384", f->sha384);
}
