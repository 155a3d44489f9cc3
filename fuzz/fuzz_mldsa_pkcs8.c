/* A private key file of the test authority: what is taken is written again as the same bytes.
 */
#include "promise.h"

#include "format/mldsa_pkcs8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    uint8_t seed[MLDSA_PKCS8_SEED_LEN];
    uint8_t again[MLDSA_PKCS8_LEN];

    if (mldsa_pkcs8_parse(in, seed) == ERR_OK) {
        mldsa_pkcs8_write(seed, again);
        promise(view_equal(in, (struct view){again, sizeof again}));
    }
    return 0;
}
