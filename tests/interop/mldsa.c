/* interop_mldsa make SET COUNT SEED: prints COUNT lines "public-key message context signature"
 * in hex, each with a key, a message and a context of its own, drawn from SEED. interop_mldsa
 * check SET: verifies such lines from stdin by every path, and refuses each with a bit flipped
 * in the signature, the message, the context and the key. Prints how many there were. Exit 1: a
 * good line is refused or a bad one taken. */
#include "mldsa_kit.h"

#include "base/hex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_ROOM 1024
#define LINE_ROOM (2 * (MLDSA_PK_MAX + MESSAGE_ROOM + MLDSA_CTX_MAX + MLDSA_SIG_MAX) + 8)

struct sample {
    uint8_t pk[MLDSA_PK_MAX], message[MESSAGE_ROOM], ctx[MLDSA_CTX_MAX], sig[MLDSA_SIG_MAX];
    size_t pk_len, message_len, ctx_len, sig_len;
};
static struct mldsa_kit kit;
static struct sample sample;

static int fail(const char *what, unsigned line)
{
    (void)fprintf(stderr, "line %u: %s\n", line, what);
    return 1;
}

static void print_hex(const uint8_t *p, size_t n, char after)
{
    static char text[2 * MLDSA_SIG_MAX + 1];

    hex_write((struct view){p, n}, text);
    printf("%s%c", n > 0 ? text : "-", after);
}

static int make(const struct mldsa_params *params, unsigned count, const char *seed)
{
    struct sponge s;

    sponge_init(&s, mldsa_best()->keccak, SPONGE_SHAKE256);
    sponge_absorb(&s, seed, strlen(seed));
    for (unsigned i = 0; i < count; i++) {
        const struct mldsa_path *path = i % 2 == 0 ? mldsa_best() : &mldsa_portable;
        uint8_t xi[MLDSA_SEED_LEN];
        uint8_t rnd[MLDSA_SEED_LEN];
        uint8_t lengths[3];

        sponge_squeeze(&s, xi, sizeof xi);
        sponge_squeeze(&s, rnd, sizeof rnd);
        sponge_squeeze(&s, lengths, sizeof lengths);
        sample.ctx_len = lengths[0] % 3 == 0 ? 0 : lengths[0];
        sample.message_len = (lengths[1] + 256u * lengths[2]) % MESSAGE_ROOM;
        sponge_squeeze(&s, sample.ctx, sample.ctx_len);
        sponge_squeeze(&s, sample.message, sample.message_len);
        mldsa_keygen(path, params, xi, &kit.key_scratch, &kit.private_key, kit.pk, NULL);
        if (mldsa_sign(&kit.private_key, (struct view){sample.ctx, sample.ctx_len},
                       (struct view){sample.message, sample.message_len}, rnd,
                       &kit.sign_scratch, kit.sig) != ERR_OK) {
            return fail("not signed", i);
        }
        print_hex(kit.pk, params->pk_len, ' ');
        print_hex(sample.message, sample.message_len, ' ');
        print_hex(sample.ctx, sample.ctx_len, ' ');
        print_hex(kit.sig, params->sig_len, '\n');
    }
    return 0;
}

static bool field(char **rest, uint8_t *out, size_t cap, size_t *n)
{
    char *text = strsep(rest, " \n");

    *n = 0;
    return text != NULL && (strcmp(text, "-") == 0 || hex_parse(text, out, cap, n) == ERR_OK);
}

static bool read_sample(char *line)
{
    return field(&line, sample.pk, sizeof sample.pk, &sample.pk_len) &&
           field(&line, sample.message, sizeof sample.message, &sample.message_len) &&
           field(&line, sample.ctx, sizeof sample.ctx, &sample.ctx_len) &&
           field(&line, sample.sig, sizeof sample.sig, &sample.sig_len);
}

static bool verifies(const struct mldsa_path *path, const struct mldsa_params *params)
{
    return mldsa_public_key_parse(path, params, (struct view){sample.pk, sample.pk_len},
                                  &kit.key_scratch, &kit.public_key) == ERR_OK &&
           mldsa_verify(&kit.public_key, (struct view){sample.ctx, sample.ctx_len},
                        (struct view){sample.message, sample.message_len},
                        (struct view){sample.sig, sample.sig_len},
                        &kit.verify_scratch) == ERR_OK;
}

/* Whether the sample is refused with a bit of these bytes flipped; which one, line decides. */
static bool refuses_flip(const struct mldsa_path *path, const struct mldsa_params *params,
                         uint8_t *bytes, size_t n, unsigned line)
{
    const size_t at = n > 0 ? ((size_t)line * 2654435761u) % n : 0;
    const uint8_t bit = (uint8_t)(1u << line % 8);
    bool refused = true;

    if (n > 0) {
        bytes[at] ^= bit;
        refused = !verifies(path, params);
        bytes[at] ^= bit;
    }
    return refused;
}

static int check(const struct mldsa_params *params)
{
    static char line[LINE_ROOM];
    unsigned n = 0;

    for (; fgets(line, sizeof line, stdin) != NULL; n++) {
        if (!read_sample(line)) {
            return fail("not four fields of hex", n);
        }
        FOR_EACH_PATH(path)
        {
            if (!verifies(path, params)) {
                return fail("refused", n);
            }
            if (!refuses_flip(path, params, sample.sig, sample.sig_len, n) ||
                !refuses_flip(path, params, sample.message, sample.message_len, n) ||
                !refuses_flip(path, params, sample.ctx, sample.ctx_len, n) ||
                !refuses_flip(path, params, sample.pk, sample.pk_len, n)) {
                return fail("taken with a bit flipped", n);
            }
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
