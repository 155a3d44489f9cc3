#include "learn_keys.h"

#include "host/authority/core_chains.h"

#include <stdlib.h>
#include <string.h>

#define NOW_S 1800000000 /* 2027-01-15 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_taken(const struct core_chains *chains, const struct core_keys *keys)
{
    if (chains->has_pq != keys->has_pq || !chains->classic.has_root ||
        !view_equal(chains->classic.public_key,
                    (struct view){keys->classic, sizeof keys->classic})) {
        abort();
    }
    if (chains->has_pq &&
        (!chains->pq.has_root ||
         !view_equal(chains->pq.public_key, (struct view){keys->pq, sizeof keys->pq}))) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct core_chains chains;
    static struct core_keys keys;
    const struct view pem = {data, size};
    char why[TSA_CHAIN_WHY_MAX];

    keys = (struct core_keys){.threshold = 1, .total = 1, .assurance = ASSURANCE_SIMULATED};
    learn_keys(pem, &keys);
    if (core_chains_parse(pem, &keys, NOW_S, &chains, why) == ERR_OK) {
        check_taken(&chains, &keys);
    } else if (why[0] == '\0' || chains.classic.n != 0 || chains.pq.n != 0) {
        abort();
    }
    return 0;
}
