/* vlek_kit.h - what a guest on a simulated chip shows where a VLEK signs its reports: the key
 * is of a provider, and vouches for no chip, though the report tells one. Its root is the
 * tests' own. For tests that link silicon. */
#ifndef TESTS_VLEK_KIT_H
#define TESTS_VLEK_KIT_H

#include "silicon/silicon.h"
#include "snp_chain_kit.h"

#include "wire/evidence.h"

#define VLEK_KIT_ROOTS_MAX 16
#define VLEK_KIT_PROVIDER "example"

/* Those that are compiled in, and the tests' own for SIM-Milan. */
static inline struct snp_roots vlek_kit_roots(void)
{
    static struct snp_root all[VLEK_KIT_ROOTS_MAX];
    const size_t n = snp_roots_compiled.n;

    assert_true(n < VLEK_KIT_ROOTS_MAX);
    memcpy(all, snp_roots_compiled.p, n * sizeof all[0]);
    all[n] = snp_kit_root(SNP_LINE_SIM_MILAN);
    return (struct snp_roots){all, n + 1};
}

static inline void vlek_kit_value(struct snp_kit_cert *c, const char *tail, const char *value)
{
    struct snp_kit_ext *const x = snp_kit_ext_find(c, tail);

    x->n = strlen(value);
    memcpy(x->value, value, x->n);
}

/* The whole of it, for a chip that is a SIM-Milan; *block points to room, of EVIDENCE_MAX
 * bytes.
 */
static inline enum err vlek_kit_show(struct silicon *s,
                                     const uint8_t report_data[SNP_REPORT_DATA_LEN],
                                     uint8_t *room, struct view *block)
{
    static uint8_t der[4][SNP_KIT_DER_MAX];
    const struct snp_kit_cert ask = snp_kit_ask("SEV-VLEK-SIM-Milan");
    const struct snp_kit_cert ark = snp_kit_ark();
    const struct snp_kit_crl list = snp_kit_list();
    const uint32_t key_info = s->key_info;
    struct snp_kit_cert vek =
        snp_kit_vek(SNP_LINE_MILAN, SNP_SIGNER_VLEK, "SEV-VLEK-SIM-Milan", s->key.public_key);
    uint8_t report[SNP_REPORT_LEN];
    struct evidence e = {.format = EVIDENCE_SNP};
    struct writer w = wr_init(room, EVIDENCE_MAX);

    vlek_kit_value(&vek, "2", "\x16\x09SIM-Milan");
    vlek_kit_value(&vek, "3.2", "\x02\x01\x01"); /* as the chip has it */
    s->key_info = SNP_SIGNER_VLEK << 2;
    const enum err made = silicon_report(s, report_data, report);

    s->key_info = key_info;
    TRY(made);
    e.part[EVIDENCE_REPORT - 1] = (struct view){report, sizeof report};
    e.part[EVIDENCE_VEK - 1] = snp_kit_cert(&vek, der[0]);
    e.part[EVIDENCE_ASK - 1] = snp_kit_cert(&ask, der[1]);
    e.part[EVIDENCE_ARK - 1] = snp_kit_cert(&ark, der[2]);
    e.part[EVIDENCE_CRL - 1] = snp_kit_crl(&list, der[3]);
    evidence_encode(&w, &e);
    return wr_finish(&w, block);
}

#endif
