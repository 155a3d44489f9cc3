/* chain_fixture.h - makes certificate chains, good ones and bad ones, for the tests beside it.
 */
#ifndef TESTS_UNIT_FRONT_CHAIN_FIXTURE_H
#define TESTS_UNIT_FRONT_CHAIN_FIXTURE_H

#include "base/bytes.h"

#define FIXTURE_NOW INT64_C(1700000000)
#define FIXTURE_PEM_MAX 65536

struct fixture_leaf {
    const char *curve; /* "P-384" */
    const char
        *eku; /* value of extendedKeyUsage, as OpenSSL's configuration has it; NULL: absent */
    const char *usage;       /* value of keyUsage; NULL: absent */
    const char *period;      /* DER of privateKeyUsagePeriod as "DER:30..." ; NULL: absent */
    int64_t from_s, until_s; /* validity, from FIXTURE_NOW */
};

#define FIXTURE_GOOD                                                                    \
    {                                                                                   \
        "P-384", "critical,timeStamping", "critical,digitalSignature", NULL, -100, 1000 \
    }

/* A key and what it certified. */
struct fixture;
struct fixture *fixture_new(const struct fixture_leaf *leaf);
void fixture_free(struct fixture *f);

/* Writes certificates in the order of the letters of which: l leaf, c intermediate CA, r root,
 * o the root of others. */
struct view fixture_pem(const struct fixture *f, const char *which,
                        uint8_t out[FIXTURE_PEM_MAX]);

/* Signs a SHA-384 digest with the leaf's key: r | s. */
void fixture_sign(const struct fixture *f, const uint8_t digest[48], uint8_t out[96]);

/* Whether OpenSSL's ts -verify code takes the reply for the imprint of data under the root. */
bool fixture_openssl_verifies(const struct fixture *f, struct view resp, struct view data);

#endif
