#include "wire/ceremony_hash.h"

#include "base/secret.h"
#include "crypto/hash.h"

#include <string.h>

static void begin(struct shake256 *s, const char *tag, const uint8_t sid[CEREMONY_HASH_LEN])
{
    static const char label[] = "TMLDSA-DKG-v1";

    shake256_init(s);
    shake256_update(s, label, sizeof label); /* with its zero byte */
    shake256_update(s, tag, strlen(tag) + 1);
    if (sid != NULL) {
        shake256_update_field(s, sid, CEREMONY_HASH_LEN);
    }
}

static void end(struct shake256 *s, uint8_t *out, size_t n)
{
    shake256_final(s, out, n);
    wipe(s, sizeof *s);
}

void ceremony_hash_sid(const uint8_t epoch_id[EPOCH_ID_LEN],
                       const uint8_t hash_of_plan[PLAN_HASH_LEN],
                       uint8_t sid[CEREMONY_HASH_LEN])
{
    struct shake256 s;

    begin(&s, "sid", NULL);
    shake256_update_field(&s, epoch_id, EPOCH_ID_LEN);
    shake256_update_field(&s, hash_of_plan, PLAN_HASH_LEN);
    end(&s, sid, CEREMONY_HASH_LEN);
}

/* Two fields that stand together, the first n bytes and the rest. */
static void update_pair(struct shake256 *s, struct view both, size_t n)
{
    struct reader r = rd_init(both);
    struct view first;

    if (rd_take(&r, n, &first) == ERR_OK) {
        shake256_update_field(s, first.p, first.n);
        shake256_update_field(s, r.p, r.n);
    }
}

void ceremony_hash_rho(const uint8_t sid[CEREMONY_HASH_LEN], uint8_t node, struct view rho_salt,
                       uint8_t out[CEREMONY_HASH_LEN])
{
    struct shake256 s;

    begin(&s, "rho", sid);
    shake256_update_field(&s, &node, 1);
    update_pair(&s, rho_salt, CEREMONY_RHO_LEN);
    end(&s, out, CEREMONY_HASH_LEN);
}

void ceremony_hash_seed(const uint8_t sid[CEREMONY_HASH_LEN], uint8_t node, uint8_t mask,
                        struct view sigma_salt, uint8_t out[CEREMONY_HASH_LEN])
{
    struct shake256 s;

    begin(&s, "seed", sid);
    shake256_update_field(&s, &node, 1);
    shake256_update_field(&s, &mask, 1);
    update_pair(&s, sigma_salt, CEREMONY_SIGMA_LEN);
    end(&s, out, CEREMONY_HASH_LEN);
}

void ceremony_hash_message(const uint8_t sid[CEREMONY_HASH_LEN], struct view whole,
                           uint8_t out[CEREMONY_HASH_LEN])
{
    struct shake256 s;

    begin(&s, "message", sid);
    shake256_update_field(&s, whole.p, whole.n);
    end(&s, out, CEREMONY_HASH_LEN);
}

static void update_rho(struct shake256 *s, const struct ceremony_rho *rho, size_t total)
{
    for (size_t i = 0; i < total; i++) {
        shake256_update_field(s, rho->of[i], CEREMONY_RHO_LEN);
    }
}

void ceremony_hash_rho_final(const uint8_t sid[CEREMONY_HASH_LEN],
                             const struct ceremony_rho *rho, size_t total,
                             uint8_t out[CEREMONY_RHO_LEN])
{
    struct shake256 s;

    begin(&s, "rho-final", sid);
    update_rho(&s, rho, total);
    end(&s, out, CEREMONY_RHO_LEN);
}

void ceremony_hash_seed_final(const uint8_t sid[CEREMONY_HASH_LEN],
                              const struct ceremony_rho *rho, size_t total, uint8_t mask,
                              const struct ceremony_sigma *sigma,
                              uint8_t out[CEREMONY_SIGMA_LEN])
{
    struct shake256 s;

    begin(&s, "seed-final", sid);
    update_rho(&s, rho, total);
    shake256_update_field(&s, &mask, 1);
    for (uint8_t j = 0; j < total; j++) {
        if ((mask >> j & 1) != 0) {
            shake256_update_field(&s, &j, 1);
            shake256_update_field(&s, sigma->of[j], CEREMONY_SIGMA_LEN);
        }
    }
    end(&s, out, CEREMONY_SIGMA_LEN);
}

void ceremony_hash_t(const uint8_t sid[CEREMONY_HASH_LEN], uint8_t mask, struct view t,
                     uint8_t out[CEREMONY_HASH_LEN])
{
    struct shake256 s;

    begin(&s, "t", sid);
    shake256_update_field(&s, &mask, 1);
    shake256_update_field(&s, t.p, t.n);
    end(&s, out, CEREMONY_HASH_LEN);
}

void ceremony_hash_done(const uint8_t sid[CEREMONY_HASH_LEN], struct view public_key,
                        uint8_t out[CEREMONY_HASH_LEN])
{
    struct shake256 s;

    begin(&s, "done", sid);
    shake256_update_field(&s, public_key.p, public_key.n);
    end(&s, out, CEREMONY_HASH_LEN);
}
