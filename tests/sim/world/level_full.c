/* The full level: everything is real. */
#include "sim_level.h"

const char *const sim_level_name = "full";
const unsigned sim_level_pool = 10;

/* The name is the linker's: --wrap leaves the real function under it. */
enum err __real_ed25519_verify(struct work_stack *w,
                               const uint8_t public_key[ED25519_PUBLIC_LEN],
                               struct view message, const uint8_t sig[ED25519_SIG_LEN]);

enum err sim_level_verify(struct work_stack *w, const uint8_t public_key[ED25519_PUBLIC_LEN],
                          struct view message, const uint8_t sig[ED25519_SIG_LEN])
{
    return __real_ed25519_verify(w, public_key, message, sig);
}
