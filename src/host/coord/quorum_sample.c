#include "host/coord/quorum_sample.h"

/* SplitMix64: what is drawn is shown to nobody, so that no core can follow. */
bool quorum_sample_draw(struct quorum_sample *s)
{
    uint64_t x;

    if (s->one_in == 0) {
        return false;
    }
    s->state += UINT64_C(0x9e3779b97f4a7c15);
    x = s->state;
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (x ^ x >> 31) % s->one_in == 0;
}
