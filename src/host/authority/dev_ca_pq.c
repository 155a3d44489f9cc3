#include "host/authority/dev_ca_pq.h"

#if defined(QUORATE_SIMULATED)

#include "base/secret.h"
#include "crypto/hash.h"
#include "crypto/mldsa/mldsa.h"
#include "format/cert_parse.h"
#include "format/mldsa_pkcs8.h"
#include "format/pem.h"
#include "format/quorate_binding.h"
#include "os/entropy.h"

#include <stdlib.h>
#include <string.h>

#define DAY_S 86400
#define SERIAL_BYTES 20
#define CERT_MAX 8192
#define PK_LEN CERT_WRITE_ML_DSA_65_LEN
#define SIG_LEN 3309
#define KEY_ID_LEN 20
#define EXTENSIONS_MAX 6

static const struct view no_context;

struct dev_ca_pq {
    struct mldsa_private_key key;
    struct mldsa_key_scratch key_scratch;
    struct mldsa_sign_scratch sign_scratch;
    uint8_t seed[MLDSA_SEED_LEN];
    uint8_t pk[PK_LEN];
    uint8_t cert[CERT_MAX]; /* DER */
    struct cert_ids ids;    /* into cert */
    size_t cert_len;
};

void dev_ca_pq_free(struct dev_ca_pq *ca)
{
    if (ca != NULL) {
        wipe(ca, sizeof *ca);
        free(ca);
    }
}

static struct dev_ca_pq *make_room(void)
{
    struct dev_ca_pq *ca = aligned_alloc(_Alignof(struct dev_ca_pq), sizeof *ca);

    if (ca != NULL) {
        memset(ca, 0, sizeof *ca);
    }
    return ca;
}

static void make_key(struct dev_ca_pq *ca)
{
    mldsa_keygen(mldsa_best(), &mldsa_65, ca->seed, &ca->key_scratch, &ca->key, ca->pk, NULL);
}

/* ---- parts of a certificate ---- */

struct extensions {
    struct extension list[EXTENSIONS_MAX];
    size_t n;
    uint8_t space[QUORATE_BINDING_ROOM + 256];
    struct writer w; /* into space */
    size_t mark;     /* where the value being written begins */
};

static void add(struct extensions *x, enum oid_id type, bool critical)
{
    x->list[x->n++] = (struct extension){
        .type = oid_body(type),
        .critical = critical,
        .value = {x->w.p + x->mark, x->w.len - x->mark},
    };
    x->mark = x->w.len;
}

/* RFC 7093 2, method 1. */
static struct view key_id(struct view public_key, uint8_t hash[HASH_MAX])
{
    hash_once(HASH_SHA256, public_key, hash);
    return (struct view){hash, KEY_ID_LEN};
}

static void add_ca_extensions(struct extensions *x, const struct dev_ca_pq *ca)
{
    uint8_t hash[HASH_MAX];

    cert_write_basic_constraints(&x->w, true, 0);
    add(x, OID_BASIC_CONSTRAINTS, true);
    cert_write_key_usage(&x->w, CERT_KEY_CERT_SIGN | CERT_CRL_SIGN);
    add(x, OID_KEY_USAGE, true);
    cert_write_ski(&x->w, key_id((struct view){ca->pk, sizeof ca->pk}, hash));
    add(x, OID_SUBJECT_KEY_ID, false);
}

static void add_tsa_extensions(struct extensions *x, const struct dev_ca_pq *ca,
                               struct view public_key, struct view binding, int64_t now_s)
{
    uint8_t hash[HASH_MAX];

    cert_write_key_usage(&x->w, CERT_DIGITAL_SIGNATURE);
    add(x, OID_KEY_USAGE, true);
    cert_write_time_stamping(&x->w);
    add(x, OID_EXT_KEY_USAGE, true);
    cert_write_usage_period(&x->w, now_s - DEV_CA_EARLY_S,
                            now_s + (int64_t)DEV_TSA_KEY_DAYS * DAY_S);
    add(x, OID_PRIVATE_KEY_USAGE_PERIOD, false);
    cert_write_ski(&x->w, key_id(public_key, hash));
    add(x, OID_SUBJECT_KEY_ID, false);
    cert_write_aki(&x->w, key_id((struct view){ca->pk, sizeof ca->pk}, hash));
    add(x, OID_AUTHORITY_KEY_ID, false);
    wr_view(&x->w, binding);
    add(x, OID_OUR_BINDING, false);
}

/* Appends the certificate that f describes, serial number and extensions apart. */
static enum err sign(struct dev_ca_pq *ca, const struct cert_fields *f,
                     const struct extensions *x, struct writer *w)
{
    uint8_t tbs[CERT_MAX];
    uint8_t sig[SIG_LEN];
    uint8_t rnd[MLDSA_SEED_LEN];
    uint8_t serial[SERIAL_BYTES];
    struct writer body = wr_init(tbs, sizeof tbs);
    struct cert_fields whole = *f;
    struct view all;

    TRY(entropy_os.fill(entropy_os.self, serial, sizeof serial));
    TRY(entropy_os.fill(entropy_os.self, rnd, sizeof rnd));
    /* RFC 5280 4.1.2.2: positive, at most 20 bytes. */
    serial[0] = (uint8_t)((serial[0] & 0x3f) | 0x40);
    whole.alg = SIGN_ML_DSA_65;
    whole.serial = (struct view){serial, sizeof serial};
    whole.extensions = x->list;
    whole.n_extensions = x->n;
    cert_write_tbs(&body, &whole);
    if (x->w.full) {
        return ERR_BUG;
    }
    TRY(wr_finish(&body, &all));
    TRY(mldsa_sign(&ca->key, no_context, all, rnd, &ca->sign_scratch, sig));
    cert_write(w, all, SIGN_ML_DSA_65, (struct view){sig, sizeof sig});
    return w->full ? ERR_NOSPACE : ERR_OK;
}

static struct view write_name(const char *text, struct writer *w)
{
    const size_t at = w->len;

    cert_write_name(w, (struct view){(const uint8_t *)text, strlen(text)});
    return (struct view){w->p + at, w->len - at};
}

/* ---- the root ---- */

static enum err make_root(struct dev_ca_pq *ca, int64_t now_s)
{
    struct extensions x = {.n = 0};
    uint8_t name_space[128];
    uint8_t spki_space[PK_LEN + 64];
    struct writer name = wr_init(name_space, sizeof name_space);
    struct writer spki = wr_init(spki_space, sizeof spki_space);
    struct writer cert = wr_init(ca->cert, sizeof ca->cert);
    struct cert_fields f = {.issuer = write_name(DEV_CA_PQ_NAME, &name)};

    TRY(entropy_os.fill(entropy_os.self, ca->seed, sizeof ca->seed));
    make_key(ca);
    x.w = wr_init(x.space, sizeof x.space);
    add_ca_extensions(&x, ca);
    TRY(cert_write_spki(&spki, SIGN_ML_DSA_65, (struct view){ca->pk, sizeof ca->pk}));
    f.subject = f.issuer;
    TRY(wr_finish(&spki, &f.spki));
    f.not_before_s = now_s - DEV_CA_EARLY_S;
    f.not_after_s = now_s + (int64_t)DEV_CA_DAYS * DAY_S;
    TRY(sign(ca, &f, &x, &cert));
    ca->cert_len = cert.len;
    return cert_ids_parse((struct view){ca->cert, ca->cert_len}, &ca->ids);
}

enum err dev_ca_pq_new(int64_t now_s, struct dev_ca_pq **out)
{
    struct dev_ca_pq *ca = make_room();

    *out = NULL;
    if (ca == NULL) {
        return ERR_NOSPACE;
    }
    const enum err e = make_root(ca, now_s);

    if (e != ERR_OK) {
        dev_ca_pq_free(ca);
        return e;
    }
    *out = ca;
    return ERR_OK;
}

/* ---- reading it back ---- */

static bool is_ml_dsa_65(const struct cert_ids *ids)
{
    const struct mldsa_params *params = NULL;

    return cert_ml_dsa_key(ids, &params) == ERR_OK && params == &mldsa_65;
}

static enum err read_cert(struct dev_ca_pq *ca, struct view pem)
{
    struct reader r = rd_init(pem);
    struct view der;

    while (pem_parse(&r, "CERTIFICATE", ca->cert, sizeof ca->cert, &der) == ERR_OK) {
        if (cert_ids_parse(der, &ca->ids) == ERR_OK && is_ml_dsa_65(&ca->ids)) {
            ca->cert_len = der.n;
            return ERR_OK;
        }
    }
    return ERR_STATE;
}

static enum err read_key(struct dev_ca_pq *ca, struct view pem)
{
    uint8_t der[DEV_CA_TEXT_MAX];
    struct reader r = rd_init(pem);
    struct view key;
    enum err e = pem_parse(&r, "PRIVATE KEY", der, sizeof der, &key);

    if (e == ERR_OK) {
        e = mldsa_pkcs8_parse(key, ca->seed);
    }
    wipe(der, sizeof der);
    return e == ERR_OK ? e : ERR_ENCODING;
}

static enum err read_both(struct dev_ca_pq *ca, struct view key_pem, struct view cert_pem,
                          int64_t now_s)
{
    TRY(read_key(ca, key_pem));
    TRY(read_cert(ca, cert_pem));
    make_key(ca);
    if (!view_equal(ca->ids.public_key, (struct view){ca->pk, sizeof ca->pk})) {
        return ERR_MISMATCH;
    }
    return cert_ids_valid_at(&ca->ids, now_s) ? ERR_OK : ERR_TIME;
}

enum err dev_ca_pq_load(struct view key_pem, struct view cert_pem, int64_t now_s,
                        struct dev_ca_pq **out)
{
    struct dev_ca_pq *ca = make_room();

    *out = NULL;
    if (ca == NULL) {
        return ERR_NOSPACE;
    }
    const enum err e = read_both(ca, key_pem, cert_pem, now_s);

    if (e != ERR_OK) {
        dev_ca_pq_free(ca);
        return e;
    }
    *out = ca;
    return ERR_OK;
}

/* ---- PEM ---- */

enum err dev_ca_pq_key_pem(const struct dev_ca_pq *ca, struct writer *w)
{
    uint8_t der[MLDSA_PKCS8_LEN];

    mldsa_pkcs8_write(ca->seed, der);
    pem_write(w, "PRIVATE KEY", (struct view){der, sizeof der});
    wipe(der, sizeof der);
    return w->full ? ERR_NOSPACE : ERR_OK;
}

enum err dev_ca_pq_cert_pem(const struct dev_ca_pq *ca, struct writer *w)
{
    pem_write(w, "CERTIFICATE", (struct view){ca->cert, ca->cert_len});
    return w->full ? ERR_NOSPACE : ERR_OK;
}

/* ---- the TSA's certificate ---- */

/* SubjectPublicKeyInfo ends with its BIT STRING, which is the key. */
static enum err key_of(struct view spki, struct view *out)
{
    uint8_t again[PK_LEN + 64];
    struct writer w = wr_init(again, sizeof again);

    if (spki.n <= PK_LEN) {
        return ERR_ENCODING;
    }
    *out = (struct view){spki.p + spki.n - PK_LEN, PK_LEN};
    TRY(cert_write_spki(&w, SIGN_ML_DSA_65, *out));
    return view_equal(spki, (struct view){again, w.len}) ? ERR_OK : ERR_ENCODING;
}

enum err dev_ca_pq_issue(struct dev_ca_pq *ca, struct view spki, struct view binding,
                         int64_t now_s, struct writer *w)
{
    struct extensions x = {.n = 0};
    uint8_t name_space[128];
    uint8_t cert_space[CERT_MAX];
    struct writer name = wr_init(name_space, sizeof name_space);
    struct writer cert = wr_init(cert_space, sizeof cert_space);
    struct cert_fields f = {
        .issuer = ca->ids.subject,
        .subject = write_name(DEV_TSA_PQ_NAME, &name),
        .not_before_s = now_s - DEV_CA_EARLY_S,
        .not_after_s = ca->ids.not_after.s,
        .spki = spki,
    };
    struct view key;

    TRY(key_of(spki, &key));
    x.w = wr_init(x.space, sizeof x.space);
    add_tsa_extensions(&x, ca, key, binding, now_s);
    TRY(sign(ca, &f, &x, &cert));
    pem_write(w, "CERTIFICATE", (struct view){cert_space, cert.len});
    return dev_ca_pq_cert_pem(ca, w);
}

#endif
