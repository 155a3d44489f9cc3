/* dev_ca_pq.h - the ML-DSA-65 test CA of `quorate dev`, beside the P-384 one of dev_ca.h. Only
 * in builds that admit simulated parts.
 *
 * Whoever holds its folder can make certificates: nothing that it signs is worth trust, and its
 * names say so. So its key file is read and written as public bytes are. */
#ifndef HOST_AUTHORITY_DEV_CA_PQ_H
#define HOST_AUTHORITY_DEV_CA_PQ_H

#include "host/authority/dev_ca.h"

#define DEV_CA_PQ_NAME "Quorate TEST CA ML-DSA-65 - simulated"
#define DEV_TSA_PQ_NAME "Quorate TEST TSA ML-DSA-65 - simulated"

#if defined(QUORATE_SIMULATED)

struct dev_ca_pq;

/* Makes a key and a self-signed root. now_s: s since 1970-01-01T00:00:00Z. ERR_IO: no random
 * bytes. ERR_NOSPACE: no memory. ERR_BUG. */
MUST_CHECK enum err dev_ca_pq_new(int64_t now_s, struct dev_ca_pq **out);

/* Reads back what dev_ca_pq_key_pem() and dev_ca_pq_cert_pem() gave; other certificates may
 * stand beside. ERR_STATE: there is no certificate of ML-DSA-65. ERR_ENCODING: not such a key.
 * ERR_MISMATCH: key and certificate do not belong together. ERR_TIME: not valid now.
 * ERR_NOSPACE: no memory. */
MUST_CHECK enum err dev_ca_pq_load(struct view key_pem, struct view cert_pem, int64_t now_s,
                                   struct dev_ca_pq **out);

void dev_ca_pq_free(struct dev_ca_pq *ca); /* NULL is fine */

/* Append PEM. ERR_NOSPACE. */
MUST_CHECK enum err dev_ca_pq_key_pem(const struct dev_ca_pq *ca, struct writer *w);
MUST_CHECK enum err dev_ca_pq_cert_pem(const struct dev_ca_pq *ca, struct writer *w);

/* Appends the chain for a TSA key, as dev_ca_issue() does. ERR_ENCODING: spki is not that of an
 * ML-DSA-65 key. ERR_IO, ERR_NOSPACE, ERR_BUG. */
MUST_CHECK enum err dev_ca_pq_issue(struct dev_ca_pq *ca, struct view spki, struct view binding,
                                    int64_t now_s, struct writer *w);

#endif
#endif
