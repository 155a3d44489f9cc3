#include "crypto/tmldsa/tmldsa_repair.h"

#include "base/secret.h"

#include <string.h>

#define ONE_LEN (1 + TMLDSA_SIGMA_LEN)

static bool has(unsigned mask, unsigned party)
{
    return (mask >> party & 1) == 1;
}

size_t tmldsa_repair_len(const struct tmldsa_params *params, unsigned helper, unsigned target)
{
    const struct tmldsa_masks held = tmldsa_alloc_held(params, target);
    size_t n = 0;

    for (unsigned i = 0; i < held.n; i++) {
        n += has(held.mask[i], helper) ? ONE_LEN : 0;
    }
    return n;
}

enum err tmldsa_repair_give(const struct tmldsa_share *share, unsigned target,
                            struct writer *out)
{
    if (target >= share->params->n || target == share->party) {
        return ERR_RANGE;
    }
    for (unsigned i = 0; i < share->held.n; i++) {
        if (has(share->held.mask[i], target)) {
            wr_u8(out, share->held.mask[i]);
            wr_bytes(out, share->sigma[i], TMLDSA_SIGMA_LEN);
        }
    }
    return ERR_OK;
}

enum err tmldsa_repair_begin(struct tmldsa_repair *r, const struct tmldsa_path *path,
                             const struct tmldsa_params *params, unsigned party)
{
    wipe(r, sizeof *r);
    if (party >= params->n) {
        return ERR_RANGE;
    }
    r->params = params;
    r->path = path;
    r->party = party;
    r->held = tmldsa_alloc_held(params, party);
    return ERR_OK;
}

/* Reads the next subset and its secret, which is that of its t_I. */
static enum err check_one(struct reader *in, unsigned mask,
                          const struct tmldsa_repair_public *known,
                          struct tmldsa_keygen_scratch *scratch)
{
    const struct tmldsa_params *const params = known->matrix->params;
    const struct tmldsa_masks all = tmldsa_alloc_all(params);
    const size_t at = tmldsa_alloc_find(&all, mask);
    uint8_t subset;
    struct view sigma;

    TRY(rd_u8(in, &subset));
    TRY(rd_take(in, TMLDSA_SIGMA_LEN, &sigma));
    if (subset != mask) {
        return ERR_ENCODING;
    }
    return tmldsa_keygen_check_sigma(known->matrix, sigma.p,
                                     known->t + at * tmldsa_pack_t_len(params), scratch);
}

static enum err check_all(const struct tmldsa_repair *r, unsigned from, struct view in,
                          const struct tmldsa_repair_public *known,
                          struct tmldsa_keygen_scratch *scratch)
{
    struct reader reader = rd_init(in);
    enum err e = ERR_OK;

    for (unsigned i = 0; i < r->held.n && e == ERR_OK; i++) {
        if (has(r->held.mask[i], from)) {
            e = check_one(&reader, r->held.mask[i], known, scratch);
        }
    }
    return e;
}

enum err tmldsa_repair_take(struct tmldsa_repair *r, unsigned from, struct view in,
                            const struct tmldsa_repair_public *known,
                            struct tmldsa_keygen_scratch *scratch)
{
    size_t at = 0;

    if (r->params == NULL || from >= r->params->n || from == r->party || has(r->given, from)) {
        return ERR_STATE;
    }
    if (in.n != tmldsa_repair_len(r->params, from, r->party)) {
        return ERR_LENGTH;
    }
    TRY(check_all(r, from, in, known, scratch));
    for (unsigned i = 0; i < r->held.n; i++) {
        if (has(r->held.mask[i], from)) {
            memcpy(r->sigma[i], in.p + at + 1, TMLDSA_SIGMA_LEN);
            r->have[i] = true;
            at += ONE_LEN;
        }
    }
    r->given |= 1U << from;
    return ERR_OK;
}

enum err tmldsa_repair_finish(struct tmldsa_repair *r, struct tmldsa_share_scratch *scratch,
                              struct tmldsa_share *share)
{
    enum err e;

    if (r->params == NULL) {
        return ERR_QUORUM;
    }
    for (unsigned i = 0; i < r->held.n; i++) {
        if (!r->have[i]) {
            return ERR_QUORUM;
        }
    }
    wipe(share, sizeof *share);
    e = tmldsa_share_load(r->path, r->params, r->party,
                          (const uint8_t(*)[TMLDSA_SIGMA_LEN])r->sigma, scratch, share);
    wipe(r, sizeof *r);
    return e;
}
