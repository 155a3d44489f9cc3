/* azure_kit.h - what a guest of Azure shows, made by ourselves: the blob of its paravisor, the
 * JSON in it, and a quote. Valid in every field, for a test to spoil. OpenSSL signs. */
#ifndef TESTS_AZURE_KIT_H
#define TESTS_AZURE_KIT_H

#include "azure_kit_keys.h"
#include "openssl_evp.h"
#include "snp_kit.h"

#include "attest/hcl_report.h"
#include "attest/tpm_quote.h"
#include "base/hex.h"

#include <openssl/rsa.h>

#include <stdio.h>

#define AZURE_KIT_TEXT_MAX 8192
#define AZURE_KIT_VALUE "challenge"

/* Offsets of an HCL report's words. */
enum azure_at {
    AT_HCL_MAGIC = 0,
    AT_HCL_VERSION = 4,
    AT_HCL_REPORT_SIZE = 8,
    AT_HCL_REQUEST = 12,
    AT_HCL_STATUS = 16,
    AT_HCL_RESERVED = 20,
    AT_HCL_HARDWARE = 32,
    AT_HCL_DATA_SIZE = 1216,
    AT_HCL_RUNTIME_VERSION = 1220,
    AT_HCL_KIND = 1224,
    AT_HCL_HASH = 1228,
    AT_HCL_CLAIM_SIZE = 1232,
    AT_HCL_JSON = 1236,
};

static inline EVP_PKEY *azure_kit_key(const char *pem)
{
    static const char *names[4];
    static EVP_PKEY *keys[4];
    size_t i = 0;

    while (names[i] && names[i] != pem) {
        i++;
    }
    if (!names[i]) {
        BIO *bio = BIO_new_mem_buf(pem, -1);

        assert_true(i < 3);
        keys[i] = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
        assert_non_null(keys[i]);
        (void)BIO_free(bio);
        names[i] = pem;
    }
    return keys[i];
}

static inline void azure_kit_modulus(const char *pem, uint8_t out[RSA_2048_LEN])
{
    BIGNUM *n = NULL;

    assert_int_equal(EVP_PKEY_get_bn_param(azure_kit_key(pem), OSSL_PKEY_PARAM_RSA_N, &n), 1);
    assert_int_equal(BN_bn2binpad(n, out, RSA_2048_LEN), RSA_2048_LEN);
    BN_free(n);
}

/* Without padding; out holds 4 characters for 3 bytes, and a zero. */
static inline void azure_kit_base64url(struct view in, char *out)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = 0;
    unsigned n = 0;

    for (size_t i = 0; i < in.n; i++) {
        bits = bits << 8 | in.p[i];
        for (n += 8; n >= 6; n -= 6) {
            *out++ = digits[bits >> (n - 6) & 63];
        }
    }
    if (n > 0) {
        *out++ = digits[bits << (6 - n) & 63];
    }
    *out = '\0';
}

/* Signs with SHA-256; salt 0: PKCS #1 v1.5. */
static inline void azure_kit_sign(const char *pem, struct view message, int salt,
                                  uint8_t sig[RSA_2048_LEN])
{
    size_t n = RSA_2048_LEN;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key = NULL;

    assert_int_equal(EVP_DigestSignInit(ctx, &key, EVP_sha256(), NULL, azure_kit_key(pem)), 1);
    if (salt > 0) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_PSS_PADDING), 1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(key, salt), 1);
    }
    assert_int_equal(EVP_DigestSign(ctx, sig, &n, message.p, message.n), 1);
    assert_int_equal(n, RSA_2048_LEN);
    EVP_MD_CTX_free(ctx);
}

/* ---- the paravisor's ---- */

/* The JSON of a guest whose key is that. */
static inline const char *azure_kit_json(const char *pem, char out[AZURE_KIT_TEXT_MAX])
{
    uint8_t modulus[RSA_2048_LEN];
    char text[2 * RSA_2048_LEN];

    azure_kit_modulus(pem, modulus);
    azure_kit_base64url((struct view){modulus, sizeof modulus}, text);
    const int n = snprintf(
        out, AZURE_KIT_TEXT_MAX,
        "{\"keys\":[{\"kid\":\"HCLAkPub\",\"key_ops\":[\"sign\"],\"kty\":\"RSA\","
        "\"e\":\"AQAB\",\"n\":\"%s\"},{\"kid\":\"HCLEkPub\",\"kty\":\"RSA\"}],"
        "\"vm-configuration\":{\"console-enabled\":true,\"secure-boot\":true,"
        "\"tpm-enabled\":true,\"vmUniqueId\":\"911B0EF8-9DBA-48B0-B275-4E4DF2D39252\"},"
        "\"user-data\":\"0102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F20"
        "2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40\"}",
        text);

    assert_true(n > 0 && n < AZURE_KIT_TEXT_MAX);
    return out;
}

static inline void azure_kit_u32(uint8_t *p, size_t v)
{
    for (int i = 0; i < 4; i++) {
        p[i] = (uint8_t)(v >> 8 * i);
    }
}

/* The blob around a hardware report; the length of all with so many zeros behind the JSON. */
static inline struct view azure_kit_hcl(struct view hardware, const char *json, size_t zeros,
                                        uint8_t out[HCL_REPORT_MAX + 1])
{
    const size_t n = strlen(json);

    assert_true(AT_HCL_JSON + n + zeros <= HCL_REPORT_MAX + 1);
    memset(out, 0, HCL_REPORT_MAX + 1);
    memcpy(out, "HCLA", 4);
    out[AT_HCL_VERSION] = 2;
    azure_kit_u32(out + AT_HCL_REPORT_SIZE, AT_HCL_JSON + n);
    out[AT_HCL_REQUEST] = 2;
    memcpy(out + AT_HCL_HARDWARE, hardware.p, hardware.n);
    azure_kit_u32(out + AT_HCL_DATA_SIZE, 20 + n);
    out[AT_HCL_RUNTIME_VERSION] = 1;
    out[AT_HCL_KIND] = hardware.n == SNP_REPORT_LEN ? HCL_SNP : HCL_TDX;
    out[AT_HCL_HASH] = 1;
    azure_kit_u32(out + AT_HCL_CLAIM_SIZE, n);
    memcpy(out + AT_HCL_JSON, json, n);
    return (struct view){out, AT_HCL_JSON + n + zeros};
}

/* ---- the TPM's ---- */

struct azure_kit_quote {
    uint32_t magic;
    uint16_t type;
    struct view extra_data;
    uint8_t safe;
    uint32_t selections;
    uint16_t bank;
    uint8_t select_len; /* 3 */
    uint32_t pcr_mask;
    uint16_t digest_len; /* 32 */
    uint16_t alg, hash;  /* of the signature */
    int salt;            /* of PSS */
    const char *pem;     /* who signs */
    bool more;           /* a byte behind TPMS_ATTEST */
};

static inline struct azure_kit_quote azure_kit_quote_good(void)
{
    return (struct azure_kit_quote){
        .magic = 0xff544347,
        .type = 0x8018,
        .extra_data = {(const uint8_t *)AZURE_KIT_VALUE, sizeof AZURE_KIT_VALUE - 1},
        .selections = 1,
        .bank = 0x000b,
        .select_len = 3,
        .pcr_mask = 0x004a10,
        .digest_len = TPM_PCR_LEN,
        .alg = 0x0014,
        .hash = 0x000b,
        .pem = azure_kit_ak_pem};
}

/* PCR i has i + 0x10, and on. */
static inline void azure_kit_pcr(unsigned index, uint8_t out[TPM_PCR_LEN])
{
    snp_kit_fill(out, TPM_PCR_LEN, (uint8_t)(0x10 + index));
}

/* TPMS_ATTEST */
static inline struct view azure_kit_attest(const struct azure_kit_quote *q,
                                           const uint8_t digest[TPM_PCR_LEN],
                                           uint8_t out[TPM_QUOTE_MAX])
{
    static const uint8_t name[34] = {0, 0x0b, 7};
    struct writer w = wr_init(out, TPM_QUOTE_MAX);
    struct view v;

    wr_u32be(&w, q->magic);
    wr_u16be(&w, q->type);
    wr_u16be(&w, sizeof name);
    wr_bytes(&w, name, sizeof name);
    wr_u16be(&w, (uint16_t)q->extra_data.n);
    wr_view(&w, q->extra_data);
    wr_u64be(&w, 0x12345678);
    wr_u32be(&w, 3);
    wr_u32be(&w, 4);
    wr_u8(&w, q->safe);
    wr_u64be(&w, 0x2020031200120003);
    wr_u32be(&w, q->selections);
    wr_u16be(&w, q->bank);
    wr_u8(&w, q->select_len);
    for (unsigned i = 0; i < q->select_len; i++) {
        wr_u8(&w, (uint8_t)(q->pcr_mask >> 8 * i));
    }
    wr_u16be(&w, q->digest_len);
    wr_bytes(&w, digest, q->digest_len);
    if (q->more) {
        wr_u8(&w, 0);
    }
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

/* As tpm_quote.h has it, of what stands there. */
static inline struct view azure_kit_pack(const struct azure_kit_quote *q, struct view attest,
                                         const uint8_t sig[RSA_2048_LEN], struct view pcrs,
                                         uint8_t out[TPM_QUOTE_MAX])
{
    struct writer w = wr_init(out, TPM_QUOTE_MAX);
    struct view v;

    wr_u16be(&w, (uint16_t)attest.n);
    wr_view(&w, attest);
    wr_u16be(&w, q->alg);
    wr_u16be(&w, q->hash);
    wr_u16be(&w, RSA_2048_LEN);
    wr_bytes(&w, sig, RSA_2048_LEN);
    wr_view(&w, pcrs);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

static inline struct view azure_kit_quote(const struct azure_kit_quote *q,
                                          uint8_t out[TPM_QUOTE_MAX])
{
    uint8_t pcrs[TPM_PCRS * TPM_PCR_LEN];
    uint8_t digest[HASH_MAX] = {0};
    uint8_t attest[TPM_QUOTE_MAX];
    uint8_t sig[RSA_2048_LEN];
    size_t n = 0;

    for (unsigned i = 0; i < TPM_PCRS; i++) {
        if ((q->pcr_mask >> i & 1U) != 0) {
            azure_kit_pcr(i, pcrs + n);
            n += TPM_PCR_LEN;
        }
    }
    hash_once(HASH_SHA256, (struct view){pcrs, n}, digest);
    const struct view v = azure_kit_attest(q, digest, attest);

    azure_kit_sign(q->pem, v, q->salt, sig);
    return azure_kit_pack(q, v, sig, (struct view){pcrs, n}, out);
}

#endif
