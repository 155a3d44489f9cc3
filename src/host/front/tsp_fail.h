/* tsp_fail.h - the one place that says which PKIFailureInfo a failure is, RFC 3161 2.4.2. */
#ifndef HOST_FRONT_TSP_FAIL_H
#define HOST_FRONT_TSP_FAIL_H

#include "format/token_write.h"

struct tsp_fail {
    enum fail_info fail_info;
    const char *text; /* statusString: what the sender can do about it */
};

/* e: any enumerator but ERR_OK; a number that is none is our own fault, as ERR_BUG. */
const struct tsp_fail *tsp_fail_of(enum err e);

#endif
