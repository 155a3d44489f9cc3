/* dev_request.h - what the certify command of `quorate dev` is asked for, and its answer. Only
 * in builds that admit simulated parts. */
#ifndef HOST_AUTHORITY_DEV_REQUEST_H
#define HOST_AUTHORITY_DEV_REQUEST_H

#include "host/authority/dev_ca_pq.h"
#include "wire/core_info.h"

#if defined(QUORATE_SIMULATED)

#define DEV_REQUEST_MAX 8192 /* bytes of the public keys in PEM */
#define DEV_CHAINS_MAX 32768 /* bytes of both chains in PEM */

struct dev_request {
    struct view classic; /* SubjectPublicKeyInfo, DER */
    struct view pq;      /* n == 0: the core has no such key */
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint32_t threshold, total;
    uint8_t space[DEV_REQUEST_MAX];
};

/* Reads the public keys, the classic one first, and the values of QUORATE_EPOCH_ID,
 * QUORATE_THRESHOLD and QUORATE_TOTAL; NULL: not set. ERR_ENCODING: the keys. ERR_STATE: a
 * value. *out stays where it is: views point into it. */
MUST_CHECK enum err dev_request_parse(struct view keys_pem, const char *epoch_id,
                                      const char *threshold, const char *total,
                                      struct dev_request *out);

/* Appends the classic chain, then the pq chain if there is such a key. Each leaf has a
 * QuorateBinding that names the other key; its assurance is simulated, whatever was asked for.
 * Errors as dev_ca_issue() and dev_ca_pq_issue(). */
MUST_CHECK enum err dev_request_answer(const struct dev_request *q, const struct dev_ca *ca,
                                       struct dev_ca_pq *ca_pq, int64_t now_s,
                                       struct writer *w);

#endif
#endif
