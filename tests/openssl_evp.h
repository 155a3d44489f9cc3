/* openssl_evp.h - OpenSSL as the other opinion. Its type ERR_STATE is an enumerator of ours:
 * here it gets another name. Include this in place of <openssl/...>. */
#ifndef TESTS_OPENSSL_EVP_H
#define TESTS_OPENSSL_EVP_H

#define ERR_STATE openssl_err_state
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#undef ERR_STATE

#endif
