#include "host/coord/classic_time.h"

#define NS_PER_MS INT64_C(1000000)

/* False: it is no R1, which classic_ask_take() does not let in. */
static bool span_at(const struct classic_promise *p, unsigned place, struct r1_body *out)
{
    const struct view body = {p->r1s + (size_t)place * R1_PROVEN_LEN, R1_BODY_LEN};

    return r1_body_decode(body, out) == ERR_OK;
}

bool classic_time_meets(const struct classic_promise *p)
{
    int64_t lo_ns = 0;
    int64_t hi_ns = INT64_MAX;

    for (unsigned i = 0; i < TECDSA_T; i++) {
        struct r1_body b;

        if (!span_at(p, i, &b)) {
            return false;
        }
        lo_ns = b.lo_ns > lo_ns ? b.lo_ns : lo_ns;
        hi_ns = b.hi_ns < hi_ns ? b.hi_ns : hi_ns;
    }
    return lo_ns <= hi_ns;
}

unsigned classic_time_wide(const struct classic_promise *p, unsigned s,
                           uint32_t max_accuracy_ms)
{
    const int64_t most_ns = 2 * ((int64_t)max_accuracy_ms - R1_LIFE_MS) * NS_PER_MS;
    unsigned wide = 0;

    for (unsigned i = 0; i < TECDSA_T; i++) {
        struct r1_body b;

        if (span_at(p, i, &b) && b.hi_ns - b.lo_ns > most_ns) {
            wide |= 1U << classic_party(s, i);
        }
    }
    return wide;
}
