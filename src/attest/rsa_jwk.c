#include "attest/rsa_jwk.h"

#include "format/base64url.h"

#include <string.h>

bool rsa_jwk_read(const struct json_value *key, uint8_t modulus[RSA_2048_LEN])
{
    struct json_value v;
    struct view text;
    struct view bytes;
    uint8_t buf[RSA_2048_LEN];

    if (!json_find(key, "kty", &v) || !json_string_is(&v, "RSA")) {
        return false;
    }
    if (!json_find(key, "e", &v) || !json_string_is(&v, "AQAB")) {
        return false;
    }
    if (!json_find(key, "n", &v) || json_plain(&v, &text) != ERR_OK ||
        base64url_decode(text, buf, sizeof buf, &bytes) != ERR_OK || bytes.n != sizeof buf) {
        return false;
    }
    if ((buf[0] & 0x80) == 0 || (buf[RSA_2048_LEN - 1] & 1) == 0) {
        return false;
    }
    memcpy(modulus, buf, sizeof buf);
    return true;
}
