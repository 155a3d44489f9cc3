#include "attest/snp_chain.h"

#include "attest/attest_text.h"
#include "attest/rsa_spki.h"
#include "crypto/hash.h"
#include "format/crl_parse.h"
#include "format/spki.h"

#include <string.h>

/* RSASSA-PSS-params (RFC 8017 A.2.3): SHA-384, MGF1 with SHA-384, salt 48. Trailer 1 is the
 * default, which some certificates spell out against DER: both are taken, and no third form. */
static const uint8_t pss_params[] = {
    0x30, 0x34, 0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
    0x04, 0x02, 0x02, 0x05, 0x00, 0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48,
    0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
    0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x30};
static const uint8_t pss_trailer[] = {0xa3, 0x03, 0x02, 0x01, 0x01};

static bool is_our_pss(const struct alg_id *alg)
{
    uint8_t spelled[sizeof pss_params + sizeof pss_trailer];

    memcpy(spelled, pss_params, sizeof pss_params);
    memcpy(spelled + sizeof pss_params, pss_trailer, sizeof pss_trailer);
    spelled[1] = (uint8_t)(sizeof spelled - 2);
    return oid_find(alg->oid) == OID_RSA_PSS &&
           (view_equal(alg->params, (struct view){pss_params, sizeof pss_params}) ||
            view_equal(alg->params, (struct view){spelled, sizeof spelled}));
}

enum snp_signed snp_signed_by(struct view bytes, const struct alg_id *alg,
                              struct view signature, const uint8_t modulus[RSA_PSS_4096_LEN])
{
    uint8_t digest[RSA_PSS_DIGEST_LEN];

    if (!is_our_pss(alg) || signature.n != RSA_PSS_4096_LEN) {
        return SNP_SIGNED_ALGORITHM;
    }
    hash_once(HASH_SHA384, bytes, digest);
    return rsa_pss_verify(modulus, digest, signature.p) == ERR_OK ? SNP_SIGNED_OK
                                                                  : SNP_SIGNED_SIGNATURE;
}

/* RelativeDistinguishedName ::= SET OF SEQUENCE { type, value }; counts common names */
static enum err read_rdn(struct reader *name, struct view *common_name, size_t *count)
{
    static const uint8_t type_cn[] = {0x55, 0x04, 0x03};
    struct reader set;

    TRY(der_enter(name, DER_SET, &set));
    while (set.n > 0) {
        struct reader pair;
        struct view type;
        struct der_element value;

        TRY(der_enter(&set, DER_SEQUENCE, &pair));
        TRY(der_read_oid(&pair, &type));
        TRY(der_read_any(&pair, &value));
        TRY(rd_finish(&pair));
        if (view_equal(type, (struct view){type_cn, sizeof type_cn})) {
            *common_name = value.body;
            (*count)++;
        }
    }
    return ERR_OK;
}

struct view snp_common_name(struct view name)
{
    struct reader r = rd_init(name);
    struct reader list = {NULL, 0};
    struct view cn = {NULL, 0};
    size_t count = 0;

    if (der_enter(&r, DER_SEQUENCE, &list) != ERR_OK) {
        return (struct view){NULL, 0};
    }
    while (list.n > 0) {
        if (read_rdn(&list, &cn, &count) != ERR_OK) {
            return (struct view){NULL, 0};
        }
    }
    return count == 1 ? cn : (struct view){NULL, 0};
}

static bool may(const struct cert *c, uint8_t usage)
{
    return c->ca && (c->key_usage & usage) != 0; /* none, where it names none */
}

/* What the checks of one chain hand on. */
struct chain {
    struct cert ark, ask;
    uint8_t ark_modulus[RSA_PSS_4096_LEN];
};

static enum attest_fault find_root(const struct cert_ids *ark, const struct snp_roots *roots,
                                   struct snp_issuer *out)
{
    uint8_t pin[SNP_PIN_LEN];

    hash_once(HASH_SHA256, ark->spki, pin);
    for (size_t i = 0; i < roots->n; i++) {
        if (memcmp(roots->p[i].pin, pin, sizeof pin) == 0) {
            out->line = roots->p[i].line;
            out->assurance = roots->p[i].assurance;
            return ATTEST_OK;
        }
    }
    return ATTEST_ARK_PIN;
}

/* Narrows the time in which the chain holds. */
static bool narrow(struct snp_issuer *out, int64_t from_s, int64_t until_s, int64_t at_s)
{
    out->from_s = from_s > out->from_s ? from_s : out->from_s;
    out->until_s = until_s < out->until_s ? until_s : out->until_s;
    return from_s <= at_s && at_s <= until_s;
}

static enum attest_fault check_ark(struct view der, const struct snp_roots *roots, int64_t at_s,
                                   struct chain *c, struct snp_issuer *out)
{
    const struct cert_ids *ark = &c->ark.ids;

    if (der.n > SNP_CERT_MAX || cert_parse(der, &c->ark) != ERR_OK) {
        return ATTEST_ARK_PARSE;
    }
    ATTEST_TRY(find_root(ark, roots, out));
    if (!view_equal(ark->issuer, ark->subject)) {
        return ATTEST_ARK_NAME;
    }
    if (!may(&c->ark, CERT_KEY_CERT_SIGN)) {
        return ATTEST_ARK_CA;
    }
    if (rsa_spki_read(ark, c->ark_modulus, RSA_PSS_4096_LEN) != ERR_OK) {
        return ATTEST_ARK_KEY;
    }
    const enum snp_signed s =
        snp_signed_by(ark->tbs, &ark->signature_alg, ark->signature, c->ark_modulus);

    if (s != SNP_SIGNED_OK) {
        return s == SNP_SIGNED_ALGORITHM ? ATTEST_ARK_ALGORITHM : ATTEST_ARK_SIGNATURE;
    }
    if (!narrow(out, ark->not_before.s, ark->not_after.s, at_s)) {
        return ATTEST_ARK_TIME;
    }
    return ATTEST_OK;
}

/* SEV-<line>: issues VCEKs; SEV-VLEK-<line>: issues VLEKs. */
static enum attest_fault read_ask_name(struct view name, struct snp_issuer *out)
{
    struct view cn = snp_common_name(name);

    if (!attest_text_skip(&cn, "SEV-")) {
        return ATTEST_ASK_NAME;
    }
    out->signs = attest_text_skip(&cn, "VLEK-") ? SNP_SIGNER_VLEK : SNP_SIGNER_VCEK;
    if (!attest_text_is(cn, snp_line_name(out->line))) {
        return ATTEST_ASK_NAME;
    }
    return ATTEST_OK;
}

static enum attest_fault check_ask(struct view der, int64_t at_s, struct chain *c,
                                   struct snp_issuer *out)
{
    const struct cert_ids *ask = &c->ask.ids;

    if (der.n > SNP_CERT_MAX || cert_parse(der, &c->ask) != ERR_OK) {
        return ATTEST_ASK_PARSE;
    }
    if (!view_equal(ask->issuer, c->ark.ids.subject)) {
        return ATTEST_ASK_ISSUER;
    }
    ATTEST_TRY(read_ask_name(ask->subject, out));
    if (!may(&c->ask, CERT_KEY_CERT_SIGN) || !c->ask.has_path_len || c->ask.path_len != 0) {
        return ATTEST_ASK_CA;
    }
    if (rsa_spki_read(ask, out->modulus, RSA_PSS_4096_LEN) != ERR_OK) {
        return ATTEST_ASK_KEY;
    }
    const enum snp_signed s =
        snp_signed_by(ask->tbs, &ask->signature_alg, ask->signature, c->ark_modulus);

    if (s != SNP_SIGNED_OK) {
        return s == SNP_SIGNED_ALGORITHM ? ATTEST_ASK_ALGORITHM : ATTEST_ASK_SIGNATURE;
    }
    if (!narrow(out, ask->not_before.s, ask->not_after.s, at_s)) {
        return ATTEST_ASK_TIME;
    }
    hash_once(HASH_SHA256, ask->subject, out->name_digest);
    return ATTEST_OK;
}

/* The root publishes one list, of the keys that it issued; those publish none. */
static enum attest_fault check_crl(struct view der, int64_t at_s, const struct chain *c,
                                   struct snp_issuer *out)
{
    struct crl crl;

    if (der.n > SNP_CRL_MAX || crl_parse(der, &crl) != ERR_OK) {
        return ATTEST_CRL_PARSE;
    }
    if (!view_equal(crl.issuer, c->ark.ids.subject)) {
        return ATTEST_CRL_ISSUER;
    }
    if (!may(&c->ark, CERT_CRL_SIGN)) {
        return ATTEST_CRL_USAGE;
    }
    const enum snp_signed s = snp_signed_by(crl.tbs, &crl.alg, crl.signature, c->ark_modulus);

    if (s != SNP_SIGNED_OK) {
        return s == SNP_SIGNED_ALGORITHM ? ATTEST_CRL_ALGORITHM : ATTEST_CRL_SIGNATURE;
    }
    if (!crl.has_next_update || !narrow(out, crl.this_update.s, crl.next_update.s, at_s)) {
        return ATTEST_CRL_TIME;
    }
    if (crl_revokes(&crl, c->ask.ids.serial)) {
        return ATTEST_CRL_REVOKED;
    }
    out->crl_checked = true;
    return ATTEST_OK;
}

enum attest_fault snp_issuer_verify(struct view ark, struct view ask, struct view crl,
                                    const struct snp_roots *roots, int64_t at_s,
                                    struct snp_issuer *out)
{
    struct chain c = {0};

    *out = (struct snp_issuer){.from_s = INT64_MIN, .until_s = INT64_MAX};
    enum attest_fault f = check_ark(ark, roots, at_s, &c, out);

    if (f == ATTEST_OK) {
        f = check_ask(ask, at_s, &c, out);
    }
    if (f == ATTEST_OK && crl.n > 0) {
        f = check_crl(crl, at_s, &c, out);
    }
    if (f != ATTEST_OK) {
        *out = (struct snp_issuer){0};
    }
    return f;
}
