/* openssl.h - the parts of OpenSSL that the client uses. <openssl/types.h> has a type
 * ERR_STATE, which is an enumerator of ours: here it gets another name. Include this in place
 * of <openssl/...>. */
#ifndef CLIENT_KIT_OPENSSL_H
#define CLIENT_KIT_OPENSSL_H

#define ERR_STATE openssl_err_state
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#undef ERR_STATE

#endif
