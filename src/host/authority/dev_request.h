/* dev_request.h - what the certify command of `quorate dev` is asked for, and its answer. Only
 * in builds that admit simulated parts. */
#ifndef HOST_AUTHORITY_DEV_REQUEST_H
#define HOST_AUTHORITY_DEV_REQUEST_H

#include "format/csr.h"
#include "format/quorate_binding.h"
#include "host/authority/dev_ca_pq.h"
#include "wire/core_info.h"

#if defined(QUORATE_SIMULATED)

#define DEV_REQUEST_MAX 32768 /* bytes of the requests in PEM */
#define DEV_CLASSIC_MAX QUORATE_BINDING_KEYS_MAX
#define DEV_CHAINS_MAX 65536 /* bytes of all chains in PEM */
#define DEV_WHY_MAX 96

/* Whose proof of possession holds. */
struct dev_request {
    size_t n_classic;
    struct csr classic[DEV_CLASSIC_MAX]; /* one for each core that has a P-384 key */
    bool has_pq;
    struct csr pq;
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint32_t threshold, total; /* of the pq key, if there is one */
    bool attested;             /* the bundle was looked at, dev_bundle_io.h; then: */
    uint8_t policy_hash[QUORATE_BINDING_HASH_LEN], record_id[QUORATE_BINDING_HASH_LEN];
    size_t n_measurements;
    uint8_t measurements[QUORATE_BINDING_MEASUREMENTS_MAX][QUORATE_BINDING_HASH_LEN];
    uint8_t space[DEV_REQUEST_MAX];
};

/* Reads the requests, "CERTIFICATE REQUEST" in PEM, those of P-384 keys first, then at most one
 * of an ML-DSA-65 key; and the values of QUORATE_EPOCH_ID, QUORATE_THRESHOLD and QUORATE_TOTAL;
 * NULL: not set. *out stays where it is: views point into it. On failure it is zero, and why
 * says what is wrong. ERR_STATE: a value. ERR_SIGNATURE: a request whose proof of possession
 * does not hold. ERR_EXTENSION: one that asks for extensions. Else: one that csr_parse()
 * refuses, none, too many, in another order, a key twice. */
MUST_CHECK enum err dev_request_parse(struct view pem, const char *epoch_id,
                                      const char *threshold, const char *total,
                                      struct dev_request *out, char why[DEV_WHY_MAX]);

/* Appends the chains in the order of the requests. Each leaf has a QuorateBinding: that of the
 * pq key names all classic keys, that of a classic one the pq key. Of several classic keys each
 * signs alone: their threshold is 1. Assurance is simulated, whatever was asked for.
 * Errors as dev_ca_issue() and dev_ca_pq_issue(). */
MUST_CHECK enum err dev_request_answer(const struct dev_request *q, const struct dev_ca *ca,
                                       struct dev_ca_pq *ca_pq, int64_t now_s,
                                       struct writer *w);

#endif
#endif
