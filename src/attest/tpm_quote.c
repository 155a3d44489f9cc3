#include "attest/tpm_quote.h"

#include "crypto/hash.h"

#include <string.h>

/* Part 2, 6.2, 6.3 and 6.9 */
#define TPM_GENERATED_VALUE 0xff544347U
#define TPM_ST_ATTEST_QUOTE 0x8018
#define TPM_ALG_SHA256 0x000b
#define TPM_ALG_RSASSA 0x0014
#define TPM_ALG_RSAPSS 0x0016

static enum attest_fault formed(enum err e)
{
    return e == ERR_OK ? ATTEST_OK : ATTEST_QUOTE_FORM;
}

/* A TPM2B of at most max bytes. */
static enum attest_fault take_sized(struct reader *r, size_t max, struct view *out)
{
    uint16_t n = 0;

    ATTEST_TRY(formed(rd_u16be(r, &n)));
    if (n > max) {
        return ATTEST_QUOTE_FORM;
    }
    return formed(rd_take(r, n, out));
}

/* TPMS_CLOCK_INFO, 10.11.1 */
static enum attest_fault read_clock(struct reader *r, struct tpm_quote *q)
{
    uint8_t safe = 0;

    ATTEST_TRY(formed(rd_u64be(r, &q->clock_ms)));
    ATTEST_TRY(formed(rd_u32be(r, &q->reset_count)));
    ATTEST_TRY(formed(rd_u32be(r, &q->restart_count)));
    ATTEST_TRY(formed(rd_u8(r, &safe)));
    if (safe > 1) { /* TPMI_YES_NO */
        return ATTEST_QUOTE_FORM;
    }
    q->clock_safe = safe == 1;
    return ATTEST_OK;
}

/* TPML_PCR_SELECTION of one TPMS_PCR_SELECTION, 10.6.2: bit 0 of the first byte is PCR 0 */
static enum attest_fault read_selection(struct reader *r, struct tpm_quote *q)
{
    uint32_t count = 0;
    uint16_t hash = 0;
    uint8_t n = 0;
    uint8_t select[TPM_PCRS / 8];

    ATTEST_TRY(formed(rd_u32be(r, &count)));
    if (count != 1) {
        return ATTEST_QUOTE_SELECTION;
    }
    ATTEST_TRY(formed(rd_u16be(r, &hash)));
    ATTEST_TRY(formed(rd_u8(r, &n)));
    if (hash != TPM_ALG_SHA256 || n != sizeof select) {
        return ATTEST_QUOTE_SELECTION;
    }
    ATTEST_TRY(formed(rd_copy(r, select, sizeof select)));
    q->pcr_mask = select[0] | (uint32_t)select[1] << 8 | (uint32_t)select[2] << 16;
    return q->pcr_mask != 0 ? ATTEST_OK : ATTEST_QUOTE_SELECTION;
}

/* TPMS_ATTEST with TPMS_QUOTE_INFO, 10.12.8 and 10.12.1 */
static enum attest_fault read_attest(struct tpm_quote *q)
{
    struct reader r = rd_init(q->attest);
    uint32_t magic = 0;
    uint16_t type = 0;

    ATTEST_TRY(formed(rd_u32be(&r, &magic)));
    if (magic != TPM_GENERATED_VALUE) {
        return ATTEST_QUOTE_MAGIC;
    }
    ATTEST_TRY(formed(rd_u16be(&r, &type)));
    if (type != TPM_ST_ATTEST_QUOTE) {
        return ATTEST_QUOTE_TYPE;
    }
    ATTEST_TRY(take_sized(&r, TPM_NAME_MAX, &q->qualified_signer));
    ATTEST_TRY(take_sized(&r, TPM_EXTRA_DATA_MAX, &q->extra_data));
    ATTEST_TRY(read_clock(&r, q));
    ATTEST_TRY(formed(rd_u64be(&r, &q->firmware_version)));
    ATTEST_TRY(read_selection(&r, q));
    ATTEST_TRY(take_sized(&r, TPM_PCR_LEN, &q->pcr_digest));
    return formed(rd_finish(&r));
}

/* TPMT_SIGNATURE with TPMS_SIGNATURE_RSA, 11.3.4 and 11.2.4.1 */
static enum attest_fault read_signature(struct reader *r, struct tpm_quote *q)
{
    uint16_t alg = 0;
    uint16_t hash = 0;
    uint16_t n = 0;

    ATTEST_TRY(formed(rd_u16be(r, &alg)));
    ATTEST_TRY(formed(rd_u16be(r, &hash)));
    ATTEST_TRY(formed(rd_u16be(r, &n)));
    if ((alg != TPM_ALG_RSASSA && alg != TPM_ALG_RSAPSS) || hash != TPM_ALG_SHA256 ||
        n != RSA_2048_LEN) {
        return ATTEST_QUOTE_ALGORITHM;
    }
    q->scheme = alg == TPM_ALG_RSAPSS ? RSA_SCHEME_PSS : RSA_SCHEME_PKCS1;
    return formed(rd_take(r, n, &q->signature));
}

static size_t selected_below(const struct tpm_quote *q, unsigned index)
{
    size_t n = 0;

    for (unsigned i = 0; i < index; i++) {
        n += q->pcr_mask >> i & 1U;
    }
    return n;
}

static enum attest_fault parse_all(struct view in, struct tpm_quote *q)
{
    struct reader r = rd_init(in);

    if (in.n > TPM_QUOTE_MAX) {
        return ATTEST_QUOTE_SIZE;
    }
    ATTEST_TRY(take_sized(&r, TPM_QUOTE_MAX, &q->attest));
    ATTEST_TRY(read_attest(q));
    ATTEST_TRY(read_signature(&r, q));
    q->pcrs = (struct view){r.p, r.n};
    if (r.n != selected_below(q, TPM_PCRS) * TPM_PCR_LEN) {
        return ATTEST_QUOTE_PCRS;
    }
    return ATTEST_OK;
}

enum attest_fault tpm_quote_parse(struct view in, struct tpm_quote *out)
{
    memset(out, 0, sizeof *out);
    const enum attest_fault f = parse_all(in, out);

    if (f != ATTEST_OK) {
        memset(out, 0, sizeof *out);
    }
    return f;
}

enum attest_fault tpm_quote_verify(const struct tpm_quote *q,
                                   const uint8_t modulus[RSA_2048_LEN])
{
    uint8_t digest[RSA_2048_DIGEST_LEN];
    enum err e = ERR_OK;

    hash_once(HASH_SHA256, q->attest, digest);
    e = rsa_2048_verify(q->scheme, modulus, digest, q->signature.p);
    if (e != ERR_OK) {
        return e == ERR_RANGE ? ATTEST_QUOTE_KEY : ATTEST_QUOTE_SIGNATURE;
    }
    hash_once(HASH_SHA256, q->pcrs, digest);
    if (!view_equal(q->pcr_digest, (struct view){digest, sizeof digest})) {
        return ATTEST_QUOTE_DIGEST;
    }
    return ATTEST_OK;
}

struct view tpm_quote_pcr(const struct tpm_quote *q, unsigned index)
{
    struct reader r = rd_init(q->pcrs);
    struct view v = {NULL, 0};

    if (index >= TPM_PCRS || (q->pcr_mask >> index & 1U) == 0 ||
        rd_take(&r, selected_below(q, index) * TPM_PCR_LEN, &v) != ERR_OK ||
        rd_take(&r, TPM_PCR_LEN, &v) != ERR_OK) {
        return (struct view){NULL, 0};
    }
    return v;
}
