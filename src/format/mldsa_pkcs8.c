#include "format/mldsa_pkcs8.h"

#include <string.h>

/* SEQUENCE { version 0, SEQUENCE { id-ml-dsa-65 }, OCTET STRING { [0] IMPLICIT OCTET STRING */
static const uint8_t head[] = {
    0x30, 0x34, 0x02, 0x01, 0x00, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86,
    0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12, 0x04, 0x22, 0x80, 0x20,
};
_Static_assert(sizeof head + MLDSA_PKCS8_SEED_LEN == MLDSA_PKCS8_LEN, "nothing after the seed");

void mldsa_pkcs8_write(const uint8_t seed[MLDSA_PKCS8_SEED_LEN], uint8_t out[MLDSA_PKCS8_LEN])
{
    memcpy(out, head, sizeof head);
    memcpy(out + sizeof head, seed, MLDSA_PKCS8_SEED_LEN);
}

enum err mldsa_pkcs8_parse(struct view in, uint8_t seed[MLDSA_PKCS8_SEED_LEN])
{
    struct reader r = rd_init(in);
    struct view first;

    if (in.n != MLDSA_PKCS8_LEN) {
        return ERR_LENGTH;
    }
    TRY(rd_take(&r, sizeof head, &first));
    if (!view_equal(first, (struct view){head, sizeof head})) {
        return ERR_TAG;
    }
    return rd_copy(&r, seed, MLDSA_PKCS8_SEED_LEN);
}
