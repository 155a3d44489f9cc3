/* cores.h - what coord knows of the cores at one moment, and what follows for the front. Pure,
 * but for the look. */
#ifndef HOST_FRONT_CORES_H
#define HOST_FRONT_CORES_H

#include "host/coord/coord.h"

#define CORES_STOCK_MIN 8 /* presignatures of a triple: else no set of cores takes over */

struct cores_view {
    struct coord_epoch_view epoch;
    struct coord_core_view at[COORD_CORES_MAX]; /* epoch.n of them */
};

void cores_look(struct coord *c, struct cores_view *out);

/* Whether the core is connected, and not left out. */
bool cores_fits(const struct coord_core_view *core);

/* Whether it serves, too, and answers. */
bool cores_answers(const struct coord_core_view *core);

/* The core that pages speak of where they speak of one: the first that answers, else the first.
 */
const struct coord_core_view *cores_main(const struct cores_view *v);

/* "threshold" or "single-node": whose the classic key of several cores is. */
const char *cores_classic_leg(const struct cores_view *v);

/* Half of the span that a token would have if it were made now: of the one core, or the largest
 * of the best T. In us; -1: too few know the time. */
int64_t cores_bound_us(const struct cores_view *v);

/* Whether cores that share a classic key have as many presignatures as it takes to be asked by
 * everybody from one moment to the next: of the triples that answer, one has CORES_STOCK_MIN,
 * as many as requests may come at once, and all of them together have half of what they are to
 * keep, target for each. True where no key is shared. */
bool cores_have_stock(const struct coord_shared_view *v, int64_t target);

/* Why no core, or not enough of them, can sign: ERR_QUORUM, ERR_HALTED. ERR_OK: they can. */
enum err cores_check(const struct cores_view *v);

#endif
