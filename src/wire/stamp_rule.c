/* What every signer and the host derive alike from the rounds: stamp_derive() of stamp.h. */
#include "wire/stamp.h"

#include <string.h>

#define NS_PER_MS 1000000

int64_t stamp_unit_ms(uint8_t digits)
{
    static const int64_t unit[] = {1000, 100, 10};

    return digits < sizeof unit / sizeof unit[0] ? unit[digits] : 0;
}

/* The bodies, decoded and found to belong to this session. */
static enum err read_bodies(const struct r2_head *h, const struct r2_stamp *s,
                            struct r1_body bodies[STAMP_T_MAX])
{
    const size_t offer = r1_len(h->key, h->t) - R1_BODY_LEN;
    struct reader r = rd_init(s->bodies);
    struct view one;
    struct view rest;

    for (size_t i = 0; i < h->t; i++) {
        TRY(rd_take(&r, R1_BODY_LEN, &one));
        TRY(rd_take(&r, offer, &rest));
        TRY(r1_body_decode(one, &bodies[i]));
        if (memcmp(bodies[i].epoch_id, h->epoch_id, EPOCH_ID_LEN) != 0 ||
            bodies[i].key != h->key || memcmp(bodies[i].sid0, s->sid0, SID0_LEN) != 0 ||
            bodies[i].index != h->signers[i]) {
            return ERR_MISMATCH;
        }
        if (h->signers[i] == 0 || (i > 0 && h->signers[i] <= h->signers[i - 1])) {
            return ERR_MISMATCH;
        }
    }
    return rd_finish(&r);
}

/* Lower median of the spans' middles: with two bad signers of three still inside an honest
 * span. */
static int64_t median_ns(const struct r1_body *bodies, size_t t)
{
    int64_t mid[STAMP_T_MAX] = {0};

    for (size_t i = 0; i < t; i++) {
        /* lo and hi are at least 0, so this is the floor of the half sum without overflow. */
        const int64_t m = bodies[i].lo_ns + (bodies[i].hi_ns - bodies[i].lo_ns) / 2;
        size_t at = i;

        for (; at > 0 && mid[at - 1] > m; at--) {
            mid[at] = mid[at - 1];
        }
        mid[at] = m;
    }
    return mid[(t - 1) / 2];
}

static enum err derive_time(const struct r1_body *bodies, size_t t,
                            const struct stamp_policy *p, struct stamp *out)
{
    const int64_t unit = stamp_unit_ms(p->digits);
    int64_t g = median_ns(bodies, t) / NS_PER_MS;
    int64_t worst = 0;
    int64_t a = 0;

    if (unit > 0) {
        g = (g + unit / 2) / unit * unit;
    }
    for (size_t i = 0; i < t; i++) {
        const int64_t below = g * NS_PER_MS - bodies[i].lo_ns;
        const int64_t above = bodies[i].hi_ns - g * NS_PER_MS;

        worst = below > worst ? below : worst;
        worst = above > worst ? above : worst;
    }
    a = (worst + NS_PER_MS - 1) / NS_PER_MS + R1_LIFE_MS;
    a = a < p->min_accuracy_ms ? p->min_accuracy_ms : a;
    if (a > p->max_accuracy_ms) {
        return ERR_TIME;
    }
    out->gen_time_ms = g;
    out->accuracy_ms = (uint32_t)a;
    return ERR_OK;
}

static enum err derive_serial(const struct r2_head *h, const struct r2_stamp *s,
                              const struct r1_body *bodies, uint8_t serial[STAMP_SERIAL_LEN])
{
    static const char label[] = "quorate-serial-v1";
    uint8_t digest[HASH_MAX];
    uint8_t any = 0;
    struct hash_state hash;

    hash_init(&hash, HASH_SHA384);
    hash_update(&hash, label, sizeof label - 1);
    hash_update(&hash, h->epoch_id, EPOCH_ID_LEN);
    hash_update(&hash, &h->key, 1);
    hash_update(&hash, s->sid0, SID0_LEN);
    hash_update(&hash, h->signers, h->t);
    for (size_t i = 0; i < h->t; i++) {
        hash_update(&hash, bodies[i].part, R1_PART_LEN);
    }
    hash_final(&hash, digest);
    digest[0] &= 0x7f;
    for (size_t i = 0; i < STAMP_SERIAL_LEN; i++) {
        any |= digest[i];
    }
    if (any == 0) {
        return ERR_RANGE;
    }
    memcpy(serial, digest, STAMP_SERIAL_LEN);
    return ERR_OK;
}

static void absorb(struct shake256 *x, const void *p, size_t n)
{
    uint8_t len[4];
    struct writer w = wr_init(len, sizeof len);

    wr_u32le(&w, (uint32_t)n);
    shake256_update(x, len, sizeof len);
    shake256_update(x, p, n);
}

/* Over every field of this stamp's R2, in wire order. */
static void derive_x(const struct r2_head *h, const struct r2_stamp *s,
                     uint8_t out[STAMP_X_LEN])
{
    static const char label[] = "quorate-r2-v1";
    struct shake256 x;

    shake256_init(&x);
    shake256_update(&x, label, sizeof label - 1);
    absorb(&x, h->epoch_id, EPOCH_ID_LEN);
    absorb(&x, &h->key, 1);
    absorb(&x, h->activation, ACTIVATION_HASH_LEN);
    absorb(&x, h->signers, h->t);
    absorb(&x, s->sid0, SID0_LEN);
    absorb(&x, s->bodies.p, s->bodies.n);
    absorb(&x, &s->hash_alg, 1);
    absorb(&x, &s->policy, 1);
    absorb(&x, s->hashed_message.p, s->hashed_message.n);
    absorb(&x, s->nonce.p, s->nonce.n);
    if (stamp_is_presigned(h->key, h->t)) {
        absorb(&x, s->presign.p, s->presign.n);
    }
    shake256_final(&x, out, STAMP_X_LEN);
}

enum err stamp_derive(const struct r2_head *h, const struct r2_stamp *s,
                      const struct stamp_policy *p, struct stamp *out)
{
    struct r1_body bodies[STAMP_T_MAX];
    struct stamp st = {0};

    *out = st;
    TRY(read_bodies(h, s, bodies));
    TRY(derive_time(bodies, h->t, p, &st));
    TRY(derive_serial(h, s, bodies, st.serial));
    if (h->t > 1) {
        derive_x(h, s, st.x);
    }
    *out = st;
    return ERR_OK;
}
