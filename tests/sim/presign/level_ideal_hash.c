/* The protocol level of presignatures: hashes, and numbers that are the same each time. */
#include "ideal_mix.h"

#include "crypto/tecdsa/tecdsa_keygen.h"
#include "crypto/tecdsa/tecdsa_rvole.h"

/* Names as the linker makes them. */
void __wrap_sponge_init(struct sponge *s, const struct keccak_path *path,
                        enum sponge_kind kind);
void __wrap_sponge_absorb(struct sponge *s, const void *p, size_t n);
void __wrap_sponge_squeeze(struct sponge *s, void *out, size_t n);
void __real_tecdsa_lagrange(unsigned s, unsigned party, struct tecdsa_scalar *out);
void __wrap_tecdsa_lagrange(unsigned s, unsigned party, struct tecdsa_scalar *out);
void __wrap_tecdsa_rvole_factor(const struct tecdsa_gadget *gadget, const uint8_t *beta,
                                struct tecdsa_scalar *b);

/* ---- Keccak: the state is a mix; what comes out of it goes on ---- */

static struct mix load(const struct sponge *s)
{
    struct mix m;

    memcpy(&m, s, sizeof m);
    return m;
}

void __wrap_sponge_init(struct sponge *s, const struct keccak_path *path, enum sponge_kind kind)
{
    struct mix m = mix_begin(MIX_HASH);

    (void)path;
    mix_word(&m, (uint64_t)kind);
    memcpy(s, &m, sizeof m);
}

void __wrap_sponge_absorb(struct sponge *s, const void *p, size_t n)
{
    struct mix m = load(s);

    mix_bytes(&m, p, n);
    memcpy(s, &m, sizeof m);
}

void __wrap_sponge_squeeze(struct sponge *s, void *out, size_t n)
{
    struct mix m = load(s);

    mix_out(&m, out, n);
    mix_word(&m, n);
    memcpy(s, &m, sizeof m);
}

/* ---- numbers ---- */

void __wrap_tecdsa_lagrange(unsigned s, unsigned party, struct tecdsa_scalar *out)
{
    static struct {
        bool known;
        struct tecdsa_scalar at;
    } all[1U << TECDSA_PARTIES_MAX][TECDSA_PARTIES_MAX];

    if (!all[s][party].known) {
        __real_tecdsa_lagrange(s, party, &all[s][party].at);
        all[s][party].known = true;
    }
    *out = all[s][party].at;
}

/* b of beta: one number of it, and no sum of a gadget's. */
void __wrap_tecdsa_rvole_factor(const struct tecdsa_gadget *gadget, const uint8_t *beta,
                                struct tecdsa_scalar *b)
{
    struct mix m = mix_begin(MIX_CHANNEL);
    uint8_t wide[TECDSA_WIDE_LEN];

    (void)gadget;
    mix_bytes(&m, beta, TECDSA_BETA_LEN);
    mix_out(&m, wide, sizeof wide);
    tecdsa_scalar_reduce(wide, b);
}
