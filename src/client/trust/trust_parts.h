/* trust_parts.h - the inside of struct trust, for the files that work with OpenSSL's
 * certificates. */
#ifndef CLIENT_TRUST_TRUST_PARTS_H
#define CLIENT_TRUST_TRUST_PARTS_H

#include "client/kit/openssl.h"
#include "client/trust/trust.h"

struct trust {
    STACK_OF(X509) * anchors;
    STACK_OF(X509) * untrusted;
    STACK_OF(X509_CRL) * crls;
};

#endif
