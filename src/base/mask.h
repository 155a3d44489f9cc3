/* mask.h - sets of few things as bits of a number. */
#ifndef BASE_MASK_H
#define BASE_MASK_H

/* How many are in it. Its time tells how many: of public sets only. */
static inline unsigned mask_count(unsigned mask)
{
    unsigned n = 0;

    for (; mask != 0; mask &= mask - 1) {
        n++;
    }
    return n;
}

#endif
