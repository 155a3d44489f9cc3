/* The full level: everything is real. */
#include "presim.h"
#include "sim_level.h"

const char *const presim_level_name = "full";

/* The name is the linker's: --wrap leaves the real function under it. */
enum err __real_ed25519_verify(struct work_stack *w, const uint8_t *public_key,
                               struct view message, const uint8_t *sig);

enum err sim_level_verify(struct work_stack *w, const uint8_t public_key[ED25519_PUBLIC_LEN],
                          struct view message, const uint8_t sig[ED25519_SIG_LEN])
{
    return __real_ed25519_verify(w, public_key, message, sig);
}

void presim_level_begin(uint64_t seed)
{
    (void)seed;
}
