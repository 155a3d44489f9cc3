/* hash_oid.h - the OIDs of the digest algorithms that we stamp, NIST CSOR. */
#ifndef FORMAT_HASH_OID_H
#define FORMAT_HASH_OID_H

#include "crypto/hash.h"

#define HASH_OID_LEN 9 /* bytes of each OID body */

/* The OID body of an algorithm; n == 0 for HASH_NONE and for a number that is no algorithm. */
struct view hash_oid_body(enum hash_alg alg);

/* The algorithm with that OID body; else HASH_NONE. */
enum hash_alg hash_oid_find(struct view body);

#endif
