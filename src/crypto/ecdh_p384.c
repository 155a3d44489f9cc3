#include "crypto/ecdh_p384.h"

#include "crypto/p384_internal.h"
#include "crypto/p384_point.h"

#include <nettle/ecc-curve.h>
#include <nettle/ecc.h>
#include <string.h>

struct agree_call {
    const struct p384_key *key;
    const uint8_t *peer;
    struct ecdh_p384_secret *out;
};

/* In a run of the arena: nettle allocates its scratch here. */
static enum err agree(void *arg)
{
    const struct agree_call *const c = arg;
    mp_limb_t limbs[P384_LIMBS];
    mp_limb_t xy[P384_WIDE_LIMBS];
    const struct ecc_scalar d = {nettle_get_secp_384r1(), limbs};
    struct ecc_point q = {nettle_get_secp_384r1(), xy};

    TRY(p384_point_read(c->peer, xy));
    p384_limbs_read(c->key->d, limbs);
    ecc_point_mul(&q, &d, &q);
    p384_limbs_write(xy, c->out->x);
    return ERR_OK;
}

enum err ecdh_p384_agree(struct p384_signer *s, const struct p384_key *k,
                         const uint8_t peer[P384_PUBLIC_LEN], struct ecdh_p384_secret *out)
{
    struct agree_call c = {k, peer, out};

    memset(out, 0, sizeof *out);
    return work_stack_run_gmp(&s->work, agree, &c);
}
