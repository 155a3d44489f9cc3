#include "attest/tdx_chain.h"

#include "attest/attest_text.h"
#include "crypto/hash.h"
#include "format/crl_parse.h"
#include "format/pem.h"

#include <string.h>

enum {
    LEAF = 0,
    CA = 1,
    ROOT = 2,
};

/* What is refused of a certificate, and by which name; and its own name, of those who issue
 * nothing. */
struct cert_faults {
    enum attest_fault parse, name, issuer, ca, key, algorithm, signature, time;
    const char *common_name;
};

struct list_faults {
    enum attest_fault parse, issuer, algorithm, signature, time, revoked;
};

static const struct cert_faults root_faults = {
    ATTEST_TDX_ROOT_PARSE,     ATTEST_TDX_ROOT_ISSUER, ATTEST_TDX_ROOT_ISSUER,
    ATTEST_TDX_ROOT_CA,        ATTEST_TDX_ROOT_KEY,    ATTEST_TDX_ROOT_ALGORITHM,
    ATTEST_TDX_ROOT_SIGNATURE, ATTEST_TDX_ROOT_TIME,   NULL};
static const struct cert_faults ca_faults = {
    ATTEST_TDX_CA_PARSE,     ATTEST_TDX_CA_NAME, ATTEST_TDX_CA_ISSUER,
    ATTEST_TDX_CA_CA,        ATTEST_TDX_CA_KEY,  ATTEST_TDX_CA_ALGORITHM,
    ATTEST_TDX_CA_SIGNATURE, ATTEST_TDX_CA_TIME, NULL};
static const struct cert_faults pck_faults = {
    ATTEST_TDX_PCK_PARSE,     ATTEST_TDX_PCK_NAME, ATTEST_TDX_PCK_ISSUER,
    ATTEST_TDX_PCK_CA,        ATTEST_TDX_PCK_KEY,  ATTEST_TDX_PCK_ALGORITHM,
    ATTEST_TDX_PCK_SIGNATURE, ATTEST_TDX_PCK_TIME, "Intel SGX PCK Certificate"};
static const struct cert_faults tcb_faults = {
    ATTEST_TDX_TCB_CERT_PARSE,     ATTEST_TDX_TCB_CERT_NAME, ATTEST_TDX_TCB_CERT_ISSUER,
    ATTEST_TDX_TCB_CERT_CA,        ATTEST_TDX_TCB_CERT_KEY,  ATTEST_TDX_TCB_CERT_ALGORITHM,
    ATTEST_TDX_TCB_CERT_SIGNATURE, ATTEST_TDX_TCB_CERT_TIME, "Intel SGX TCB Signing"};
static const struct cert_faults qe_faults = {
    ATTEST_TDX_QE_CERT_PARSE,     ATTEST_TDX_QE_CERT_NAME, ATTEST_TDX_QE_CERT_ISSUER,
    ATTEST_TDX_QE_CERT_CA,        ATTEST_TDX_QE_CERT_KEY,  ATTEST_TDX_QE_CERT_ALGORITHM,
    ATTEST_TDX_QE_CERT_SIGNATURE, ATTEST_TDX_QE_CERT_TIME, "Intel SGX TCB Signing"};
static const struct list_faults root_crl_faults = {
    ATTEST_TDX_ROOT_CRL_PARSE,     ATTEST_TDX_ROOT_CRL_ISSUER, ATTEST_TDX_ROOT_CRL_ALGORITHM,
    ATTEST_TDX_ROOT_CRL_SIGNATURE, ATTEST_TDX_ROOT_CRL_TIME,   ATTEST_TDX_ROOT_CRL_REVOKED};
static const struct list_faults pck_crl_faults = {
    ATTEST_TDX_PCK_CRL_PARSE,     ATTEST_TDX_PCK_CRL_ISSUER, ATTEST_TDX_PCK_CRL_ALGORITHM,
    ATTEST_TDX_PCK_CRL_SIGNATURE, ATTEST_TDX_PCK_CRL_TIME,   ATTEST_TDX_PCK_CRL_REVOKED};

/* ---- signatures ---- */

bool tdx_signed_by(struct view bytes, const uint8_t sig[P256_SIG_LEN],
                   const uint8_t key[P256_PUBLIC_LEN])
{
    uint8_t digest[P256_DIGEST_LEN];

    hash_once(HASH_SHA256, bytes, digest);
    return p256_verify(key, digest, sig) == ERR_OK;
}

/* An INTEGER that is positive and fits, as P256_SCALAR_LEN bytes. */
static enum err read_scalar(struct reader *r, uint8_t out[P256_SCALAR_LEN])
{
    struct view body;

    TRY(der_read_integer(r, &body));
    if (body.n > 1 && body.p[0] == 0) {
        body = (struct view){body.p + 1, body.n - 1};
    } else if ((body.p[0] & 0x80) != 0) {
        return ERR_RANGE;
    }
    if (body.n > P256_SCALAR_LEN) {
        return ERR_RANGE;
    }
    memset(out, 0, P256_SCALAR_LEN);
    memcpy(out + P256_SCALAR_LEN - body.n, body.p, body.n);
    return ERR_OK;
}

/* ECDSA-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }, RFC 3279 2.2.3 */
static enum err read_signature(struct view der, uint8_t out[P256_SIG_LEN])
{
    struct reader r = rd_init(der);
    struct reader seq;

    TRY(der_enter(&r, DER_SEQUENCE, &seq));
    TRY(rd_finish(&r));
    TRY(read_scalar(&seq, out));
    TRY(read_scalar(&seq, out + P256_SCALAR_LEN));
    return rd_finish(&seq);
}

/* ecdsa-with-SHA256 without parameters, RFC 5758 3.2. */
static enum attest_fault check_signature(struct view tbs, const struct alg_id *alg,
                                         struct view signature, const struct tdx_issuer *by,
                                         enum attest_fault bad_algorithm,
                                         enum attest_fault bad_signature)
{
    uint8_t sig[P256_SIG_LEN];

    if (oid_find(alg->oid) != OID_ECDSA_SHA256 || alg->params.n > 0) {
        return bad_algorithm;
    }
    if (read_signature(signature, sig) != ERR_OK || !tdx_signed_by(tbs, sig, by->public_key)) {
        return bad_signature;
    }
    return ATTEST_OK;
}

bool tdx_chain_narrow(struct tdx_chain *c, int64_t from_s, int64_t until_s, int64_t at_s)
{
    c->from_s = from_s > c->from_s ? from_s : c->from_s;
    c->until_s = until_s < c->until_s ? until_s : c->until_s;
    return from_s <= at_s && at_s <= until_s;
}

/* ---- certificates ---- */

/* subjectPublicKey: id-ecPublicKey with secp256r1, uncompressed. */
static bool read_key(const struct cert_ids *c, uint8_t out[P256_PUBLIC_LEN])
{
    static const uint8_t secp256r1[] = {0x06, 0x08, 0x2a, 0x86, 0x48,
                                        0xce, 0x3d, 0x03, 0x01, 0x07};

    if (oid_find(c->key_alg.oid) != OID_EC_PUBLIC_KEY ||
        !view_equal(c->key_alg.params, (struct view){secp256r1, sizeof secp256r1}) ||
        c->public_key.n != P256_PUBLIC_LEN + 1 || c->public_key.p[0] != 4 ||
        p256_check_public(c->public_key.p + 1) != ERR_OK) {
        return false;
    }
    memcpy(out, c->public_key.p + 1, P256_PUBLIC_LEN);
    return true;
}

static bool is_ca(const struct cert *c, uint8_t usage)
{
    return c->ca && (c->key_usage & usage) == usage;
}

/* Key, who signed it, and when it holds. key may be that of by: a root signs itself. */
static enum attest_fault check_cert(struct tdx_chain *chain, const struct cert *c,
                                    const struct tdx_issuer *by, int64_t at_s,
                                    const struct cert_faults *f, uint8_t key[P256_PUBLIC_LEN])
{
    if (!read_key(&c->ids, key)) {
        return f->key;
    }
    ATTEST_TRY(check_signature(c->ids.tbs, &c->ids.signature_alg, c->ids.signature, by,
                               f->algorithm, f->signature));
    return tdx_chain_narrow(chain, c->ids.not_before.s, c->ids.not_after.s, at_s) ? ATTEST_OK
                                                                                  : f->time;
}

static enum attest_fault check_root(struct tdx_chain *chain, const struct tdx_roots *roots,
                                    int64_t at_s)
{
    uint8_t pin[TDX_PIN_LEN];
    struct cert c;

    if (cert_parse(chain->certs[ROOT], &c) != ERR_OK) {
        return root_faults.parse;
    }
    hash_once(HASH_SHA256, c.ids.spki, pin);
    for (size_t i = 0; i < roots->n; i++) {
        if (memcmp(roots->p[i].pin, pin, sizeof pin) == 0) {
            chain->assurance = roots->p[i].assurance;
        }
    }
    if (chain->assurance == ATTEST_ASSURANCE_NONE) {
        return ATTEST_TDX_ROOT_PIN;
    }
    if (!view_equal(c.ids.issuer, c.ids.subject)) {
        return root_faults.issuer;
    }
    if (!is_ca(&c, CERT_KEY_CERT_SIGN | CERT_CRL_SIGN)) {
        return root_faults.ca;
    }
    chain->root.name = c.ids.subject;
    return check_cert(chain, &c, &chain->root, at_s, &root_faults, chain->root.public_key);
}

static enum attest_fault check_ca(struct tdx_chain *chain, int64_t at_s)
{
    struct cert c;

    if (cert_parse(chain->certs[CA], &c) != ERR_OK) {
        return ca_faults.parse;
    }
    const struct view cn = snp_common_name(c.ids.subject);

    if (!attest_text_is(cn, "Intel SGX PCK Platform CA") &&
        !attest_text_is(cn, "Intel SGX PCK Processor CA")) {
        return ca_faults.name;
    }
    if (!view_equal(c.ids.issuer, chain->root.name)) {
        return ca_faults.issuer;
    }
    if (!is_ca(&c, CERT_KEY_CERT_SIGN | CERT_CRL_SIGN)) {
        return ca_faults.ca;
    }
    chain->ca.name = c.ids.subject;
    chain->ca_serial = c.ids.serial;
    return check_cert(chain, &c, &chain->root, at_s, &ca_faults, chain->ca.public_key);
}

/* A certificate that issues nothing. */
static enum attest_fault check_leaf(struct tdx_chain *chain, struct view der,
                                    const struct tdx_issuer *by, int64_t at_s,
                                    const struct cert_faults *f, struct cert *c,
                                    uint8_t key[P256_PUBLIC_LEN])
{
    if (cert_parse(der, c) != ERR_OK) {
        return f->parse;
    }
    if (!attest_text_is(snp_common_name(c->ids.subject), f->common_name)) {
        return f->name;
    }
    if (!view_equal(c->ids.issuer, by->name)) {
        return f->issuer;
    }
    if (c->ca) {
        return f->ca;
    }
    return check_cert(chain, c, by, at_s, f, key);
}

static enum attest_fault check_pck(struct tdx_chain *chain, int64_t at_s)
{
    struct cert c;

    ATTEST_TRY(check_leaf(chain, chain->certs[LEAF], &chain->ca, at_s, &pck_faults, &c,
                          chain->pck_key));
    chain->pck_serial = c.ids.serial;
    return tdx_pck_parse(&c, &chain->pck);
}

static bool is_blank(struct view v)
{
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] != ' ' && v.p[i] != '\r' && v.p[i] != '\n') {
            return false;
        }
    }
    return true;
}

static enum attest_fault read_pem(struct view pem, struct tdx_chain *c)
{
    struct reader r = rd_init(pem);

    if (pem.n > 0 && pem.p[pem.n - 1] == 0) {
        r.n--;
    }
    for (size_t i = LEAF; i <= ROOT; i++) {
        if (pem_parse(&r, "CERTIFICATE", c->der[i], sizeof c->der[i], &c->certs[i]) != ERR_OK) {
            return ATTEST_TDX_CHAIN_PEM;
        }
    }
    return is_blank((struct view){r.p, r.n}) ? ATTEST_OK : ATTEST_TDX_CHAIN_PEM;
}

enum attest_fault tdx_chain_verify(struct view pem, const struct tdx_roots *roots, int64_t at_s,
                                   struct tdx_chain *out)
{
    memset(out, 0, sizeof *out);
    out->from_s = INT64_MIN;
    out->until_s = INT64_MAX;
    enum attest_fault f = read_pem(pem, out);

    if (f == ATTEST_OK) {
        f = check_root(out, roots, at_s);
    }
    if (f == ATTEST_OK) {
        f = check_ca(out, at_s);
    }
    if (f == ATTEST_OK) {
        f = check_pck(out, at_s);
    }
    if (f != ATTEST_OK) {
        memset(out, 0, sizeof *out);
    }
    return f;
}

/* ---- revocation ---- */

static enum attest_fault check_list(struct tdx_chain *c, struct view der,
                                    const struct tdx_issuer *by, struct view serial,
                                    int64_t at_s, const struct list_faults *f)
{
    struct crl crl;

    if (der.n > TDX_CRL_MAX || crl_parse(der, &crl) != ERR_OK) {
        return f->parse;
    }
    if (!view_equal(crl.issuer, by->name)) {
        return f->issuer;
    }
    ATTEST_TRY(
        check_signature(crl.tbs, &crl.alg, crl.signature, by, f->algorithm, f->signature));
    if (!crl.has_next_update ||
        !tdx_chain_narrow(c, crl.this_update.s, crl.next_update.s, at_s)) {
        return f->time;
    }
    return crl_revokes(&crl, serial) ? f->revoked : ATTEST_OK;
}

enum attest_fault tdx_chain_check_lists(struct tdx_chain *c, struct view root_crl,
                                        struct view pck_crl, int64_t at_s)
{
    ATTEST_TRY(check_list(c, root_crl, &c->root, c->ca_serial, at_s, &root_crl_faults));
    return check_list(c, pck_crl, &c->ca, c->pck_serial, at_s, &pck_crl_faults);
}

/* ---- who signs collateral ---- */

enum attest_fault tdx_chain_signer(struct tdx_chain *c, enum tdx_signs what, struct view pem,
                                   struct view root_crl, int64_t at_s,
                                   uint8_t key[P256_PUBLIC_LEN])
{
    const bool tcb = what == TDX_SIGNS_TCB_INFO;
    const struct cert_faults *const f = tcb ? &tcb_faults : &qe_faults;
    uint8_t der[TDX_CERT_MAX];
    struct reader r = rd_init(pem);
    struct view leaf;
    struct cert cert;
    struct crl crl;

    memset(key, 0, P256_PUBLIC_LEN);
    if (pem_parse(&r, "CERTIFICATE", der, sizeof der, &leaf) != ERR_OK) {
        return f->parse;
    }
    enum attest_fault fault = check_leaf(c, leaf, &c->root, at_s, f, &cert, key);

    if (fault == ATTEST_OK &&
        (crl_parse(root_crl, &crl) != ERR_OK || crl_revokes(&crl, cert.ids.serial))) {
        fault = tcb ? ATTEST_TDX_TCB_CERT_REVOKED : ATTEST_TDX_QE_CERT_REVOKED;
    }
    if (fault != ATTEST_OK) {
        memset(key, 0, P256_PUBLIC_LEN);
    }
    return fault;
}

enum attest_fault tdx_chain_peek(struct view pem, struct tdx_pck *out)
{
    uint8_t der[TDX_CERT_MAX];
    struct reader r = rd_init(pem);
    struct view leaf;
    struct cert c;

    memset(out, 0, sizeof *out);
    if (pem_parse(&r, "CERTIFICATE", der, sizeof der, &leaf) != ERR_OK) {
        return ATTEST_TDX_CHAIN_PEM;
    }
    return cert_parse(leaf, &c) == ERR_OK ? tdx_pck_parse(&c, out) : ATTEST_TDX_PCK_PARSE;
}
