/* machines_kit.h - the simulated machines of the nodes of an attested epoch: chips, the plan
 * that lists them, what a quorate-tsm does for a core, and what all showed when the key was
 * made. For tests that link attestor and silicon. */
#ifndef TESTS_MACHINES_KIT_H
#define TESTS_MACHINES_KIT_H

#include "evidence_kit.h"

#include "enclave/attest/attestor.h"
#include "enclave/attest/tsm_desk.h"

/* Chips 0 to n - 1, each with a guest of its own; machines_kit_free(). */
static inline enum err machines_kit_make(struct silicon **chips, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        TRY(evidence_kit_chip((uint32_t)i, &chips[i]));
    }
    return ERR_OK;
}

static inline void machines_kit_free(struct silicon **chips, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        silicon_free(chips[i]);
    }
}

/* Node i of the plan is to run on chip i, which stays where it is. */
static inline void machines_kit_list(struct silicon *const *chips, struct plan *p)
{
    for (size_t i = 0; i < p->total; i++) {
        p->nodes[i].platforms = (struct view){chips[i]->chip_id, PLAN_PLATFORM_LEN};
    }
}

/* What quorate-tsm does: all that a desk wants is answered by that chip. */
static inline enum err machines_kit_serve(struct silicon *chip, struct tsm_desk *d,
                                          int64_t now_ns)
{
    static uint8_t room[EVIDENCE_MAX];
    uint8_t report_data[TSM_REPORT_DATA_LEN];
    struct view block = {NULL, 0};
    uint64_t id = 0;

    while (tsm_desk_next(d, now_ns, &id, report_data)) {
        TRY(evidence_kit_show(chip, report_data, room, &block));
        TRY(tsm_desk_put(d, now_ns, id, ERR_OK, block));
    }
    return ERR_OK;
}

/* Node i of the plan shows chip i, and all are let in: as after the ceremony. */
static inline enum attest_fault machines_kit_let_in(struct silicon *const *chips,
                                                    const struct plan *p, struct attestor *a)
{
    const uint8_t data[EVIDENCE_DATA_LEN] = {5};
    static uint8_t room[EVIDENCE_MAX];
    struct view block = {NULL, 0};
    enum attest_fault f = attestor_begin(a, p, 0, &snp_roots_compiled);

    for (unsigned i = 0; i < p->total && f == ATTEST_OK; i++) {
        f = evidence_kit_show(chips[i], data, room, &block) == ERR_OK
                ? attestor_judge(a, i, 1, block, data, EVIDENCE_KIT_AT_S)
                : ATTEST_ATTESTOR_NODE;
    }
    return f == ATTEST_OK ? attestor_judge_all(a) : f;
}

#endif
