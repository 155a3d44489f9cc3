/* attest_tls_kit.h - ends that attest one another over a connection, on silicon of the tests:
 * reports that a simulated VCEK signs, judged as those of real ones are. */
#ifndef TESTS_ATTEST_TLS_KIT_H
#define TESTS_ATTEST_TLS_KIT_H

#include "snp_chip_kit.h"
#include "snp_policy_kit.h"

#include "attest/attest_tls.h"

struct silicon {
    struct snp_kit_chip chip;
    struct snp_policy policy;
};

static inline void silicon_init(struct silicon *s)
{
    snp_kit_chip_init(&s->chip);
    (void)snp_kit_chip_certs(&s->chip, SNP_LINE_MILAN, SNP_SIGNER_VCEK);
    snp_kit_policy_of(snp_kit_policy, &s->policy);
}

/* Evidence of a guest with this measurement's first byte that carries report_data. */
static inline struct view silicon_evidence(struct silicon *s, uint8_t measurement,
                                           const uint8_t report_data[REPORT_DATA_LEN],
                                           uint8_t room[EVIDENCE_MAX])
{
    uint8_t report[SNP_REPORT_LEN];
    struct evidence e = {.format = EVIDENCE_SNP};
    struct writer w = wr_init(room, EVIDENCE_MAX);
    struct view out;

    snp_kit_report(5, SNP_LINE_MILAN, report);
    report[AT_MEASUREMENT] = measurement;
    memcpy(report + AT_REPORT_DATA, report_data, REPORT_DATA_LEN);
    snp_kit_sign(&s->chip.key, report);
    e.part[EVIDENCE_REPORT - 1] = (struct view){report, sizeof report};
    e.part[EVIDENCE_VEK - 1] = s->chip.ev.vek;
    e.part[EVIDENCE_ASK - 1] = s->chip.ev.ask;
    e.part[EVIDENCE_ARK - 1] = s->chip.ev.ark;
    evidence_encode(&w, &e);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    return out;
}

/* One process: its leaf, and what it calls. */
struct process {
    struct silicon *silicon;
    struct snp_kit_key leaf;
    uint8_t first; /* of its next nonce */
    bool knows;    /* whoever shows a key */
    unsigned judged;
    struct attest_tls m;
};

static inline enum err process_random(void *ctx, uint8_t out[REPORT_DATA_NONCE_LEN])
{
    struct process *const p = ctx;

    snp_kit_fill(out, REPORT_DATA_NONCE_LEN, p->first++);
    return ERR_OK;
}

static inline enum err process_sign(void *ctx, const uint8_t digest[P384_DIGEST_LEN],
                                    uint8_t out[P384_SIG_LEN])
{
    struct process *const p = ctx;

    return p384_sign(p->leaf.signer, &p->leaf.key, digest, out);
}

static inline enum attest_fault process_judge(void *ctx, struct view block,
                                              const uint8_t report_data[REPORT_DATA_LEN],
                                              uint8_t policy[ATTEST_TLS_POLICY_LEN])
{
    struct process *const p = ctx;
    struct snp_claims claims;
    struct evidence e;

    p->judged++;
    if (evidence_decode(block, &e) != ERR_OK) {
        return ATTEST_REPORT_SIZE;
    }
    const struct snp_evidence ev = {.report = evidence_part(&e, EVIDENCE_REPORT),
                                    .vek = evidence_part(&e, EVIDENCE_VEK),
                                    .ask = evidence_part(&e, EVIDENCE_ASK),
                                    .ark = evidence_part(&e, EVIDENCE_ARK)};

    ATTEST_TRY(snp_judge(&ev, &p->silicon->policy, report_data,
                         &(struct snp_roots){&p->silicon->chip.root, 1}, SNP_KIT_AT_S,
                         &claims));
    memcpy(policy, claims.policy_hash, ATTEST_TLS_POLICY_LEN);
    return ATTEST_OK;
}

static inline bool process_is_known(void *ctx, uint8_t role,
                                    const uint8_t leaf[P384_PUBLIC_LEN])
{
    const struct process *const p = ctx;

    (void)role;
    (void)leaf;
    return p->knows;
}

static inline struct attest_tls_tools process_tools(struct process *p)
{
    return (struct attest_tls_tools){p, process_random, process_sign, process_judge,
                                     process_is_known};
}

#endif
