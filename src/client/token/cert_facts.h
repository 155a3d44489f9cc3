/* cert_facts.h - what a certificate says, as text and as JSON. Nothing here is verified; all
 * text is printable ASCII. */
#ifndef CLIENT_TOKEN_CERT_FACTS_H
#define CLIENT_TOKEN_CERT_FACTS_H

#include "client/kit/openssl.h"

#include <jansson.h>
#include <stdio.h>

/* Some lines of "    name: value". */
void cert_facts_print(X509 *x, FILE *out);

/* A new reference; NULL: no memory. */
json_t *cert_facts_json(X509 *x);

#endif
