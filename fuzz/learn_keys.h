/* learn_keys.h - keys for whoever takes PEM chains: those that the text itself has. */
#ifndef FUZZ_LEARN_KEYS_H
#define FUZZ_LEARN_KEYS_H

#include "format/cert_ids.h"
#include "format/pem.h"
#include "host/authority/core_keys.h"
#include "host/chain/tsa_chain.h"

#include <string.h>

/* The cores that the text is for have the first keys of each kind in it, so that the rest is
 * reached. */
static inline void learn_keys(struct view pem, struct core_keys *keys)
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

#endif
