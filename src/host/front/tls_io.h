/* tls_io.h - certificate and key of the HTTPS server, exchanged while it runs. */
#ifndef HOST_FRONT_TLS_IO_H
#define HOST_FRONT_TLS_IO_H

#include "base/bytes.h"

#define TLS_FILE_MAX 65536 /* bytes of the certificate or key file */
#define TLS_CERTS_MAX 8

/* Reads both files, checks that they fit together, and puts them in place of what handshakes
 * got so far. ERR_IO, ERR_NOSPACE: a file cannot be read. ERR_ENCODING: not PEM of that kind.
 * ERR_MISMATCH: not the certificate's key. Then what was there stays. */
MUST_CHECK enum err tls_load(const char *certificate, const char *key);

/* A gnutls_certificate_retrieve_function3, for MHD_OPTION_HTTPS_CERT_CALLBACK2. */
void *tls_retrieve_function(void);

/* Forgets certificate and key. */
void tls_wipe(void);

#endif
