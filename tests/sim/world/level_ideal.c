/* The protocol level: an ideal stand-in for the round mathematics of threshold ML-DSA
 * (level_ideal_rounds.c), and here for Ed25519, for the generator of random numbers and for
 * SHAKE256, which X is. The linker puts these functions in the place of those that their names
 * end with (--wrap); the step machines that call them are the same objects as on the full
 * level.
 */
#include "ideal_mix.h"
#include "sim_level.h"

#include "crypto/drbg.h"
#include "crypto/hash.h"

const char *const sim_level_name = "protocol";
const unsigned sim_level_pool = 10;

/* Names as the linker makes them. */
void __wrap_shake256_init(struct shake256 *s);
void __wrap_shake256_update(struct shake256 *s, const void *p, size_t n);
void __wrap_shake256_update_field(struct shake256 *s, const void *p, size_t n);
void __wrap_shake256_final(struct shake256 *s, uint8_t *out, size_t out_len);
void __wrap_drbg_init(struct drbg *d, struct view entropy, struct view personal);
enum err __wrap_drbg_generate(struct drbg *d, struct view additional, uint8_t *out, size_t n);
enum err __wrap_ed25519_sign(struct work_stack *w, const struct ed25519_key *k,
                             struct view message, uint8_t sig[ED25519_SIG_LEN]);

/* ---- SHAKE256: the state is a mix ---- */

static struct mix load(const struct shake256 *s)
{
    struct mix m;

    memcpy(&m, s, sizeof m);
    return m;
}

void __wrap_shake256_init(struct shake256 *s)
{
    const struct mix m = mix_begin(MIX_HASH);

    memcpy(s, &m, sizeof m);
}

void __wrap_shake256_update(struct shake256 *s, const void *p, size_t n)
{
    struct mix m = load(s);

    mix_bytes(&m, p, n);
    memcpy(s, &m, sizeof m);
}

void __wrap_shake256_update_field(struct shake256 *s, const void *p, size_t n)
{
    __wrap_shake256_update(s, p, n); /* a mix has the length of each piece in it */
}

void __wrap_shake256_final(struct shake256 *s, uint8_t *out, size_t out_len)
{
    const struct mix m = load(s);

    mix_out(&m, out, out_len);
    __wrap_shake256_init(s);
}

/* ---- random numbers: most who ask bring fresh entropy of the world ---- */

void __wrap_drbg_init(struct drbg *d, struct view entropy, struct view personal)
{
    struct mix m = mix_begin(MIX_RANDOM);

    (void)personal;
    memset(d, 0, sizeof *d);
    mix_bytes(&m, entropy.p, entropy.n);
    memcpy(d, &m, sizeof m);
}

/* The next ones of it. */
static struct mix draw_next(struct drbg *d)
{
    struct mix m;

    memcpy(&m, d, sizeof m);
    mix_word(&m, 1);
    memcpy(d, &m, sizeof m);
    return m;
}

enum err __wrap_drbg_generate(struct drbg *d, struct view additional, uint8_t *out, size_t n)
{
    struct mix m = additional.n > 0 ? mix_begin(MIX_RANDOM) : draw_next(d);

    mix_bytes(&m, additional.p, additional.n);
    mix_out(&m, out, n);
    return ERR_OK;
}

/* ---- Ed25519 ---- */

static void identity_sig(const uint8_t *public_key, struct view message,
                         uint8_t sig[ED25519_SIG_LEN])
{
    struct mix m = mix_begin(MIX_IDENTITY);

    mix_bytes(&m, public_key, ED25519_PUBLIC_LEN);
    mix_bytes(&m, message.p, message.n);
    mix_out(&m, sig, ED25519_SIG_LEN);
}

enum err __wrap_ed25519_sign(struct work_stack *w, const struct ed25519_key *k,
                             struct view message, uint8_t sig[ED25519_SIG_LEN])
{
    (void)w;
    identity_sig(k->public_key, message, sig);
    return ERR_OK;
}

enum err sim_level_verify(struct work_stack *w, const uint8_t public_key[ED25519_PUBLIC_LEN],
                          struct view message, const uint8_t sig[ED25519_SIG_LEN])
{
    uint8_t want[ED25519_SIG_LEN];

    (void)w;
    identity_sig(public_key, message, want);
    return memcmp(want, sig, sizeof want) == 0 ? ERR_OK : ERR_SIGNATURE;
}
