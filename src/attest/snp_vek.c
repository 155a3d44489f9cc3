#include "attest/snp_vek.h"

#include "attest/attest_text.h"
#include "crypto/hash.h"

#include <string.h>

#define DER_TAG_IA5_STRING 0x16
#define STEPPING_MAX 4 /* of "Milan-B0", behind the hyphen */

/* What stands at 1.3.6.1.4.1.3704.1.; n == 0: absent. No value is empty. */
struct vek_extensions {
    struct view struct_version, product_name, hwid, csp_id;
    struct view spl[10]; /* .3.1 to .3.9 */
};

/* Where it goes, by the arcs behind ours; NULL: none of ours to read. */
static struct view *slot_of(struct view tail, struct vek_extensions *out)
{
    if (tail.n == 2 && tail.p[0] == 3 && tail.p[1] >= 1 && tail.p[1] <= 9) {
        return &out->spl[tail.p[1]];
    }
    if (tail.n != 1) {
        return NULL;
    }
    return tail.p[0] == 1   ? &out->struct_version
           : tail.p[0] == 2 ? &out->product_name
           : tail.p[0] == 4 ? &out->hwid
           : tail.p[0] == 5 ? &out->csp_id
                            : NULL;
}

/* cert_parse() has refused critical ones, and any that stands twice. */
static bool sort_extension(const struct extension *x, struct vek_extensions *out)
{
    static const uint8_t arc[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x01};
    struct reader r = rd_init(x->type);
    struct view head;

    if (rd_take(&r, sizeof arc, &head) != ERR_OK ||
        !view_equal(head, (struct view){arc, sizeof arc})) {
        return true;
    }
    struct view *const slot = slot_of((struct view){r.p, r.n}, out);

    if (slot) {
        *slot = x->value;
    }
    return !slot || x->value.n > 0;
}

static enum attest_fault sort_extensions(const struct cert *c, struct vek_extensions *out)
{
    struct reader list = rd_init(c->ids.extensions);
    struct extension x;

    while (list.n > 0) {
        if (extension_next(&list, &x) != ERR_OK || !sort_extension(&x, out)) {
            return ATTEST_VEK_PARSE;
        }
    }
    return ATTEST_OK;
}

/* subjectPublicKey: id-ecPublicKey with secp384r1, uncompressed. */
static enum attest_fault read_key(const struct cert_ids *c, struct snp_vek *out)
{
    static const uint8_t secp384r1[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};

    if (oid_find(c->key_alg.oid) != OID_EC_PUBLIC_KEY ||
        !view_equal(c->key_alg.params, (struct view){secp384r1, sizeof secp384r1}) ||
        c->public_key.n != P384_PUBLIC_LEN || p384_check_public(c->public_key.p) != ERR_OK) {
        return ATTEST_VEK_KEY;
    }
    memcpy(out->public_key, c->public_key.p, P384_PUBLIC_LEN);
    return ATTEST_OK;
}

static enum attest_fault read_signer(const struct cert_ids *c, struct snp_vek *out)
{
    const struct view cn = snp_common_name(c->subject);

    if (!attest_text_is(cn, "SEV-VCEK") && !attest_text_is(cn, "SEV-VLEK")) {
        return ATTEST_VEK_SIGNER;
    }
    out->signer = attest_text_is(cn, "SEV-VLEK") ? SNP_SIGNER_VLEK : SNP_SIGNER_VCEK;
    return ATTEST_OK;
}

/* INTEGER from 0 to max, and nothing after it. */
static bool read_number(struct view value, uint32_t max, uint32_t *out)
{
    struct reader r = rd_init(value);
    struct view body;

    *out = 0;
    return der_read_integer(&r, &body) == ERR_OK && r.n == 0 &&
           der_small(body, max, out) == ERR_OK;
}

static bool read_ia5(struct view value, struct view *text)
{
    struct reader r = rd_init(value);
    struct der_element el;

    *text = (struct view){NULL, 0};
    if (der_read_any(&r, &el) != ERR_OK || el.tag != DER_TAG_IA5_STRING || r.n > 0) {
        return false;
    }
    *text = el.body;
    return true;
}

/* "-B0", or nothing. */
static bool is_stepping(struct view v)
{
    if (v.n == 0) {
        return true;
    }
    if (v.n < 2 || v.n > 1 + STEPPING_MAX || v.p[0] != '-') {
        return false;
    }
    for (size_t i = 1; i < v.n; i++) {
        if (!((v.p[i] >= 'A' && v.p[i] <= 'Z') || (v.p[i] >= '0' && v.p[i] <= '9'))) {
            return false;
        }
    }
    return true;
}

static enum attest_fault read_product(const struct vek_extensions *x, struct snp_vek *out)
{
    struct view name;

    if (!read_ia5(x->product_name, &name)) {
        return ATTEST_VEK_PRODUCT;
    }
    for (int line = SNP_LINE_MILAN; line < SNP_LINE_COUNT; line++) {
        struct view rest = name;

        if (attest_text_skip(&rest, snp_line_name((enum snp_line)line)) && is_stepping(rest)) {
            out->line = (enum snp_line)line;
            return ATTEST_OK;
        }
    }
    return ATTEST_VEK_PRODUCT;
}

static enum attest_fault check_struct_version(const struct vek_extensions *x,
                                              enum snp_line line)
{
    uint32_t v = 0;

    if (!read_number(x->struct_version, 1, &v) ||
        v != (snp_line_layout(line) == SNP_LINE_TURIN ? 1U : 0U)) {
        return ATTEST_VEK_STRUCT_VERSION;
    }
    return ATTEST_OK;
}

/* One security patch level. Absent is fine where there need be none: then it is zero. */
static bool read_spl(struct view value, bool needed, uint8_t max, uint8_t *out)
{
    uint32_t v = 0;

    *out = 0;
    if (value.n == 0) {
        return !needed;
    }
    if (!read_number(value, max, &v)) {
        return false;
    }
    *out = (uint8_t)v;
    return true;
}

/* .3.1 boot loader, .3.2 TEE, .3.3 SNP, .3.4 to .3.7 unused, .3.8 microcode, .3.9 FMC of Turin
 */
static enum attest_fault read_spls(const struct vek_extensions *x, struct snp_vek *out)
{
    const bool turin = snp_line_layout(out->line) == SNP_LINE_TURIN;
    struct snp_tcb t = {0};
    bool good = read_spl(x->spl[1], true, UINT8_MAX, &t.bootloader) &&
                read_spl(x->spl[2], true, UINT8_MAX, &t.tee) &&
                read_spl(x->spl[3], true, UINT8_MAX, &t.snp) &&
                read_spl(x->spl[8], true, UINT8_MAX, &t.microcode) &&
                read_spl(x->spl[9], turin, turin ? UINT8_MAX : 0, &t.fmc);

    for (size_t i = 4; good && i <= 7; i++) {
        uint8_t unused = 0;

        good = read_spl(x->spl[i], false, 0, &unused);
    }
    if (!good) {
        return ATTEST_VEK_SPL;
    }
    out->tcb = t;
    return ATTEST_OK;
}

/* extnValue holds the bytes themselves, without an OCTET STRING around them; some have one. */
static enum attest_fault read_hwid(const struct vek_extensions *x, struct snp_vek *out)
{
    const size_t len =
        snp_line_layout(out->line) == SNP_LINE_TURIN ? SNP_CHIP_ID_TURIN_LEN : SNP_CHIP_ID_LEN;
    struct reader r = rd_init(x->hwid);
    struct view inner;

    if (out->signer == SNP_SIGNER_VLEK) {
        if (x->hwid.n > 0) {
            return ATTEST_VEK_HWID;
        }
        return ATTEST_OK;
    }
    inner = x->hwid;
    if (inner.n != len && (der_read(&r, DER_OCTETS, &inner) != ERR_OK || r.n > 0)) {
        return ATTEST_VEK_HWID;
    }
    if (inner.n != len) {
        return ATTEST_VEK_HWID;
    }
    memcpy(out->hwid, inner.p, len);
    return ATTEST_OK;
}

static enum attest_fault read_csp_id(const struct vek_extensions *x, struct snp_vek *out)
{
    struct view id;

    if (out->signer == SNP_SIGNER_VCEK) {
        if (x->csp_id.n > 0) {
            return ATTEST_VEK_CSP_ID;
        }
        return ATTEST_OK;
    }
    if (!read_ia5(x->csp_id, &id) || id.n == 0 || id.n > SNP_CSP_ID_MAX) {
        return ATTEST_VEK_CSP_ID;
    }
    memcpy(out->csp_id, id.p, id.n);
    out->csp_id_len = id.n;
    return ATTEST_OK;
}

static enum attest_fault parse_all(struct view der, struct cert *c, struct snp_vek *out)
{
    struct vek_extensions x = {0};

    if (der.n > SNP_CERT_MAX || cert_parse(der, c) != ERR_OK) {
        return ATTEST_VEK_PARSE;
    }
    ATTEST_TRY(sort_extensions(c, &x));
    ATTEST_TRY(read_key(&c->ids, out));
    ATTEST_TRY(read_signer(&c->ids, out));
    ATTEST_TRY(read_product(&x, out));
    ATTEST_TRY(check_struct_version(&x, out->line));
    ATTEST_TRY(read_spls(&x, out));
    ATTEST_TRY(read_hwid(&x, out));
    ATTEST_TRY(read_csp_id(&x, out));
    const struct view serial = c->ids.serial;

    /* KDS gives every VCEK the serial number 0. */
    if ((serial.p[0] & 0x80) != 0 ||
        (out->signer == SNP_SIGNER_VLEK && serial.n == 1 && serial.p[0] == 0)) {
        return ATTEST_VEK_SERIAL;
    }
    if (c->ca) {
        return ATTEST_VEK_CA;
    }
    out->from_s = c->ids.not_before.s;
    out->until_s = c->ids.not_after.s;
    return ATTEST_OK;
}

enum attest_fault snp_vek_parse(struct view der, struct snp_vek *out)
{
    struct cert c;

    *out = (struct snp_vek){0};
    const enum attest_fault f = parse_all(der, &c, out);

    if (f != ATTEST_OK) {
        *out = (struct snp_vek){0};
    }
    return f;
}

static enum attest_fault check_issuer(const struct cert_ids *c, const struct snp_issuer *issuer,
                                      const struct snp_vek *vek)
{
    uint8_t digest[SNP_NAME_DIGEST_LEN];

    hash_once(HASH_SHA256, c->issuer, digest);
    if (memcmp(digest, issuer->name_digest, sizeof digest) != 0) {
        return ATTEST_VEK_ISSUER;
    }
    if (vek->signer != issuer->signs) {
        return ATTEST_VEK_KIND;
    }
    if (vek->line != issuer->line) {
        return ATTEST_VEK_LINE;
    }
    const enum snp_signed s =
        snp_signed_by(c->tbs, &c->signature_alg, c->signature, issuer->modulus);

    if (s != SNP_SIGNED_OK) {
        return s == SNP_SIGNED_ALGORITHM ? ATTEST_VEK_ALGORITHM : ATTEST_VEK_SIGNATURE;
    }
    return ATTEST_OK;
}

static enum attest_fault verify_all(struct view der, const struct snp_issuer *issuer,
                                    int64_t at_s, struct snp_vek *out)
{
    struct cert c;

    ATTEST_TRY(parse_all(der, &c, out));
    ATTEST_TRY(check_issuer(&c.ids, issuer, out));
    out->from_s = issuer->from_s > out->from_s ? issuer->from_s : out->from_s;
    out->until_s = issuer->until_s < out->until_s ? issuer->until_s : out->until_s;
    if (at_s < out->from_s || at_s > out->until_s) {
        return ATTEST_VEK_TIME;
    }
    out->assurance = issuer->assurance;
    out->crl_checked = issuer->crl_checked;
    return ATTEST_OK;
}

enum attest_fault snp_vek_verify(struct view der, const struct snp_issuer *issuer, int64_t at_s,
                                 struct snp_vek *out)
{
    *out = (struct snp_vek){0};
    const enum attest_fault f = verify_all(der, issuer, at_s, out);

    if (f != ATTEST_OK) {
        *out = (struct snp_vek){0};
    }
    return f;
}

enum attest_fault snp_vek_check_report(const struct snp_vek *vek, const struct snp_report *r)
{
    struct snp_tcb reported;

    if (r->signer != vek->signer) {
        return ATTEST_MATCH_SIGNER;
    }
    ATTEST_TRY(snp_report_check_line(r, vek->line));
    ATTEST_TRY(snp_tcb_decode(r->reported_tcb, vek->line, &reported));
    if (!snp_tcb_equal(&reported, &vek->tcb)) {
        return ATTEST_MATCH_TCB;
    }
    if (vek->signer == SNP_SIGNER_VCEK && !r->mask_chip_key &&
        memcmp(vek->hwid, r->chip_id, sizeof vek->hwid) != 0) {
        return ATTEST_MATCH_CHIP;
    }
    return ATTEST_OK;
}
