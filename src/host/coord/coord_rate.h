/* coord_rate.h - how many R1s are worth asking for ahead, by how many were used lately. Pure:
 * time is an argument. */
#ifndef HOST_COORD_COORD_RATE_H
#define HOST_COORD_COORD_RATE_H

#include <stddef.h>
#include <stdint.h>

#define COORD_RATE_WINDOW_MS 50      /* uses are counted over so long */
#define COORD_STOCK_PER_WINDOW_DIV 2 /* the stock is for a window divided by this */

struct coord_rate {
    int64_t window_ns;        /* begin of the window that is counted */
    size_t used, used_before; /* in it, and in the one before */
};

/* Counts uses, and begins another window when this one is over. */
void coord_rate_count(struct coord_rate *r, size_t uses, int64_t now_ns);

/* How many to ask for now, when so many jobs wait and so many R1s are held or asked for: with
 * those at most most. */
size_t coord_rate_want(struct coord_rate *r, size_t have, size_t waiting, size_t most,
                       int64_t now_ns);

#endif
