#include "pq1_machine.h"

#include <string.h>

/* What the silicon of a machine alone can make. */
static void seal(struct view report, uint8_t out[48])
{
    static const char secret[] = "fuses of the machine";
    struct hash_state h;

    hash_init(&h, HASH_SHA384);
    hash_update(&h, secret, sizeof secret);
    hash_update(&h, report.p, report.n);
    hash_final(&h, out);
}

size_t machine_block(uint8_t machine, uint8_t other, const uint8_t report_data[REPORT_DATA_LEN],
                     uint8_t out[MACHINE_BLOCK_MAX])
{
    struct evidence e = {.format = EVIDENCE_SNP};
    struct writer w = wr_init(out, MACHINE_BLOCK_MAX);
    uint8_t report[2 + REPORT_DATA_LEN] = {machine, other};
    uint8_t mac[48];

    memcpy(&report[2], report_data, REPORT_DATA_LEN);
    seal((struct view){report, sizeof report}, mac);
    e.part[EVIDENCE_REPORT - 1] = (struct view){report, sizeof report};
    e.part[EVIDENCE_VEK - 1] = (struct view){mac, sizeof mac};
    evidence_encode(&w, &e);
    assert_false(w.full);
    return w.len;
}

enum err machine_judge(void *self, uint8_t peer, uint32_t incarnation, struct view block,
                       const uint8_t report_data[REPORT_DATA_LEN])
{
    struct machine_judge *const j = self;
    struct evidence e;
    struct view report;
    uint8_t mac[48];

    (void)incarnation;
    j->asked++;
    assert_int_equal(peer, j->peer);
    TRY(evidence_decode(block, &e));
    report = evidence_part(&e, EVIDENCE_REPORT);
    seal(report, mac);
    if (report.n != 2 + REPORT_DATA_LEN ||
        !view_equal(evidence_part(&e, EVIDENCE_VEK), (struct view){mac, sizeof mac})) {
        return ERR_SIGNATURE;
    }
    if (report.p[0] != j->machine) {
        return ERR_POLICY;
    }
    return memcmp(&report.p[2], report_data, REPORT_DATA_LEN) == 0 ? ERR_OK : ERR_MISMATCH;
}
