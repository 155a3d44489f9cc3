#include "crypto/mldsa/mldsa_sample.h"

#include "base/cpu.h"
#include "base/secret.h"

#include <string.h>

/* Starts four streams on n bytes of each seed and takes count blocks of each. */
static void start(const struct mldsa_path *path, enum sponge_kind kind, size_t n,
                  unsigned count, struct mldsa_sampler *x)
{
    sponge_x4_start_rows(&x->x4, path->keccak, kind, x->seed[0], sizeof x->seed[0], n);
    sponge_x4_squeeze_rows(&x->x4, x->bytes[0], sizeof x->bytes[0], count);
}

/* A step of rejection sampling: as take_uniform of struct mldsa_path. */
typedef unsigned take_fn(struct mldsa_poly *a, unsigned have, const uint8_t *in, size_t n);

/* Fills the first count polynomials from the first count streams: RejNTTPoly and RejBoundedPoly
 * (alg. 30, 31), which differ in what they take. */
static void fill(take_fn *take, unsigned blocks, struct mldsa_sampler *sampler,
                 struct mldsa_poly *const to[4], unsigned count)
{
    size_t n = (size_t)blocks * sampler->x4.rate;
    unsigned have[4] = {0};
    unsigned full;

    for (;;) {
        full = 0;
        for (unsigned j = 0; j < count; j++) {
            have[j] = take(to[j], have[j], sampler->bytes[j], n);
            full += have[j] / MLDSA_N;
        }
        if (full == count) {
            return;
        }
        sponge_x4_squeeze_rows(&sampler->x4, sampler->bytes[0], sizeof sampler->bytes[0], 1);
        n = sampler->x4.rate;
    }
}

void mldsa_expand_a(const struct mldsa_path *path, const struct mldsa_params *params,
                    const uint8_t rho[MLDSA_SEED_LEN], struct mldsa_sampler *sampler,
                    struct mldsa_poly *a_hat, unsigned stride)
{
    const unsigned entries = params->k * params->l;

    for (unsigned first = 0; first < entries; first += 4) {
        struct mldsa_poly *to[4] = {0};
        unsigned count = 0;

        for (unsigned e = first; e < first + 4; e++) { /* past the end: a lane without use */
            const unsigned r = e / params->l;
            const unsigned s = e % params->l;
            uint8_t *seed = sampler->seed[e - first];

            memcpy(seed, rho, MLDSA_SEED_LEN);
            seed[MLDSA_SEED_LEN] = (uint8_t)s;
            seed[MLDSA_SEED_LEN + 1] = (uint8_t)r;
            if (e < entries) {
                to[count++] = &a_hat[r * stride + s];
            }
        }
        start(path, SPONGE_SHAKE128, MLDSA_SEED_LEN + 2, MLDSA_SAMPLE_BLOCKS, sampler);
        fill(path->take_uniform, MLDSA_SAMPLE_BLOCKS, sampler, to, count);
        for (unsigned j = 0; j < count; j++) {
            path->hat_order(to[j]);
        }
    }
}

/* CoeffFromHalfByte (alg. 15) without a branch: *out for a nibble; whether it is kept. */
ALWAYS_INLINE unsigned half_byte(unsigned nibble, unsigned eta, int32_t *out)
{
    if (eta == 2) {
        *out = 2 - (int32_t)(nibble - 5 * ((nibble * 13) >> 6)); /* nibble mod 5 */
        return (nibble - 15) >> 31;
    }
    *out = 4 - (int32_t)nibble;
    return (nibble - 9) >> 31;
}

ALWAYS_INLINE unsigned take_bounded(struct mldsa_poly *a, unsigned have, unsigned eta,
                                    const uint8_t *in, size_t n)
{
    for (size_t i = 0; i < 2 * n && have < MLDSA_N; i++) {
        const unsigned nibble = (unsigned)(in[i / 2] >> (i % 2 * 4)) & 15;
        int32_t v;
        unsigned keep = half_byte(nibble, eta, &v);

        CT_PUBLIC(&keep, sizeof keep); /* see the header */
        a->coeff[have] = v;
        have += keep;
    }
    return have;
}

static unsigned take_eta_2(struct mldsa_poly *a, unsigned have, const uint8_t *in, size_t n)
{
    return take_bounded(a, have, 2, in, n);
}

static unsigned take_eta_4(struct mldsa_poly *a, unsigned have, const uint8_t *in, size_t n)
{
    return take_bounded(a, have, 4, in, n);
}

/* rho' or rho'' and a 16-bit counter, of four streams. */
static void seed_counters(struct mldsa_sampler *sampler,
                          const uint8_t seed[MLDSA_RHO_PRIME_LEN], unsigned first)
{
    for (unsigned j = 0; j < 4; j++) {
        memcpy(sampler->seed[j], seed, MLDSA_RHO_PRIME_LEN);
        sampler->seed[j][MLDSA_RHO_PRIME_LEN] = (uint8_t)(first + j);
        sampler->seed[j][MLDSA_RHO_PRIME_LEN + 1] = (uint8_t)((first + j) >> 8);
    }
}

void mldsa_expand_s(const struct mldsa_path *path, const struct mldsa_params *params,
                    const uint8_t rho_prime[MLDSA_RHO_PRIME_LEN], struct mldsa_sampler *sampler,
                    struct mldsa_poly *s1, struct mldsa_poly *s2)
{
    const unsigned total = params->l + params->k;

    for (unsigned first = 0; first < total; first += 4) {
        struct mldsa_poly *to[4] = {0};
        unsigned count = 0;

        for (unsigned i = first; i < first + 4 && i < total; i++) {
            to[count++] = i < params->l ? &s1[i] : &s2[i - params->l];
        }
        seed_counters(sampler, rho_prime, first);
        start(path, SPONGE_SHAKE256, MLDSA_RHO_PRIME_LEN + 2, 2, sampler);
        fill(params->eta == 2 ? take_eta_2 : take_eta_4, 2, sampler, to, count);
    }
}

void mldsa_expand_mask(const struct mldsa_path *path, const struct mldsa_params *params,
                       const uint8_t rho_pp[MLDSA_RHO_PRIME_LEN], unsigned first,
                       struct mldsa_sampler *sampler, struct mldsa_poly y[4])
{
    seed_counters(sampler, rho_pp, first);
    start(path, SPONGE_SHAKE256, MLDSA_RHO_PRIME_LEN + 2,
          (params->z_len + SHAKE256_RATE - 1) / SHAKE256_RATE, sampler);
    for (int j = 0; j < 4; j++) {
        path->gamma1_unpack(&y[j], params->gamma1, sampler->bytes[j]);
    }
}

void mldsa_sample_in_ball(const struct mldsa_path *path, const struct mldsa_params *params,
                          const uint8_t *c_tilde, struct mldsa_poly *c)
{
    struct sponge s;
    uint8_t block[SHAKE256_RATE];
    unsigned at = 8;
    uint64_t sign;

    sponge_init(&s, path->keccak, SPONGE_SHAKE256);
    sponge_absorb(&s, c_tilde, params->c_tilde_len);
    sponge_squeeze(&s, block, sizeof block);
    memcpy(&sign, block, sizeof sign);
    memset(c, 0, sizeof *c);
    for (unsigned i = MLDSA_N - params->tau; i < MLDSA_N; i++) {
        unsigned j;

        do {
            if (at == sizeof block) {
                sponge_squeeze(&s, block, sizeof block);
                at = 0;
            }
            j = block[at++];
        } while (j > i);
        c->coeff[i] = c->coeff[j];
        c->coeff[j] = 1 - 2 * (int32_t)(sign & 1);
        sign >>= 1;
    }
}
