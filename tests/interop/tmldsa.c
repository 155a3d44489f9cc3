/* interop_tmldsa SET COUNT SEED: prints COUNT lines "public-key message context signature" in
 * hex, as interop_mldsa does, of signatures that quorums made: every T of N that needs at most
 * 100 repetitions, each with a key of its own, drawn from SEED. */
#include "../tmldsa_kit.h"

#include "base/hex.h"

static void print_hex(const uint8_t *p, size_t n, char after)
{
    static char text[2 * MLDSA_SIG_MAX + 1];

    hex_write((struct view){p, n}, text);
    printf("%s%c", n > 0 ? text : "-", after);
}

/* The set after this one, in a circle. */
static const struct tmldsa_params *next_set(const struct mldsa_params *set, unsigned *t,
                                            unsigned *n)
{
    const struct tmldsa_params *p;

    do {
        if (++*t > *n) {
            *n = *n == TMLDSA_PARTIES_MAX ? 2 : *n + 1;
            *t = 2;
        }
        p = tmldsa_params_find(set, *t, *n);
    } while (p->repetitions > 100);
    return p;
}

static unsigned next_quorum(const struct tmldsa_params *p, uint64_t *from)
{
    unsigned act;

    do {
        act = (unsigned)(noise(from) % (1u << p->n));
    } while (!tmldsa_alloc_is_quorum(p, act));
    return act;
}

static void print_one(const struct tmldsa_params *p, uint64_t *from)
{
    uint8_t seed[32];
    uint8_t message[512];
    uint8_t ctx[MLDSA_CTX_MAX];
    const size_t message_len = (size_t)(noise(from) % (sizeof message + 1));
    const size_t ctx_len = noise(from) % 3 == 0 ? 0 : (size_t)(noise(from) % (sizeof ctx + 1));
    struct tmldsa_kit *kit;

    noise_bytes(from, seed, sizeof seed);
    noise_bytes(from, message, message_len);
    noise_bytes(from, ctx, ctx_len);
    kit = tmldsa_kit_new(noise(from) % 2 == 0 ? tmldsa_best() : &tmldsa_portable, p, 1, seed);
    kit->noise = noise(from);
    tmldsa_must(mldsa_mu(kit->path->ring, kit->key.key.tr, (struct view){ctx, ctx_len},
                         (struct view){message, message_len}, kit->session.mu),
                "mu");
    do {
        tmldsa_run(kit, next_quorum(p, from));
    } while (!kit->outcome.found);
    print_hex(kit->pk, p->set->pk_len, ' ');
    print_hex(message, message_len, ' ');
    print_hex(ctx, ctx_len, ' ');
    print_hex(kit->sig, p->set->sig_len, '\n');
    tmldsa_kit_free(kit);
}

int main(int argc, char **argv)
{
    const struct mldsa_params *set = NULL;
    unsigned t = 2;
    unsigned n = TMLDSA_PARTIES_MAX;
    unsigned long count;
    uint64_t from;

    if (argc != 4) {
        return 2;
    }
    FOR_EACH_SET(one)
    {
        set = strcmp(one->name, argv[1]) == 0 ? one : set;
    }
    count = strtoul(argv[2], NULL, 10);
    from = strtoul(argv[3], NULL, 10);
    if (set == NULL) {
        return 2;
    }
    for (unsigned long i = 0; i < count; i++) {
        print_one(next_set(set, &t, &n), &from);
    }
    return 0;
}
