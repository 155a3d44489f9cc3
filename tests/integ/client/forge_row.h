/* forge_row.h - tables of forged tokens: one thing is wrong with each. */
#ifndef TESTS_INTEG_CLIENT_FORGE_ROW_H
#define TESTS_INTEG_CLIENT_FORGE_ROW_H

#include "forge_verdict.h"

enum forge_flag { STRICT = 1, BARE = 2, SIMULATED = 4, ALLOW_SHA1 = 8 };

struct forge_row {
    const char *name;
    struct forge_change change[FORGE_CHANGES];
    enum verdict verdict;
    enum verify_step_id decisive;
    bool openssl; /* accepts it */
    unsigned flags;
    void (*spoil)(struct forge *f); /* what changes of bytes cannot say; may be NULL */
};

/* root certified both; it is what the verifier trusts. */
extern struct forge_node forge_root, forge_tsa, forge_stranger;
int forge_rows_setup(void **state);
int forge_rows_teardown(void **state);

/* An honest token to be, with the certificate of forge_tsa. */
struct forge *forge_row_new(void);
void forge_row_free(struct forge *f);

/* Judges each; fails the test, after all of them, if one is not as its row says. */
void forge_run_rows(const struct forge_row *rows, size_t n);

/* OIDs and AlgorithmIdentifiers as elements, in hexadecimal */
#define HEX_CT_TST_INFO "060b2a864886f70d0109100104"
#define HEX_DATA "06092a864886f70d010701"
#define HEX_SHA256 "300b 0609608648016503040201"
#define HEX_MD5 "300c 06082a864886f70d0205 0500"

#endif
