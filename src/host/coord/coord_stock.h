/* coord_stock.h - R1 answers asked ahead for one key, and how many are worth asking for. Pure.
 *
 * An R1 is used within its life or not at all; the life is measured from before it was asked
 * for, so it ends here before it ends at the core. */
#ifndef HOST_COORD_COORD_STOCK_H
#define HOST_COORD_COORD_STOCK_H

#include "host/coord/coord_rate.h"
#include "wire/stamp.h"

#define COORD_STOCK_MAX 256   /* R1s held and asked for; more are not asked for */
#define COORD_R1_MARGIN_MS 50 /* of its life kept for R2's way to the core */

struct coord_r1 {
    int64_t asked_ns; /* monotonic, before the request was sent */
    uint8_t body[R1_BODY_LEN];
};

struct coord_stock {
    int64_t life_ns;
    size_t asked; /* in requests under way */
    size_t first, n;
    struct coord_r1 at[COORD_STOCK_MAX]; /* a ring */
    struct coord_rate rate;
};

/* r1_life_ms: as the core says; more than R1_LIFE_MS is not believed. */
void coord_stock_init(struct coord_stock *s, uint16_t r1_life_ms);

/* Adds one. The caller asked for it, so there is room. */
void coord_stock_add(struct coord_stock *s, const struct coord_r1 *r1);

/* Takes the oldest that lives. False: there is none. */
bool coord_stock_take(struct coord_stock *s, int64_t now_ns, struct coord_r1 *out);

/* Drops what is too old; how many are left. */
size_t coord_stock_fresh(struct coord_stock *s, int64_t now_ns);

/* Drops all of it: something at the core has made R1s worthless. */
void coord_stock_drop(struct coord_stock *s);

/* How many to ask for now, when so many jobs wait: at most STAMP_BATCH_MAX, 0: none. What is
 * held and asked for already counts. */
size_t coord_stock_want(struct coord_stock *s, size_t waiting, int64_t now_ns);

#endif
