#include "crypto/tecdsa/tecdsa_accel_epoch.h"

#include <string.h>

enum err tecdsa_accel_epoch_check(const struct tecdsa_accel_epoch *epoch, uint64_t counter)
{
    if (epoch->switched_off || epoch->late >= TECDSA_ACCEL_LATE_MAX) {
        return ERR_POLICY;
    }
    if (epoch->live) {
        return ERR_STATE;
    }
    return counter > epoch->last_counter ? ERR_OK : ERR_STALE;
}

void tecdsa_accel_epoch_begin(struct tecdsa_accel_epoch *epoch, uint64_t counter)
{
    epoch->last_counter = counter;
    epoch->live = true;
}

void tecdsa_accel_epoch_end(struct tecdsa_accel_epoch *epoch, bool late)
{
    epoch->live = false;
    if (late && epoch->late < TECDSA_ACCEL_LATE_MAX) {
        epoch->late++;
    }
}

unsigned tecdsa_accel_triple(unsigned number)
{
    static const uint8_t masks[TECDSA_ACCEL_TRIPLES] = {0x07, 0x0b, 0x13, 0x0d, 0x15,
                                                        0x19, 0x0e, 0x16, 0x1a, 0x1c};

    return number < TECDSA_ACCEL_TRIPLES ? masks[number] : 0;
}

void tecdsa_accel_spread(unsigned preferred, unsigned records,
                         uint8_t triple[TECDSA_ACCEL_RECORDS_MAX])
{
    unsigned other = preferred;

    memset(triple, 0, TECDSA_ACCEL_RECORDS_MAX);
    for (unsigned b = 0; b < records; b++) {
        if (b % 2 == 0) {
            triple[b] = (uint8_t)preferred;
            continue;
        }
        other = (other + 1) % TECDSA_ACCEL_TRIPLES;
        if (other == preferred) {
            other = (other + 1) % TECDSA_ACCEL_TRIPLES;
        }
        triple[b] = (uint8_t)other;
    }
}
