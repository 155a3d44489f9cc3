/* Tokens and key sets: arbitrary bytes are refused whole; whatever a token says, without a
 * signature of a key that is known it is not read. */
#include "promise.h"

#include "attest/maa_compare.h"
#include "attest/rsa_jwk.h"

#include <string.h>

/* What would be read of a genuine one. */
static void promise_compare(struct view json)
{
    static const struct azure_claims claims;
    static struct maa_token t;
    struct maa_rows rows;
    uint8_t modulus[RSA_2048_LEN];

    if (json_parse(json, &t.claims) != ERR_OK) {
        return;
    }
    const enum attest_fault f = maa_compare(&t, &claims, &rows);

    promise(f == ATTEST_OK || f == ATTEST_MAA_TYPE || f == ATTEST_MAA_DISAGREES);
    promise(rows.n <= MAA_ROWS_MAX && (f != ATTEST_OK || rows.rows[0].answer == MAA_AGREES));
    (void)rsa_jwk_read(&t.claims, modulus);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct maa_keys no_keys;
    static const struct maa_token no_token;
    static struct maa_token t;
    static struct maa_keys keys;
    static struct maa_keys nobody = {.n = 1, .keys = {{.kid_len = 1, .kid = {'a'}}}};
    const struct view in = {data, size};

    promise_compare(in);
    if (maa_keys_parse(in, &keys) != ATTEST_OK) {
        promise(memcmp(&keys, &no_keys, sizeof keys) == 0);
    } else {
        promise(keys.n > 0 && keys.n <= MAA_KEYS_MAX);
    }
    promise(maa_token_verify(in, &nobody, in, 1500, &t) != ATTEST_OK);
    promise(memcmp(&t, &no_token, sizeof t) == 0);
    return 0;
}
