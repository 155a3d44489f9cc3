/* sim_level.h - the two levels of one simulation. Full: the real mathematics. Protocol: round
 * mathematics and Ed25519 are an ideal stand-in (level_ideal.c), put in their place when the
 * program is linked. Nothing else differs. */
#ifndef TESTS_SIM_LEVEL_H
#define TESTS_SIM_LEVEL_H

#include "crypto/ed25519.h"

/* "full" or "protocol". */
extern const char *const sim_level_name;

/* Batches that a node keeps ready: making one is dear on the full level. */
extern const unsigned sim_level_pool;

/* What ed25519_verify() is on this level; plant.c stands before it. */
enum err sim_level_verify(struct work_stack *w, const uint8_t public_key[ED25519_PUBLIC_LEN],
                          struct view message, const uint8_t sig[ED25519_SIG_LEN]);

#endif
