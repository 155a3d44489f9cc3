/* evidence_kit.h - nodes on simulated chips, and the evidence blocks that they show. For tests
 * that link silicon: those of builds with QUORATE_SIMULATED. */
#ifndef TESTS_EVIDENCE_KIT_H
#define TESTS_EVIDENCE_KIT_H

#include "silicon/silicon_policy.h"

#include "attest/evidence_judge.h"

#include <string.h>

#define EVIDENCE_KIT_AT_S INT64_C(1790000000) /* 2026-09-21 */

static const uint8_t evidence_kit_measurement[SNP_MEASUREMENT_LEN] = {0x11, 0x22};

/* Chip of that number, a guest of its own on it; silicon_free(). */
static inline enum err evidence_kit_chip(uint32_t number, struct silicon **out)
{
    const uint8_t report_id[SNP_REPORT_ID_LEN] = {0x33, (uint8_t)number};

    return silicon_new(number, evidence_kit_measurement, report_id, out);
}

/* What it shows with that REPORT_DATA; *block points to room, of EVIDENCE_MAX bytes. */
static inline enum err evidence_kit_show(struct silicon *s,
                                         const uint8_t report_data[SNP_REPORT_DATA_LEN],
                                         uint8_t *room, struct view *block)
{
    static uint8_t table[SILICON_TABLE_MAX];
    uint8_t report[SNP_REPORT_LEN];
    struct evidence e = {.format = EVIDENCE_SNP};
    struct writer w = wr_init(room, EVIDENCE_MAX);
    struct snp_table t;
    struct view v;

    TRY(silicon_report(s, report_data, report));
    TRY(silicon_table(s, table, sizeof table, &v));
    if (snp_table_parse(v, &t) != ATTEST_OK) {
        return ERR_BUG;
    }
    e.part[EVIDENCE_REPORT - 1] = (struct view){report, sizeof report};
    e.part[EVIDENCE_VEK - 1] = t.vcek;
    e.part[EVIDENCE_ASK - 1] = t.ask;
    e.part[EVIDENCE_ARK - 1] = t.ark;
    e.part[EVIDENCE_CRL - 1] = t.crl;
    evidence_encode(&w, &e);
    return wr_finish(&w, block);
}

/* The policy that they satisfy; it points into the kit. */
static inline struct view evidence_kit_policy(void)
{
    static uint8_t text[SILICON_POLICY_MAX];
    struct writer w = wr_init(text, sizeof text);

    silicon_policy_write(&w, evidence_kit_measurement);
    return (struct view){text, w.len};
}

#endif
