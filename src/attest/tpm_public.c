#include "attest/tpm_public.h"

#include "attest/rsa_spki.h"
#include "crypto/hash.h"
#include "format/cert_ids.h"

#include <string.h>

/* Part 2, 6.3 */
#define TPM_ALG_RSA 0x0001
#define TPM_ALG_SHA256 0x000b
#define TPM_ALG_NULL 0x0010
#define TPM_ALG_RSASSA 0x0014
#define TPM_ALG_RSAPSS 0x0016
#define EXPONENT 65537U
#define AUTH_POLICY_MAX 64

/* TPMA_OBJECT, part 2, 8.3.2 */
#define FIXED_TPM (1U << 1)
#define FIXED_PARENT (1U << 4)
#define SENSITIVE_DATA_ORIGIN (1U << 5)
#define RESTRICTED (1U << 16)
#define DECRYPT (1U << 17)
#define SIGN (1U << 18)
#define WANTED (FIXED_TPM | FIXED_PARENT | SENSITIVE_DATA_ORIGIN | RESTRICTED | SIGN)

static enum attest_fault formed(enum err e)
{
    return e == ERR_OK ? ATTEST_OK : ATTEST_AK_PUBLIC;
}

static enum attest_fault take_sized(struct reader *r, struct view *out)
{
    uint16_t n = 0;

    ATTEST_TRY(formed(rd_u16be(r, &n)));
    return formed(rd_take(r, n, out));
}

/* TPMT_RSA_SCHEME, 11.2.4.2: none, or a signature's with its hash */
static enum attest_fault read_scheme(struct reader *r, struct tpm_public *out)
{
    uint16_t scheme = 0;
    uint16_t hash = 0;

    ATTEST_TRY(formed(rd_u16be(r, &scheme)));
    if (scheme == TPM_ALG_NULL) {
        return ATTEST_OK;
    }
    if (scheme != TPM_ALG_RSASSA && scheme != TPM_ALG_RSAPSS) {
        return ATTEST_AK_KEY;
    }
    ATTEST_TRY(formed(rd_u16be(r, &hash)));
    if (hash != TPM_ALG_SHA256) {
        return ATTEST_AK_KEY;
    }
    out->scheme = scheme == TPM_ALG_RSAPSS ? RSA_SCHEME_PSS : RSA_SCHEME_PKCS1;
    return ATTEST_OK;
}

/* TPMS_RSA_PARMS and TPM2B_PUBLIC_KEY_RSA, 12.2.3.5 and 11.2.4.5; exponent 0 is 65537 */
static enum attest_fault read_key(struct reader *r, struct tpm_public *out)
{
    uint16_t symmetric = 0;
    uint16_t bits = 0;
    uint32_t exponent = 0;
    struct view modulus;

    ATTEST_TRY(formed(rd_u16be(r, &symmetric)));
    if (symmetric != TPM_ALG_NULL) { /* only keys that decrypt have one */
        return ATTEST_AK_KEY;
    }
    ATTEST_TRY(read_scheme(r, out));
    ATTEST_TRY(formed(rd_u16be(r, &bits)));
    ATTEST_TRY(formed(rd_u32be(r, &exponent)));
    ATTEST_TRY(take_sized(r, &modulus));
    if (bits != 8 * RSA_2048_LEN || (exponent != 0 && exponent != EXPONENT) ||
        modulus.n != RSA_2048_LEN) {
        return ATTEST_AK_KEY;
    }
    memcpy(out->modulus, modulus.p, RSA_2048_LEN);
    return ATTEST_OK;
}

static enum attest_fault read_area(struct view area, struct tpm_public *out)
{
    struct reader r = rd_init(area);
    uint16_t type = 0;
    uint16_t name_alg = 0;
    struct view policy;

    ATTEST_TRY(formed(rd_u16be(&r, &type)));
    ATTEST_TRY(formed(rd_u16be(&r, &name_alg)));
    if (type != TPM_ALG_RSA || name_alg != TPM_ALG_SHA256) {
        return ATTEST_AK_KEY;
    }
    ATTEST_TRY(formed(rd_u32be(&r, &out->attributes)));
    if ((out->attributes & WANTED) != WANTED || (out->attributes & DECRYPT) != 0) {
        return ATTEST_AK_ATTRIBUTES;
    }
    ATTEST_TRY(take_sized(&r, &policy));
    if (policy.n > AUTH_POLICY_MAX) {
        return ATTEST_AK_PUBLIC;
    }
    ATTEST_TRY(read_key(&r, out));
    return formed(rd_finish(&r));
}

static enum attest_fault parse_all(struct view in, struct tpm_public *out)
{
    struct reader r = rd_init(in);
    struct view area;

    if (in.n > TPM_PUBLIC_MAX) {
        return ATTEST_AK_PUBLIC;
    }
    ATTEST_TRY(take_sized(&r, &area));
    ATTEST_TRY(formed(rd_finish(&r)));
    ATTEST_TRY(read_area(area, out));
    out->name[0] = TPM_ALG_SHA256 >> 8;
    out->name[1] = TPM_ALG_SHA256 & 0xff;
    hash_once(HASH_SHA256, area, out->name + 2);
    return ATTEST_OK;
}

enum attest_fault tpm_public_parse(struct view in, struct tpm_public *out)
{
    memset(out, 0, sizeof *out);
    const enum attest_fault f = parse_all(in, out);

    if (f != ATTEST_OK) {
        memset(out, 0, sizeof *out);
    }
    return f;
}

enum attest_fault ak_cert_check(struct view der, const uint8_t modulus[RSA_2048_LEN])
{
    struct cert_ids ids;
    uint8_t own[RSA_2048_LEN];

    if (der.n > AK_CERT_MAX || cert_ids_parse(der, &ids) != ERR_OK ||
        rsa_spki_read(&ids, own, sizeof own) != ERR_OK ||
        memcmp(own, modulus, sizeof own) != 0) {
        return ATTEST_AK_CERT;
    }
    return ATTEST_OK;
}
