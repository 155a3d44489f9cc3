#include "format/cert_ids.h"
#include "format/pem.h"
#include "host/authority/cluster_chains.h"

#include <stdlib.h>
#include <string.h>

#define NOW_S 1800000000 /* 2027-01-15 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The cores that the text is for have the first keys of each kind in it, so that the rest is
 * reached. */
static void learn_keys(struct view pem, struct core_keys *keys)
{
    static uint8_t der[TSA_CHAIN_DER_MAX];
    struct reader r = rd_init(pem);
    struct view cert;
    struct cert_ids ids;
    bool has_classic = false;

    while (pem_parse(&r, "CERTIFICATE", der, sizeof der, &cert) == ERR_OK) {
        if (cert_ids_parse(cert, &ids) != ERR_OK) {
            continue;
        }
        if (!has_classic && ids.public_key.n == sizeof keys->classic) {
            has_classic = true;
            memcpy(keys->classic, ids.public_key.p, sizeof keys->classic);
        }
        if (!keys->has_pq && ids.public_key.n == sizeof keys->pq) {
            keys->has_pq = true;
            memcpy(keys->pq, ids.public_key.p, sizeof keys->pq);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cluster_chains chains;
    static struct core_keys keys[2];
    const struct view pem = {data, size};
    char why[TSA_CHAIN_WHY_MAX];

    keys[0] = (struct core_keys){.threshold = 2, .total = 2, .assurance = ASSURANCE_SIMULATED};
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
