/* interop_mlkem make SET COUNT SEED: prints COUNT lines "seed dk ek m c K bad-c bad-K" in hex,
 * each with a key, a message m and a bit flipped in bad-c of its own, drawn from SEED; bad-K is
 * what bad-c decapsulates to. interop_mlkem check SET: finds the same from seed, m (or "-",
 * unknown) and bad-c of such lines on stdin, by every path, and refuses each ek with a number
 * of q or more and each dk with another hash. Prints how many there were. Exit 1: a line that
 * differs. */
#include "mlkem_kit.h"

#include "base/hex.h"

#include <stdlib.h>

#define LINE_ROOM (2 * (3 * MLKEM_DK_MAX + 2 * MLKEM_C_MAX))

struct bytes {
    uint8_t p[MLKEM_DK_MAX];
    size_t n;
};
enum { SEED, DK, EK, M, C, K, BAD_C, BAD_K, FIELDS };
static struct bytes field[FIELDS];
static struct mlkem_kit kit;

static int fail(const char *what, unsigned line)
{
    (void)fprintf(stderr, "line %u: %s\n", line, what);
    return 1;
}

static struct view view_of(int f)
{
    return (struct view){field[f].p, field[f].n};
}

static bool decapsulates(int c, struct mlkem_shared_key *k)
{
    return mlkem_decaps(&kit.decaps, view_of(c), &kit.scratch, k) == ERR_OK;
}

static void print_hex(const void *p, size_t n, char after)
{
    static char text[2 * MLKEM_DK_MAX + 1];

    hex_write((struct view){p, n}, text);
    printf("%s%c", text, after);
}

static int make(const struct mlkem_params *params, unsigned count, const char *label)
{
    struct sponge noise = noise_of(label);

    for (unsigned i = 0; i < count; i++) {
        const struct mlkem_path *path = i % 2 == 0 ? mlkem_best() : &mlkem_portable;
        struct mlkem_shared_key bad;

        sponge_squeeze(&noise, &kit.seed, sizeof kit.seed);
        sponge_squeeze(&noise, &kit.m, sizeof kit.m);
        mlkem_keygen(path, params, &kit.seed, &kit.key_scratch, &kit.decaps, kit.ek);
        mlkem_decaps_key_encode(&kit.decaps, kit.dk);
        mlkem_encaps(&kit.decaps.encaps, &kit.m, &kit.scratch, kit.c, &kit.shared);
        memcpy(field[BAD_C].p, kit.c, params->c_len);
        field[BAD_C].n = params->c_len;
        field[BAD_C].p[(size_t)noise_in(&noise, 0, (int32_t)params->c_len - 1)] ^=
            (uint8_t)(1u << i % 8);
        if (!decapsulates(BAD_C, &bad)) {
            return fail("not decapsulated", i);
        }
        print_hex(&kit.seed, sizeof kit.seed, ' ');
        print_hex(kit.dk, params->dk_len, ' ');
        print_hex(kit.ek, params->ek_len, ' ');
        print_hex(kit.m.m, sizeof kit.m.m, ' ');
        print_hex(kit.c, params->c_len, ' ');
        print_hex(kit.shared.k, sizeof kit.shared.k, ' ');
        print_hex(field[BAD_C].p, params->c_len, ' ');
        print_hex(bad.k, sizeof bad.k, '\n');
    }
    return 0;
}

static bool read_line(char *rest)
{
    for (int i = 0; i < FIELDS; i++) {
        const char *text = strsep(&rest, " \n");

        field[i].n = 0;
        if (text == NULL ||
            (strcmp(text, "-") != 0 &&
             hex_parse(text, field[i].p, sizeof field[i].p, &field[i].n) != ERR_OK)) {
            return false;
        }
    }
    return true;
}

static bool is(int f, const void *p, size_t n)
{
    return field[f].n == n && memcmp(field[f].p, p, n) == 0;
}

/* The key in the kit gives K for c, and bad-K for bad-c. */
static bool decapsulates_both(void)
{
    struct mlkem_shared_key good;
    struct mlkem_shared_key bad;

    return decapsulates(C, &good) && is(K, good.k, sizeof good.k) &&
           decapsulates(BAD_C, &bad) && is(BAD_K, bad.k, sizeof bad.k);
}

static const char *check_line(const struct mlkem_path *path, const struct mlkem_params *params)
{
    memcpy(&kit.seed, field[SEED].p, sizeof kit.seed);
    mlkem_keygen(path, params, &kit.seed, &kit.key_scratch, &kit.decaps, kit.ek);
    mlkem_decaps_key_encode(&kit.decaps, kit.dk);
    if (field[SEED].n != sizeof kit.seed || !is(EK, kit.ek, params->ek_len) ||
        (field[DK].n > 0 && !is(DK, kit.dk, params->dk_len))) {
        return "another key";
    }
    if (!decapsulates_both()) {
        return "decapsulated otherwise";
    }
    memcpy(field[DK].p, kit.dk, params->dk_len);
    field[DK].n = params->dk_len;
    if (mlkem_decaps_key_parse(path, params, view_of(DK), &kit.key_scratch, &kit.decaps) !=
            ERR_OK ||
        !decapsulates_both()) {
        return "decapsulated otherwise with the expanded key";
    }
    if (mlkem_encaps_key_parse(path, params, view_of(EK), &kit.key_scratch, &kit.encaps) !=
        ERR_OK) {
        return "encapsulation key refused";
    }
    if (field[M].n > 0) {
        memcpy(kit.m.m, field[M].p, sizeof kit.m.m);
        mlkem_encaps(&kit.encaps, &kit.m, &kit.scratch, kit.c, &kit.shared);
        if (!is(C, kit.c, params->c_len) || !is(K, kit.shared.k, sizeof kit.shared.k)) {
            return "encapsulated otherwise";
        }
    }
    return NULL;
}

/* Changes the keys of the line. */
static const char *check_refusals(const struct mlkem_path *path,
                                  const struct mlkem_params *params, unsigned line)
{
    const size_t h_at = params->dk_len - MLKEM_SEED_LEN - MLKEM_HASH_LEN;
    uint8_t *number = &field[EK].p[3 * (line % (params->k * MLKEM_HAT_LEN / 3))];

    field[DK].p[h_at + line % MLKEM_HASH_LEN] ^= (uint8_t)(1u << line % 8);
    if (mlkem_decaps_key_parse(path, params, view_of(DK), &kit.key_scratch, &kit.decaps) !=
        ERR_MISMATCH) {
        return "taken with another hash";
    }
    number[0] = MLKEM_Q & 0xff;
    number[1] = (uint8_t)((number[1] & 0xf0) | MLKEM_Q >> 8);
    if (mlkem_encaps_key_parse(path, params, view_of(EK), &kit.key_scratch, &kit.encaps) !=
        ERR_RANGE) {
        return "taken with a number of q";
    }
    return NULL;
}

static int check(const struct mlkem_params *params)
{
    static char line[LINE_ROOM];
    unsigned n = 0;

    for (; fgets(line, sizeof line, stdin) != NULL; n++) {
        const char *wrong = read_line(line) ? NULL : "not eight fields of hex";

        for (const struct mlkem_path *path = &mlkem_portable; wrong == NULL && path != NULL;
             path = mlkem_next_path(path)) {
            wrong = check_line(path, params);
        }
        if (wrong == NULL) {
            wrong = check_refusals(mlkem_best(), params, n);
        }
        if (wrong != NULL) {
            return fail(wrong, n);
        }
    }
    printf("%u\n", n);
    return 0;
}

int main(int argc, char **argv)
{
    FOR_EACH_SET(params)
    {
        if (argc == 5 && strcmp(argv[1], "make") == 0 && strcmp(argv[2], params->name) == 0) {
            return make(params, (unsigned)strtoul(argv[3], NULL, 10), argv[4]);
        }
        if (argc == 3 && strcmp(argv[1], "check") == 0 && strcmp(argv[2], params->name) == 0) {
            return check(params);
        }
    }
    return 2;
}
