#include "dkg_world.h"

const char *const dkg_plant_names[DKG_PLANT_COUNT] = {"none",      "norm",  "echo", "opening",
                                                      "complaint", "share", "id"};

static struct dkg_world *world;
static enum dkg_plant planted;
static unsigned planted_in = DKG_NODES;
static unsigned driven = DKG_NODES;

void dkg_plant_in(struct dkg_world *w, enum dkg_plant what, unsigned node)
{
    world = w;
    planted = what;
    planted_in = node;
}

void dkg_plant_enter(unsigned node)
{
    driven = node;
}

void dkg_plant_leave(void)
{
    driven = DKG_NODES;
}

static bool has(enum dkg_plant what)
{
    return planted == what && driven == planted_in && driven != DKG_NODES;
}

/* Names as the linker makes them. */
const struct ceremony_msg *__real_ceremony_known_differs(const struct ceremony_known *k,
                                                         const struct ceremony_msg *voucher);
const struct ceremony_msg *__wrap_ceremony_known_differs(const struct ceremony_known *k,
                                                         const struct ceremony_msg *voucher);
struct ceremony_verdict __real_ceremony_judge(const struct ceremony_known *k, uint8_t from,
                                              const struct ceremony_complaint *c,
                                              const uint8_t *id,
                                              struct ceremony_scratch *scratch);
struct ceremony_verdict __wrap_ceremony_judge(const struct ceremony_known *k, uint8_t from,
                                              const struct ceremony_complaint *c,
                                              const uint8_t *id,
                                              struct ceremony_scratch *scratch);
bool __real_core_member_is_fresh(const struct core_member *m, const uint8_t *nonce);
bool __wrap_core_member_is_fresh(const struct core_member *m, const uint8_t *nonce);
enum err __wrap_tmldsa_share_load(const struct tmldsa_path *path,
                                  const struct tmldsa_params *params, unsigned party,
                                  const uint8_t sigma[][TMLDSA_SIGMA_LEN],
                                  struct tmldsa_share_scratch *scratch,
                                  struct tmldsa_share *share);
void __wrap_tmldsa_keygen_sigma(const struct tmldsa_ceremony *c,
                                const struct tmldsa_rho_opening openings[], unsigned subset,
                                const struct tmldsa_seed_opening seeds[], uint8_t *sigma);
enum err __wrap_tecdsa_keygen_check_share(const struct tecdsa_opening *opening, unsigned to,
                                          const uint8_t *share);
enum err __wrap_ed25519_verify(struct work_stack *w, const uint8_t *public_key,
                               struct view message, const uint8_t *sig);

const struct ceremony_msg *__wrap_ceremony_known_differs(const struct ceremony_known *k,
                                                         const struct ceremony_msg *voucher)
{
    return has(DKG_PLANT_ECHO) ? NULL : __real_ceremony_known_differs(k, voucher);
}

struct ceremony_verdict __wrap_ceremony_judge(const struct ceremony_known *k, uint8_t from,
                                              const struct ceremony_complaint *c,
                                              const uint8_t *id,
                                              struct ceremony_scratch *scratch)
{
    if (has(DKG_PLANT_COMPLAINT)) {
        return (struct ceremony_verdict){c->reason, c->accused};
    }
    return __real_ceremony_judge(k, from, c, id, scratch);
}

bool __wrap_core_member_is_fresh(const struct core_member *m, const uint8_t *nonce)
{
    return has(DKG_PLANT_ID) || __real_core_member_is_fresh(m, nonce);
}

/* Sums that are too long come once in 2^40 keys: here they come when the history says so. */
enum err __wrap_tmldsa_share_load(const struct tmldsa_path *path,
                                  const struct tmldsa_params *params, unsigned party,
                                  const uint8_t sigma[][TMLDSA_SIGMA_LEN],
                                  struct tmldsa_share_scratch *scratch,
                                  struct tmldsa_share *share)
{
    const bool too_long = driven != DKG_NODES && dkg_check_too_long(world, driven);

    if (too_long && !has(DKG_PLANT_NORM)) {
        memset(share, 0, sizeof *share);
        return ERR_RANGE;
    }
    return dkg_level_share_load(path, params, party, sigma, scratch, share);
}

void __wrap_tmldsa_keygen_sigma(const struct tmldsa_ceremony *c,
                                const struct tmldsa_rho_opening openings[], unsigned subset,
                                const struct tmldsa_seed_opening seeds[], uint8_t *sigma)
{
    struct tmldsa_rho_opening fewer[PLAN_NODES_MAX] = {0};

    if (!has(DKG_PLANT_OPENING)) {
        dkg_level_sigma(c, openings, subset, seeds, sigma);
        return;
    }
    memcpy(fewer, openings, (c->params->n - 1U) * sizeof fewer[0]);
    dkg_level_sigma(c, fewer, subset, seeds, sigma);
}

enum err __wrap_tecdsa_keygen_check_share(const struct tecdsa_opening *opening, unsigned to,
                                          const uint8_t *share)
{
    return has(DKG_PLANT_SHARE) ? ERR_OK : dkg_level_check_share(opening, to, share);
}

enum err __wrap_ed25519_verify(struct work_stack *w, const uint8_t *public_key,
                               struct view message, const uint8_t *sig)
{
    return sim_level_verify(w, public_key, message, sig);
}
