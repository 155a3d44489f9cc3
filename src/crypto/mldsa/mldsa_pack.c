#include "crypto/mldsa/mldsa_pack.h"

#include "crypto/mldsa/mldsa_round.h"

#include <assert.h>
#include <string.h>

/* BitPack (alg. 17), sign -1: each coefficient as top - coeff; SimpleBitPack (alg. 16), sign 1
 * and top 0: as it is. bits wide, little end first. */
ALWAYS_INLINE void pack(const struct mldsa_poly *a, int32_t top, int32_t sign, unsigned bits,
                        uint8_t *out)
{
    uint64_t held = 0;
    unsigned n = 0;

    for (unsigned i = 0; i < MLDSA_N; i++) {
        held |= (uint64_t)(uint32_t)(top + sign * a->coeff[i]) << n;
        n += bits;
        while (n >= 8) {
            *out++ = (uint8_t)held;
            held >>= 8;
            n -= 8;
        }
    }
}

/* SimpleBitUnpack and BitUnpack (alg. 18, 19). */
ALWAYS_INLINE void unpack(const uint8_t *in, int32_t top, int32_t sign, unsigned bits,
                          struct mldsa_poly *a)
{
    uint64_t held = 0;
    unsigned n = 0;

    for (unsigned i = 0; i < MLDSA_N; i++) {
        while (n < bits) {
            held |= (uint64_t)*in++ << n;
            n += 8;
        }
        a->coeff[i] = top + sign * (int32_t)(held & ((1u << bits) - 1));
        held >>= bits;
        n -= bits;
    }
}

void mldsa_t1_encode(const struct mldsa_poly *t1, uint8_t out[MLDSA_T1_LEN])
{
    pack(t1, 0, 1, 10, out);
}

void mldsa_t1_decode(const uint8_t in[MLDSA_T1_LEN], struct mldsa_poly *t1)
{
    unpack(in, 0, 1, 10, t1);
}

void mldsa_t0_encode(const struct mldsa_poly *t0, uint8_t out[MLDSA_T0_LEN])
{
    pack(t0, 1 << (MLDSA_D - 1), -1, 13, out);
}

void mldsa_t0_decode(const uint8_t in[MLDSA_T0_LEN], struct mldsa_poly *t0)
{
    unpack(in, 1 << (MLDSA_D - 1), -1, 13, t0);
}

void mldsa_eta_encode(const struct mldsa_poly *s, unsigned eta, uint8_t *out)
{
    if (eta == 2) {
        pack(s, 2, -1, 3, out);
    } else {
        pack(s, 4, -1, 4, out);
    }
}

uint32_t mldsa_eta_decode(const uint8_t *in, unsigned eta, struct mldsa_poly *s)
{
    uint32_t outside = 0;

    if (eta == 2) {
        unpack(in, 2, -1, 3, s);
    } else {
        unpack(in, 4, -1, 4, s);
    }
    for (unsigned i = 0; i < MLDSA_N; i++) {
        outside |= mldsa_reaches(s->coeff[i], (int32_t)eta + 1);
    }
    return outside;
}

void mldsa_z_encode(const struct mldsa_poly *z, const struct mldsa_params *params, uint8_t *out)
{
    if (params->gamma1 == 1 << 17) {
        pack(z, 1 << 17, -1, 18, out);
    } else {
        pack(z, 1 << 19, -1, 20, out);
    }
}

void mldsa_hint_encode(const struct mldsa_params *params, const struct mldsa_hint *hint,
                       uint8_t *out)
{
    unsigned n = 0;

    memset(out, 0, params->omega);
    for (unsigned i = 0; i < params->k; i++) {
        for (unsigned j = 0; j < MLDSA_N; j++) {
            if (hint->at[i][j] != 0) {
                assert(n < params->omega);
                out[n++] = (uint8_t)j;
            }
        }
        out[params->omega + i] = (uint8_t)n;
    }
}

enum err mldsa_hint_decode(const struct mldsa_params *params, struct view in,
                           struct mldsa_hint *hint)
{
    unsigned n = 0;

    memset(hint, 0, sizeof *hint);
    if (in.n != params->omega + params->k) {
        return ERR_LENGTH;
    }
    for (unsigned i = 0; i < params->k; i++) {
        const unsigned first = n;
        const unsigned end = in.p[params->omega + i];

        if (end < n || end > params->omega) {
            goto refuse;
        }
        for (; n < end; n++) {
            if (n > first && in.p[n] <= in.p[n - 1]) {
                goto refuse;
            }
            hint->at[i][in.p[n]] = 1;
        }
    }
    for (; n < params->omega; n++) {
        if (in.p[n] != 0) {
            goto refuse;
        }
    }
    return ERR_OK;

refuse:
    memset(hint, 0, sizeof *hint);
    return ERR_ENCODING;
}
