/* forge_pki.h - certificates and revocation lists as a test wishes them: any key, any hash, any
 * dates, any extensions. */
#ifndef TESTS_INTEG_CLIENT_FORGE_PKI_H
#define TESTS_INTEG_CLIENT_FORGE_PKI_H

#include "testing.h"

#include "base/bytes.h"
#include "client/kit/openssl.h"
#include "format/der.h"

#define FORGE_EXTENSIONS 6
#define FORGE_DAY INT64_C(86400)

struct forge_ext {
    int nid;
    const char *value; /* as openssl's configuration spells it; "DER:..." for others */
};

struct forge_cert {
    const char *name;        /* commonName */
    const char *key;         /* NULL: P-384; a curve, "RSA" (2048 bits), "RSA-512", "ED25519" */
    const char *signed_with; /* NULL: SHA256; "none" for a key that hashes by itself */
    int64_t from_day, to_day; /* of validity, counted from genTime; both 0: -50 and 50 */
    struct forge_ext ext[FORGE_EXTENSIONS]; /* nid 0 ends them */
};

#define FORGE_CA_EXT                                         \
    {                                                        \
        {NID_basic_constraints, "critical,CA:TRUE"},         \
            {NID_key_usage, "critical,keyCertSign,cRLSign"}, \
    }
#define FORGE_TSA_EXT                                     \
    {                                                     \
        {NID_key_usage, "critical,digitalSignature"},     \
            {NID_ext_key_usage, "critical,timeStamping"}, \
    }

#define FORGE_SKI_EXT                                     \
    {                                                     \
        {NID_key_usage, "critical,digitalSignature"},     \
            {NID_ext_key_usage, "critical,timeStamping"}, \
            {NID_subject_key_identifier, "hash"},         \
    }

struct forge_node {
    EVP_PKEY *key;
    X509 *cert;
};

/* issuer NULL: it signs itself. */
struct forge_node forge_certify(const struct forge_cert *c, const struct forge_node *issuer);
void forge_node_free(struct forge_node *n);

struct forge_revoked {
    const X509 *cert;
    int64_t day; /* counted from genTime */
    int reason;  /* -1: none is given */
};

struct forge_crl {
    int64_t this_day, next_day; /* counted from genTime; next 0: no nextUpdate */
    struct forge_revoked revoked;
    struct forge_ext ext[2];
};

X509_CRL *forge_revoke(const struct forge_crl *c, const struct forge_node *issuer);

/* DER on the heap; free with OPENSSL_free(). */
struct view forge_cert_der(X509 *x);
struct view forge_crl_der(X509_CRL *x);

#endif
