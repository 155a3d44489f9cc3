#include "silicon/silicon_vcek.h"

#include "silicon/silicon_rsa.h"

#include "crypto/hash.h"
#include "format/cert_write.h"
#include "format/gen_time.h"
#include "format/pem.h"

#include <string.h>

#define UNTIL_MS INT64_C(4102444799000) /* 2099-12-31T23:59:59 */
#define EXTENSION_OID_MAX 12
#define PRODUCT_MAX 16

static struct view text_view(const char *text)
{
    return (struct view){(const uint8_t *)text, strlen(text)};
}

static void write_alg(struct writer *w, const struct alg_id *alg)
{
    const size_t mark = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_OID, alg->oid);
    wr_view(w, alg->params);
    der_end(w, mark);
}

static void write_rdn(struct writer *w, uint8_t type, struct view text)
{
    const uint8_t oid[] = {0x55, 0x04, type};
    const size_t set = der_begin(w, DER_SET);
    const size_t pair = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_OID, (struct view){oid, sizeof oid});
    der_write(w, DER_UTF8_STRING, text);
    der_end(w, pair);
    der_end(w, set);
}

static void write_subject(struct writer *w)
{
    const size_t mark = der_begin(w, DER_SEQUENCE);

    write_rdn(w, 0x0a, text_view("SIMULATED - NOT AMD"));
    write_rdn(w, 0x0b, text_view("quorate, keys are public"));
    write_rdn(w, 0x03, text_view("SEV-VCEK"));
    der_end(w, mark);
}

static void write_time(struct writer *w, int64_t ms)
{
    uint8_t text[GEN_TIME_TEXT_MAX];

    der_write(w, DER_GENERALIZED_TIME, (struct view){text, gen_time_write(ms, text)});
}

/* Before 2050 RFC 5280 4.1.2.5 wants UTCTime. */
static void write_validity(struct writer *w)
{
    const size_t mark = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_UTC_TIME, text_view("200101000000Z"));
    write_time(w, UNTIL_MS);
    der_end(w, mark);
}

/* 1.3.6.1.4.1.3704.1.a, or .a.b where b is not 0 */
static void write_extension(struct writer *w, uint8_t a, uint8_t b, struct view value)
{
    static const uint8_t arc[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x01};
    const size_t mark = der_begin(w, DER_SEQUENCE);
    const size_t oid = der_begin(w, DER_OID);

    wr_bytes(w, arc, sizeof arc);
    wr_u8(w, a);
    if (b != 0) {
        wr_u8(w, b);
    }
    der_end(w, oid);
    der_write(w, DER_OCTETS, value);
    der_end(w, mark);
}

static void write_number(struct writer *w, uint8_t a, uint8_t b, uint8_t number)
{
    uint8_t value[4];
    struct writer v = wr_init(value, sizeof value);

    der_write_unsigned(&v, DER_INTEGER, (struct view){&number, 1});
    write_extension(w, a, b, (struct view){value, v.len});
}

/* "SIM-Milan-B0"; of Turin without a stepping, as real ones. */
static void write_product(struct writer *w, enum snp_line line)
{
    const bool turin = snp_line_layout(line) == SNP_LINE_TURIN;
    const struct view name = text_view(snp_line_name(line));
    uint8_t value[2 + PRODUCT_MAX];
    struct writer v = wr_init(value, sizeof value);

    wr_u8(&v, 0x16); /* IA5String */
    wr_u8(&v, (uint8_t)(name.n + (turin ? 0 : 3)));
    wr_view(&v, name);
    if (!turin) {
        wr_view(&v, text_view("-B0"));
    }
    write_extension(w, 2, 0, (struct view){value, v.len});
}

static void write_extensions(struct writer *w, const struct silicon *s)
{
    const bool turin = snp_line_layout(s->line->line) == SNP_LINE_TURIN;
    const uint8_t *const t = s->reported_tcb;
    const size_t outer = der_begin(w, DER_CONTEXT_3);
    const size_t list = der_begin(w, DER_SEQUENCE);

    write_number(w, 1, 0, turin ? 1 : 0);
    write_product(w, s->line->line);
    write_number(w, 3, 1, t[turin ? 1 : 0]);
    write_number(w, 3, 2, t[turin ? 2 : 1]);
    write_number(w, 3, 3, t[turin ? 3 : 6]);
    if (!turin) {
        write_number(w, 3, 4, 0);
    }
    for (uint8_t i = 5; i <= 7; i++) {
        write_number(w, 3, i, 0);
    }
    write_number(w, 3, 8, t[7]);
    if (turin) {
        write_number(w, 3, 9, t[0]);
    }
    write_extension(w, 4, 0,
                    (struct view){s->hwid, turin ? SNP_CHIP_ID_TURIN_LEN : SNP_CHIP_ID_LEN});
    der_end(w, list);
    der_end(w, outer);
}

static enum err write_tbs(const struct silicon *s, const struct cert_ids *ask, uint8_t *out,
                          struct view *tbs)
{
    static const uint8_t version[] = {0x02, 0x01, 0x02};
    static const uint8_t serial[] = {0x00};
    struct writer w = wr_init(out, SNP_CERT_MAX);
    const size_t mark = der_begin(&w, DER_SEQUENCE);

    der_write(&w, DER_CONTEXT_0, (struct view){version, sizeof version});
    der_write(&w, DER_INTEGER, (struct view){serial, sizeof serial});
    write_alg(&w, &ask->signature_alg);
    wr_view(&w, ask->subject);
    write_validity(&w);
    write_subject(&w);
    TRY(cert_write_spki(&w, SIGN_ECDSA_P384_SHA384,
                        (struct view){s->key.public_key, P384_PUBLIC_LEN}));
    write_extensions(&w, s);
    der_end(&w, mark);
    return wr_finish(&w, tbs);
}

static enum err sign(const struct silicon *s, struct view tbs, uint8_t sig[RSA_PSS_4096_LEN])
{
    uint8_t key[SILICON_ISSUER_KEY_LEN + 2];
    uint8_t digest[RSA_PSS_DIGEST_LEN];
    struct view v;

    TRY(pem_parse_base64(text_view(s->line->issuer_key), key, sizeof key, &v));
    if (v.n != SILICON_ISSUER_KEY_LEN) {
        return ERR_BUG;
    }
    hash_once(HASH_SHA384, tbs, digest);
    return silicon_rsa_sign(key, digest, sig);
}

enum err silicon_vcek_write(struct silicon *s)
{
    uint8_t buf[SNP_CERT_MAX];
    uint8_t sig[RSA_PSS_4096_LEN];
    struct cert_ids ask;
    struct view tbs;
    struct view whole;
    struct writer w = wr_init(s->vcek, sizeof s->vcek);

    s->vcek_len = 0;
    TRY(cert_ids_parse((struct view){s->ask, s->ask_len}, &ask));
    TRY(write_tbs(s, &ask, buf, &tbs));
    TRY(sign(s, tbs, sig));
    const size_t mark = der_begin(&w, DER_SEQUENCE);

    wr_view(&w, tbs);
    write_alg(&w, &ask.signature_alg);
    const size_t bits = der_begin(&w, DER_BIT_STRING);

    wr_u8(&w, 0);
    wr_bytes(&w, sig, sizeof sig);
    der_end(&w, bits);
    der_end(&w, mark);
    TRY(wr_finish(&w, &whole));
    s->vcek_len = whole.n;
    return ERR_OK;
}
