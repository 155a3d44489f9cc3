#include "crypto/tmldsa/tmldsa_pack.h"

#include "crypto/mldsa/mldsa_round.h"

#include <assert.h>
#include <string.h>

#define BITS 23 /* of q */

static size_t poly_len(unsigned drop)
{
    return (size_t)MLDSA_N / 8 * (BITS - drop);
}

size_t tmldsa_pack_w_len(const struct tmldsa_params *p)
{
    return p->set->k * poly_len(p->drop);
}

size_t tmldsa_pack_batch_len(const struct tmldsa_params *p)
{
    return p->repetitions * tmldsa_pack_w_len(p);
}

size_t tmldsa_pack_t_len(const struct tmldsa_params *p)
{
    return (size_t)p->set->k * TMLDSA_T_POLY_LEN;
}

void tmldsa_pack_t(const struct mldsa_poly *t, uint8_t out[TMLDSA_T_POLY_LEN])
{
    uint64_t bits = 0;
    unsigned have = 0;

    for (unsigned i = 0; i < MLDSA_N; i++) {
        bits |= (uint64_t)(uint32_t)t->coeff[i] << have;
        for (have += BITS; have >= 8; have -= 8) {
            *out++ = (uint8_t)bits;
            bits >>= 8;
        }
    }
}

uint32_t tmldsa_unpack_t(const uint8_t in[TMLDSA_T_POLY_LEN], struct mldsa_poly *t)
{
    uint64_t bits = 0;
    unsigned have = 0;
    uint32_t over = 0;

    for (unsigned i = 0; i < MLDSA_N; i++) {
        for (; have < BITS; have += 8) {
            bits |= (uint64_t)*in++ << have;
        }
        t->coeff[i] = (int32_t)(bits & ((1u << BITS) - 1));
        over |= (uint32_t)mldsa_negative(MLDSA_Q - 1 - t->coeff[i]);
        bits >>= BITS;
        have -= BITS;
    }
    return over;
}

void tmldsa_pack_w(const struct tmldsa_path *path, unsigned drop, const struct mldsa_poly *u,
                   uint8_t *out)
{
    if (drop == 0) {
        tmldsa_pack_t(u, out);
    } else {
        assert(drop == TMLDSA_DROP);
        path->encode_12(u, out);
    }
}

uint32_t tmldsa_pack_add_w(const struct tmldsa_path *path, unsigned drop, const uint8_t *in,
                           struct mldsa_poly *sum)
{
    struct mldsa_poly u;
    uint32_t over;

    if (drop == TMLDSA_DROP) { /* q - 1 rounds to this multiple */
        return path->add_12(sum, in, (MLDSA_Q - 1 + (1 << (TMLDSA_DROP - 1))) >> TMLDSA_DROP);
    }
    assert(drop == 0);
    over = tmldsa_unpack_t(in, &u);
    for (unsigned i = 0; i < MLDSA_N; i++) {
        sum->coeff[i] += u.coeff[i];
    }
    return over;
}
