/* snp_kit.h - reports of SEV-SNP made by ourselves: valid in every field, for a test to spoil.
 */
#ifndef TESTS_SNP_KIT_H
#define TESTS_SNP_KIT_H

#include "testing.h"

#include "attest/snp_report.h"
#include "crypto/hash.h"

#include <stdlib.h>
#include <string.h>

/* Offsets of the report's fields, AMD 56860 table 23. */
enum snp_at {
    AT_VERSION = 0x000,
    AT_GUEST_SVN = 0x004,
    AT_POLICY = 0x008,
    AT_FAMILY_ID = 0x010,
    AT_IMAGE_ID = 0x020,
    AT_VMPL = 0x030,
    AT_ALGO = 0x034,
    AT_CURRENT_TCB = 0x038,
    AT_PLATFORM_INFO = 0x040,
    AT_KEY_INFO = 0x048,
    AT_ZERO_1 = 0x04c,
    AT_REPORT_DATA = 0x050,
    AT_MEASUREMENT = 0x090,
    AT_HOST_DATA = 0x0c0,
    AT_ID_KEY = 0x0e0,
    AT_AUTHOR_KEY = 0x110,
    AT_REPORT_ID = 0x140,
    AT_REPORT_ID_MA = 0x160,
    AT_REPORTED_TCB = 0x180,
    AT_CPU = 0x188,
    AT_ZERO_2 = 0x18b,
    AT_CHIP_ID = 0x1a0,
    AT_COMMITTED_TCB = 0x1e0,
    AT_CURRENT = 0x1e8,
    AT_ZERO_3 = 0x1eb,
    AT_COMMITTED = 0x1ec,
    AT_ZERO_4 = 0x1ef,
    AT_LAUNCH_TCB = 0x1f0,
    AT_LAUNCH_MIT = 0x1f8,
    AT_CURRENT_MIT = 0x200,
    AT_ZERO_5 = 0x208,
    AT_R = 0x2a0,
    AT_S = 0x2e8,
    AT_ZERO_6 = 0x330,
};

static const uint8_t snp_kit_tcb_milan[SNP_TCB_LEN] = {4, 0, 0, 0, 0, 0, 27, 222};
static const uint8_t snp_kit_tcb_turin[SNP_TCB_LEN] = {1, 2, 1, 4, 0, 0, 0, 82};

static inline void snp_kit_fill(uint8_t *p, size_t n, uint8_t first)
{
    for (size_t i = 0; i < n; i++) {
        p[i] = (uint8_t)(first + i);
    }
}

/* A report that is not signed. version: 2 to 5. Version 2 tells no line, and has none here. */
static inline void snp_kit_report(uint32_t version, enum snp_line line,
                                  uint8_t out[SNP_REPORT_LEN])
{
    static const uint8_t cpu[SNP_LINE_COUNT][3] = {
        {0}, {0x19, 0x01, 1}, {0x19, 0x11, 1}, {0x1a, 0x02, 1}};
    const bool turin = line == SNP_LINE_TURIN;
    const uint8_t *tcb = turin ? snp_kit_tcb_turin : snp_kit_tcb_milan;

    memset(out, 0, SNP_REPORT_LEN);
    out[AT_VERSION] = (uint8_t)version;
    out[AT_GUEST_SVN] = 3;
    out[AT_POLICY] = 51; /* ABI 1.51 */
    out[AT_POLICY + 1] = 1;
    out[AT_POLICY + 2] = 0x02;
    snp_kit_fill(out + AT_FAMILY_ID, SNP_ID_LEN, 0x10);
    snp_kit_fill(out + AT_IMAGE_ID, SNP_ID_LEN, 0x20);
    out[AT_ALGO] = 1;
    out[AT_PLATFORM_INFO] = 0x24; /* ECC, alias check */
    out[AT_KEY_INFO] = 0x01;      /* author key */
    snp_kit_fill(out + AT_REPORT_DATA, SNP_REPORT_DATA_LEN, 0x40);
    snp_kit_fill(out + AT_MEASUREMENT, SNP_MEASUREMENT_LEN, 0x80);
    snp_kit_fill(out + AT_HOST_DATA, SNP_HOST_DATA_LEN, 0xa0);
    snp_kit_fill(out + AT_ID_KEY, SNP_KEY_DIGEST_LEN, 0x31);
    snp_kit_fill(out + AT_AUTHOR_KEY, SNP_KEY_DIGEST_LEN, 0x51);
    snp_kit_fill(out + AT_REPORT_ID, SNP_REPORT_ID_LEN, 0x71);
    memset(out + AT_REPORT_ID_MA, 0xff, SNP_REPORT_ID_LEN);
    if (version >= 3) {
        memcpy(out + AT_CPU, cpu[line], sizeof cpu[line]);
    }
    snp_kit_fill(out + AT_CHIP_ID, turin ? SNP_CHIP_ID_TURIN_LEN : SNP_CHIP_ID_LEN, 0x91);
    for (int i = 0; i < 2; i++) {
        snp_kit_fill(out + (i == 0 ? AT_CURRENT : AT_COMMITTED), 3, 0x21);
    }
    memcpy(out + AT_CURRENT_TCB, tcb, SNP_TCB_LEN);
    memcpy(out + AT_REPORTED_TCB, tcb, SNP_TCB_LEN);
    memcpy(out + AT_COMMITTED_TCB, tcb, SNP_TCB_LEN);
    memcpy(out + AT_LAUNCH_TCB, tcb, SNP_TCB_LEN);
    if (version >= 5) {
        out[AT_LAUNCH_MIT] = 0x0f;
        out[AT_CURRENT_MIT] = 0x1f;
    }
}

/* A key that signs reports, the same on every run. */
struct snp_kit_key {
    void *memory;
    struct p384_signer *signer;
    struct p384_key key;
};

static inline void snp_kit_key_init(struct snp_kit_key *k, uint8_t first)
{
    const uint8_t seed[DRBG_SEED_LEN] = {first};

    k->memory = aligned_alloc(4096, p384_signer_size());
    assert_non_null(k->memory);
    assert_int_equal(p384_signer_init(k->memory, seed, &k->signer), ERR_OK);
    assert_int_equal(p384_key_generate(k->signer, &k->key), ERR_OK);
}

static inline void snp_kit_key_free(struct snp_kit_key *k)
{
    p384_signer_wipe(k->signer);
    free(k->memory);
}

/* Signs a report anew, as the firmware does: R and S in 72 bytes each, least first. */
static inline void snp_kit_sign(struct snp_kit_key *k, uint8_t report[SNP_REPORT_LEN])
{
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];

    hash_once(HASH_SHA384, (struct view){report, SNP_REPORT_SIGNED_LEN}, digest);
    assert_int_equal(p384_sign(k->signer, &k->key, digest, sig), ERR_OK);
    for (size_t i = 0; i < P384_SCALAR_LEN; i++) {
        report[AT_R + i] = sig[P384_SCALAR_LEN - 1 - i];
        report[AT_S + i] = sig[P384_SIG_LEN - 1 - i];
    }
}

#endif
