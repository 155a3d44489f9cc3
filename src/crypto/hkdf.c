#include "crypto/hkdf.h"

#include "base/secret.h"

#include <nettle/hmac.h>
#include <string.h>

void hkdf_hmac(struct view key, struct view message, uint8_t mac[HKDF_LEN])
{
    struct hmac_sha384_ctx h;

    hmac_sha384_set_key(&h, key.n, key.p);
    hmac_sha384_update(&h, message.n, message.p);
    hmac_sha384_digest(&h, HKDF_LEN, mac);
    wipe(&h, sizeof h);
}

void hkdf_extract(struct view salt, struct view ikm, struct hkdf_prk *prk)
{
    hkdf_hmac(salt, ikm, prk->k);
}

enum err hkdf_expand(const struct hkdf_prk *prk, struct view info, uint8_t *out, size_t n)
{
    struct hmac_sha384_ctx h;
    uint8_t t[HKDF_LEN];

    if (n > HKDF_EXPAND_MAX) {
        return ERR_RANGE;
    }
    hmac_sha384_set_key(&h, sizeof prk->k, prk->k);
    for (uint8_t i = 1; n > 0; i++) {
        const size_t part = n < sizeof t ? n : sizeof t;

        hmac_sha384_update(&h, i > 1 ? sizeof t : 0, t);
        hmac_sha384_update(&h, info.n, info.p);
        hmac_sha384_update(&h, 1, &i);
        hmac_sha384_digest(&h, sizeof t, t);
        memcpy(out, t, part);
        out += part;
        n -= part;
    }
    wipe(t, sizeof t);
    wipe(&h, sizeof h);
    return ERR_OK;
}
