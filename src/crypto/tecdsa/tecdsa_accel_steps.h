/* tecdsa_accel_steps.h - the rounds of the accelerator, between its own files. */
#ifndef CRYPTO_TECDSA_ACCEL_STEPS_H
#define CRYPTO_TECDSA_ACCEL_STEPS_H

#include "crypto/tecdsa/tecdsa_accel.h"

#define TECDSA_ACCEL_SLICE 9 /* records a call, three of each dealing: about a millisecond */

/* Five values, one of each party. */
struct tecdsa_accel_five {
    struct tecdsa_scalar a[TECDSA_ACCEL_PARTIES];
};

/* Ends the batch by a failed check. Gives ERR_MISMATCH. */
enum err tecdsa_accel_fail(struct tecdsa_accel *a, enum tecdsa_accel_fate fate,
                           unsigned culprit);

/* A round: what stands behind the head of its message, how it is made, written and read. make
 * checks what came in the round before, does a slice, and says by a->ready that it is over.
 * read takes a body of the right length. */
struct tecdsa_accel_step {
    size_t (*body_len)(unsigned records);
    enum err (*make)(struct tecdsa_accel *a);
    void (*write)(const struct tecdsa_accel *a, unsigned to, struct writer *out);
    enum err (*read)(struct tecdsa_accel *a, unsigned from, struct reader *in);
};
extern const struct tecdsa_accel_step tecdsa_accel_hello, tecdsa_accel_deal, tecdsa_accel_coins,
    tecdsa_accel_test;
extern const struct tecdsa_accel_step tecdsa_accel_stop, tecdsa_accel_show;
extern const struct tecdsa_accel_step tecdsa_accel_products, tecdsa_accel_echo,
    tecdsa_accel_open, tecdsa_accel_zero, tecdsa_accel_finish;

/* After the last one: makes the shares of one's own records, and erases all else. */
enum err tecdsa_accel_make_records(struct tecdsa_accel *a);

/* Whether every dealer's sums, as all parties reported them, are those of good dealings; if
 * not, one that is not. */
bool tecdsa_accel_tests_hold(const struct tecdsa_accel *a, unsigned *dealer);

/* H("b12-deal", bsid, dealer, receiver, n bytes, salt), without its secrets: public. */
struct tecdsa_accel_dealt {
    unsigned dealer, receiver;
    const uint8_t *salt;
    const uint8_t *p;
    size_t n;
};
void tecdsa_accel_commit_dealt(const struct tecdsa_accel *a,
                               const struct tecdsa_accel_dealt *dealt,
                               uint8_t commitment[TECDSA_HASH_LEN]);

/* Third differences: whether five values lie on a polynomial of degree 2 at most. Masks. */
uint64_t tecdsa_accel_degree_2(const struct tecdsa_accel_five *f);
uint64_t tecdsa_accel_points_degree_2(const struct tecdsa_point f[TECDSA_ACCEL_PARTIES]);

/* At 0, of a polynomial of degree 2 by its first three, or of degree 4 by all five. */
void tecdsa_accel_at_0(const struct tecdsa_accel_five *f, struct tecdsa_scalar *out);
void tecdsa_accel_wide_at_0(const struct tecdsa_accel_five *f, struct tecdsa_scalar *out);
void tecdsa_accel_point_at_0(const struct tecdsa_point f[TECDSA_ACCEL_PARTIES],
                             struct tecdsa_point *out);

#endif
