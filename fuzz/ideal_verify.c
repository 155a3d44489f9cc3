/* What level_ideal.c says a signature is; the simulation has its planted faults in between. */
#include "sim_level.h"

/* A name as the linker makes it. */
enum err __wrap_ed25519_verify(struct work_stack *w, const uint8_t *public_key,
                               struct view message, const uint8_t *sig);

enum err __wrap_ed25519_verify(struct work_stack *w, const uint8_t *public_key,
                               struct view message, const uint8_t *sig)
{
    return sim_level_verify(w, public_key, message, sig);
}
