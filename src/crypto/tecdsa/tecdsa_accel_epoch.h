/* tecdsa_accel_epoch.h - whether a core makes presignatures by the accelerator
 * (tecdsa_accel.h), and for which triples. Of one core, for one epoch. */
#ifndef CRYPTO_TECDSA_ACCEL_EPOCH_H
#define CRYPTO_TECDSA_ACCEL_EPOCH_H

#include "base/err.h"

#include <stdint.h>

#define TECDSA_ACCEL_TRIPLES 10 /* of five parties */
#define TECDSA_ACCEL_RECORDS_MAX 255
#define TECDSA_ACCEL_LATE_MAX 2 /* failed tests of products: the accelerator is off then */

/* Zero at the start of an epoch. */
struct tecdsa_accel_epoch {
    uint64_t last_counter; /* of the last batch: no lower one begins */
    unsigned late;         /* batches that ended by TECDSA_ACCEL_LATE */
    bool switched_off;     /* by who runs it */
    bool live;             /* a batch is under way: one at a time */
};

/* Whether a batch may begin: ERR_POLICY: switched off, or off for the epoch. ERR_STATE: one is
 * live. ERR_STALE: the counter is not above the last one. */
MUST_CHECK enum err tecdsa_accel_epoch_check(const struct tecdsa_accel_epoch *epoch,
                                             uint64_t counter);

/* A batch begins, whatever comes of it; and its end, late or not. */
void tecdsa_accel_epoch_begin(struct tecdsa_accel_epoch *epoch, uint64_t counter);
void tecdsa_accel_epoch_end(struct tecdsa_accel_epoch *epoch, bool late);

/* The three parties of a triple, a mask: 0 is parties 0, 1, 2, then ascending by the lists of
 * their numbers; 0 of a number that is none. */
unsigned tecdsa_accel_triple(unsigned number);

/* Half of the records for the preferred triple, the rest for the nine others in turn. */
void tecdsa_accel_spread(unsigned preferred, unsigned records,
                         uint8_t triple[TECDSA_ACCEL_RECORDS_MAX]);

#endif
