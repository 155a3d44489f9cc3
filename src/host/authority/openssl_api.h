/* openssl_api.h - the parts of OpenSSL that the supervisor uses. <openssl/types.h> has a type
 * ERR_STATE, which is an enumerator of ours: here it gets another name. Include this in place
 * of <openssl/...>. */
#ifndef HOST_AUTHORITY_OPENSSL_API_H
#define HOST_AUTHORITY_OPENSSL_API_H

#define ERR_STATE openssl_err_state
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#undef ERR_STATE

#endif
