/* crl_check.h - revocation of a chain by lists that the user gave, RFC 5280 5 and RFC 3161 4.
 */
#ifndef CLIENT_TRUST_CRL_CHECK_H
#define CLIENT_TRUST_CRL_CHECK_H

#include "client/kit/openssl.h"
#include "client/trust/trust.h"

/* Looks up every certificate of the chain but the anchor. A list counts if the issuer's key in
 * the chain signed it, it covers the certificate (issuing distribution point), and it does not
 * end before gen_time.
 *
 * A revoked certificate spoils the token at once, whatever the time, unless the entry gives one
 * of the reasons that leave earlier tokens alone (unspecified, affiliationChanged, superseded,
 * cessationOfOperation: RFC 3161 4); with those only tokens from the revocation on are spoiled.
 *
 * A list of an ML-DSA key is verified by pq_crl.h.
 *
 * Lists that are indirect, by reason, deltas, signed with another key than certificates, or for
 * a point named relative to the issuer do not count.
 *
 * ERR_SIGNATURE: revoked. ERR_STALE: some certificate has no list that counts, or the signer's
 * is itself the anchor; none is known to be revoked. reason says which. */
MUST_CHECK enum err crl_check(const struct trust *trust, STACK_OF(X509) * chain,
                              int64_t gen_time_s, char *reason, size_t cap);

#endif
