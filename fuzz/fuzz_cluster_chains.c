#include "learn_keys.h"

#include "host/authority/cluster_chains.h"

#include <stdlib.h>
#include <string.h>

#define NOW_S 1800000000 /* 2027-01-15 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cluster_chains chains;
    static struct core_keys keys[2];
    const struct view pem = {data, size};
    char why[TSA_CHAIN_WHY_MAX];

    keys[0] = (struct core_keys){
        .threshold = 2, .total = 2, .classic_threshold = 1, .assurance = ASSURANCE_SIMULATED};
    learn_keys(pem, &keys[0]);
    keys[1] = keys[0];
    for (size_t n = 1; n <= 2; n++) {
        if (cluster_chains_parse(pem, keys, n, NOW_S, &chains, why) == ERR_OK) {
            if (chains.n != n || !chains.pq.has_root || !chains.classic[n - 1].has_root ||
                !view_equal(chains.pq.public_key,
                            (struct view){keys[0].pq, sizeof keys[0].pq})) {
                abort();
            }
        } else if (why[0] == '\0' || chains.n != 0) {
            abort();
        }
    }
    return 0;
}
