/* The full level: everything is real. */
#include "presim.h"
#include "sim_level.h"

const char *const presim_level_name = "full";
const unsigned presim_level_together = 1; /* signers have a state */

/* The names are the linker's: --wrap leaves the real functions under them. */
enum err __real_ed25519_verify(struct work_stack *w, const uint8_t *public_key,
                               struct view message, const uint8_t *sig);

enum err __real_tecdsa_online_combine(const uint8_t *public_key, const uint8_t *r,
                                      const uint8_t *digest,
                                      const struct tecdsa_answer *answers, uint8_t *sig);

enum err presim_level_combine(const uint8_t *public_key, const uint8_t *r,
                              const uint8_t *digest, const struct tecdsa_answer *answers,
                              uint8_t *sig)
{
    return __real_tecdsa_online_combine(public_key, r, digest, answers, sig);
}

enum err sim_level_verify(struct work_stack *w, const uint8_t public_key[ED25519_PUBLIC_LEN],
                          struct view message, const uint8_t sig[ED25519_SIG_LEN])
{
    return __real_ed25519_verify(w, public_key, message, sig);
}

void presim_level_begin(uint64_t seed)
{
    (void)seed;
}
