/* pq1_machine.h - machines that give evidence, and who judges it: a block names the machine and
 * carries REPORT_DATA, and nobody makes one for a machine that is not theirs. */
#ifndef TESTS_PQ1_MACHINE_H
#define TESTS_PQ1_MACHINE_H

#include "pq1_fixture.h"

#include "crypto/hash.h"

#define MACHINE_BLOCK_MAX 128

/* What an end knows of the plan: on which machine its peer is. */
struct machine_judge {
    uint8_t peer, machine;
    unsigned asked; /* how often */
};

/* Evidence of a machine; other: of those that are genuine too, another one. */
size_t machine_block(uint8_t machine, uint8_t other, const uint8_t report_data[REPORT_DATA_LEN],
                     uint8_t out[MACHINE_BLOCK_MAX]);

/* ERR_SIGNATURE: nobody's. ERR_POLICY: of another machine. ERR_MISMATCH: other REPORT_DATA. */
enum err machine_judge(void *self, uint8_t peer, uint32_t incarnation, struct view block,
                       const uint8_t report_data[REPORT_DATA_LEN]);

#endif
