/* maa_kit.h - tokens and key sets as the attestation service of Azure gives them, made by
 * ourselves. */
#ifndef TESTS_MAA_KIT_H
#define TESTS_MAA_KIT_H

#include "azure_kit.h"

#include "attest/maa_token.h"

#define MAA_KIT_MAX (MAA_TOKEN_MAX * 2)
#define MAA_KIT_ISSUER "https://maa.example"

static const char maa_kit_header[] = "{\"alg\":\"RS256\",\"kid\":\"one\",\"typ\":\"JWT\"}";

/* header and payload as they stand, signed by that key; sig_len 0: without a signature. */
static inline struct view maa_kit_token(const char *header, const char *payload,
                                        const char *pem, size_t sig_len, char out[MAA_KIT_MAX])
{
    uint8_t sig[RSA_2048_LEN];
    size_t n = 0;

    assert_true((strlen(header) + strlen(payload)) * 4 / 3 + 512 < MAA_KIT_MAX);
    azure_kit_base64url((struct view){(const uint8_t *)header, strlen(header)}, out);
    n = strlen(out);
    out[n++] = '.';
    azure_kit_base64url((struct view){(const uint8_t *)payload, strlen(payload)}, out + n);
    n += strlen(out + n);
    azure_kit_sign(pem, (struct view){(const uint8_t *)out, n}, 0, sig);
    out[n++] = '.';
    azure_kit_base64url((struct view){sig, sig_len}, out + n);
    return (struct view){(const uint8_t *)out, n + strlen(out + n)};
}

/* A set of that key, named "one". */
static inline const char *maa_kit_keys(const char *pem, char out[AZURE_KIT_TEXT_MAX])
{
    uint8_t modulus[RSA_2048_LEN];
    char text[2 * RSA_2048_LEN];

    azure_kit_modulus(pem, modulus);
    azure_kit_base64url((struct view){modulus, sizeof modulus}, text);
    (void)snprintf(out, AZURE_KIT_TEXT_MAX,
                   "{\"keys\":[{\"kid\":\"two\",\"kty\":\"EC\"},"
                   "{\"kid\":\"one\",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%s\"}]}",
                   text);
    return out;
}

static inline void maa_kit_keys_of(const char *text, struct maa_keys *out)
{
    assert_int_equal(maa_keys_parse((struct view){(const uint8_t *)text, strlen(text)}, out),
                     ATTEST_OK);
}

#endif
