/* The full level: everything is real. */
#include "dkg_level.h"

/* Names as the linker makes them. */
enum err __real_tmldsa_share_load(const struct tmldsa_path *path,
                                  const struct tmldsa_params *params, unsigned party,
                                  const uint8_t sigma[][TMLDSA_SIGMA_LEN],
                                  struct tmldsa_share_scratch *scratch,
                                  struct tmldsa_share *share);
void __real_tmldsa_keygen_sigma(const struct tmldsa_ceremony *c,
                                const struct tmldsa_rho_opening openings[], unsigned subset,
                                const struct tmldsa_seed_opening seeds[], uint8_t *sigma);

enum err __real_tecdsa_keygen_check_share(const struct tecdsa_opening *opening, unsigned to,
                                          const uint8_t *share);

void dkg_level_begin(uint64_t seed)
{
    (void)seed;
}

enum err dkg_level_share_load(const struct tmldsa_path *path,
                              const struct tmldsa_params *params, unsigned party,
                              const uint8_t sigma[][TMLDSA_SIGMA_LEN],
                              struct tmldsa_share_scratch *scratch, struct tmldsa_share *share)
{
    return __real_tmldsa_share_load(path, params, party, sigma, scratch, share);
}

void dkg_level_sigma(const struct tmldsa_ceremony *c,
                     const struct tmldsa_rho_opening openings[], unsigned subset,
                     const struct tmldsa_seed_opening seeds[], uint8_t sigma[TMLDSA_SIGMA_LEN])
{
    __real_tmldsa_keygen_sigma(c, openings, subset, seeds, sigma);
}

enum err dkg_level_check_share(const struct tecdsa_opening *opening, unsigned to,
                               const uint8_t share[TECDSA_SCALAR_LEN])
{
    return __real_tecdsa_keygen_check_share(opening, to, share);
}
