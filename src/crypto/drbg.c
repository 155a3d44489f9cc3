#include "crypto/drbg.h"

#include "base/secret.h"

#include <nettle/hmac.h>
#include <string.h>

#define RESEED_INTERVAL ((uint64_t)1 << 48) /* SP 800-90A table 2 */

/* out = HMAC(K, V | tag | a | b) with the keyed h, which is ready for the next one then. The
 * tag is left out when it is negative. */
static void mac(struct hmac_sha384_ctx *h, const struct drbg *d, int tag, struct view a,
                struct view b, uint8_t out[48])
{
    hmac_sha384_update(h, sizeof d->v, d->v);
    if (tag >= 0) {
        const uint8_t t = (uint8_t)tag;

        hmac_sha384_update(h, 1, &t);
        hmac_sha384_update(h, a.n, a.p);
        hmac_sha384_update(h, b.n, b.p);
    }
    hmac_sha384_digest(h, 48, out);
}

/* HMAC_DRBG_Update, SP 800-90A 10.1.2.2, of the provided data a | b. h is keyed with K. */
static void update(struct drbg *d, struct hmac_sha384_ctx *h, struct view a, struct view b)
{
    const struct view none = {NULL, 0};

    for (int tag = 0; tag <= (a.n + b.n > 0 ? 1 : 0); tag++) {
        mac(h, d, tag, a, b, d->k);
        hmac_sha384_set_key(h, sizeof d->k, d->k);
        mac(h, d, -1, none, none, d->v);
    }
}

static void seed(struct drbg *d, struct view a, struct view b)
{
    struct hmac_sha384_ctx h;

    hmac_sha384_set_key(&h, sizeof d->k, d->k);
    update(d, &h, a, b);
    wipe(&h, sizeof h);
    d->reseed_counter = 1;
}

void drbg_init(struct drbg *d, struct view entropy, struct view personal)
{
    memset(d->k, 0x00, sizeof d->k);
    memset(d->v, 0x01, sizeof d->v);
    seed(d, entropy, personal);
}

void drbg_reseed(struct drbg *d, struct view entropy)
{
    seed(d, entropy, (struct view){NULL, 0});
}

enum err drbg_generate(struct drbg *d, struct view additional, uint8_t *out, size_t n)
{
    const struct view none = {NULL, 0};
    struct hmac_sha384_ctx h;

    if (n > DRBG_BYTES_MAX) {
        return ERR_RANGE;
    }
    if (d->reseed_counter > RESEED_INTERVAL) {
        return ERR_STATE;
    }
    hmac_sha384_set_key(&h, sizeof d->k, d->k);
    if (additional.n > 0) {
        update(d, &h, additional, none);
    }
    for (size_t done = 0; done < n;) {
        const size_t part = n - done < sizeof d->v ? n - done : sizeof d->v;

        mac(&h, d, -1, none, none, d->v);
        memcpy(out + done, d->v, part);
        done += part;
    }
    update(d, &h, additional, none);
    wipe(&h, sizeof h);
    d->reseed_counter++;
    return ERR_OK;
}

void drbg_wipe(struct drbg *d)
{
    wipe(d, sizeof *d);
}
