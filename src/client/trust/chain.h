/* chain.h - from a signer's certificate to an anchor at one instant, RFC 5280 6, by OpenSSL. */
#ifndef CLIENT_TRUST_CHAIN_H
#define CLIENT_TRUST_CHAIN_H

#include "client/kit/openssl.h"
#include "client/trust/trust.h"

#define CHAIN_DEPTH_MAX 8 /* certificates between the signer's and the anchor's */

struct chain_rules {
    int64_t at_s;    /* when every certificate must be valid */
    bool allow_sha1; /* in the signatures of certificates */
};

/* Builds and checks the chain with purpose "time stamping". helpers: certificates that came
 * with the token; may be NULL. On success *chain owns references, signer first, anchor last:
 * free with sk_X509_pop_free(). reason gets why it failed, or what the anchor is.
 *
 * A certificate between signer and anchor that has an extendedKeyUsage must have timeStamping
 * or any purpose in it: an authority for web servers makes no time-stamping authorities.
 *
 * ERR_SIGNATURE: no valid chain; *chain is NULL. ERR_BAD_ALG: a key or signature in it is of a
 * kind that OpenSSL lacks, or too weak to prove anything: under 80 bits (RSA 1024, EC 160), or
 * a certificate below the anchor signed with SHA-1 (unless allowed) or MD5. ERR_NOSPACE: no
 * memory. */
MUST_CHECK enum err chain_check(const struct trust *trust, X509 *signer,
                                STACK_OF(X509) * helpers, const struct chain_rules *rules,
                                STACK_OF(X509) * *chain, char *reason, size_t cap);

/* Whether at_s is in the certificate's validity, both ends included. */
bool chain_valid_at(const X509 *x, int64_t at_s);

/* RFC 4514 text of a name in printable ASCII; cut to cap. */
void chain_name_text(const X509_NAME *name, char *out, size_t cap);

#endif
