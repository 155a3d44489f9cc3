/* interop_tecdsa: prints lines "key message signature" in hex, X | Y and r | s, of ECDSA P-384
 * with SHA-384 by three of five: each triple once with a presignature of its own, and once with
 * one that all five made. */
#include "../tecdsa_accel_kit.h"

#include "base/hex.h"
#include "crypto/hash.h"

#define MESSAGE_LEN 64

static struct accel_world *w;

static void print_hex(const uint8_t *p, size_t n, char after)
{
    char text[2 * P384_PUBLIC_LEN + 1];

    hex_write((struct view){p, n}, text);
    printf("%s%c", text, after);
}

static enum err print_one(void)
{
    uint8_t message[MESSAGE_LEN];
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];

    tecdsa_noise(&w->kit->noise, message, sizeof message);
    hash_once(HASH_SHA384, (struct view){message, sizeof message}, digest);
    TRY(tecdsa_kit_sign(w->kit, digest, sig));
    print_hex(w->kit->key.public_key + 1, P384_PUBLIC_LEN - 1, ' ');
    print_hex(message, sizeof message, ' ');
    print_hex(sig, sizeof sig, '\n');
    return ERR_OK;
}

static enum err print_all(void)
{
    for (unsigned t = 0; t < TECDSA_ACCEL_TRIPLES; t++) {
        TRY(tecdsa_kit_presign(w->kit, tecdsa_accel_triple(t)));
        TRY(print_one());
    }
    accel_begin(w, TECDSA_ACCEL_TRIPLES);
    accel_run(w);
    for (unsigned b = 1; b <= TECDSA_ACCEL_TRIPLES; b++) {
        TRY(accel_take(w, b));
        TRY(print_one());
    }
    return ERR_OK;
}

int main(void)
{
    enum err e;

    w = accel_world_new(5);
    e = print_all();
    accel_world_free(w);
    return e == ERR_OK ? 0 : 1;
}
