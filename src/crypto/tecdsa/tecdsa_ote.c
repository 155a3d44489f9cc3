#include "crypto/tecdsa/tecdsa_ote.h"

#include "base/secret.h"
#include "crypto/tecdsa/tecdsa_gf128.h"

#include <string.h>

#define BLOCKS (TECDSA_BETA_LEN / TECDSA_GF128_LEN)

_Static_assert(BLOCKS == TECDSA_GF128_TERMS_MAX && TECDSA_CHECK_LEN == TECDSA_GF128_LEN,
               "a column is five blocks and one that masks them");
_Static_assert(sizeof(struct tecdsa_ote_message) == 28688, "bytes alone");

/* The stream of a column is H("column", H("prg", setup, sid1, nonce), key). */
static void start_columns(const uint8_t *id, const struct tecdsa_ote_of *of,
                          struct tecdsa_hash_head *head)
{
    struct tecdsa_hash h;
    uint8_t domain[TECDSA_HASH_LEN];

    tecdsa_hash_start(&h, "prg");
    tecdsa_hash_field(&h, id, TECDSA_HASH_LEN);
    tecdsa_hash_field(&h, of->sid1, TECDSA_HASH_LEN);
    tecdsa_hash_field(&h, of->nonce, TECDSA_NONCE_LEN);
    tecdsa_hash_finish(&h, domain, sizeof domain);
    tecdsa_hash_head_start(head, "column");
    tecdsa_hash_head_field(head, domain, sizeof domain);
}

/* Four columns of four keys. */
static void four_columns(const struct tecdsa_hash_head *head,
                         const uint8_t k[4][TECDSA_OT_KEY_LEN],
                         uint8_t out[4][TECDSA_COLUMN_LEN])
{
    tecdsa_hash_x4(head, (const uint8_t *const[4]){k[0], k[1], k[2], k[3]}, TECDSA_OT_KEY_LEN,
                   (uint8_t *const[4]){out[0], out[1], out[2], out[3]}, TECDSA_COLUMN_LEN);
}

static void draw_chi(const uint8_t *id, const struct tecdsa_ote_of *of,
                     const uint8_t u[TECDSA_OTS][TECDSA_COLUMN_LEN],
                     uint8_t chi[BLOCKS * TECDSA_GF128_LEN])
{
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, "chi");
    tecdsa_hash_field(&h, id, TECDSA_HASH_LEN);
    tecdsa_hash_field(&h, of->sid1, TECDSA_HASH_LEN);
    tecdsa_hash_field(&h, of->nonce, TECDSA_NONCE_LEN);
    tecdsa_hash_field(&h, u, (size_t)TECDSA_OTS * TECDSA_COLUMN_LEN);
    tecdsa_hash_finish(&h, chi, (size_t)BLOCKS * TECDSA_GF128_LEN);
}

/* Bit j of byte i becomes bit i of byte j: Hacker's Delight 7-3. */
static uint64_t transpose_8x8(uint64_t x)
{
    uint64_t t = (x ^ x >> 7) & 0x00aa00aa00aa00aa;

    x ^= t ^ t << 7;
    t = (x ^ x >> 14) & 0x0000cccc0000cccc;
    x ^= t ^ t << 14;
    t = (x ^ x >> 28) & 0x00000000f0f0f0f0;
    return x ^ t ^ t << 28;
}

static void transpose(const uint8_t column[TECDSA_OTS][TECDSA_COLUMN_LEN],
                      struct tecdsa_rows *rows)
{
    for (unsigned c = 0; c < TECDSA_OTS; c += 8) {
        for (unsigned byte = 0; byte < TECDSA_BETA_LEN; byte++) {
            uint64_t x = 0;

            for (unsigned i = 0; i < 8; i++) {
                x |= (uint64_t)column[c + i][byte] << (8 * i);
            }
            x = transpose_8x8(x);
            for (unsigned i = 0; i < 8; i++) {
                rows->row[8 * byte + i][c / 8] = (uint8_t)(x >> (8 * i));
            }
        }
    }
}

void tecdsa_ote_extend(const struct tecdsa_setup_bob *setup, const struct tecdsa_ote_of *of,
                       const uint8_t x[TECDSA_COLUMN_LEN], struct tecdsa_ote_scratch *scratch,
                       struct tecdsa_rows *t, struct tecdsa_ote_message *out)
{
    struct tecdsa_hash_head head;
    uint8_t chi[BLOCKS * TECDSA_GF128_LEN];
    uint8_t other[4][TECDSA_COLUMN_LEN];

    start_columns(setup->id, of, &head);
    for (unsigned c = 0; c < TECDSA_OTS; c += 4) {
        four_columns(&head, setup->k[0] + c, scratch->column + c);
        four_columns(&head, setup->k[1] + c, other);
        for (unsigned i = 0; i < 4; i++) {
            for (unsigned b = 0; b < TECDSA_COLUMN_LEN; b++) {
                out->u[c + i][b] = scratch->column[c + i][b] ^ other[i][b] ^ x[b];
            }
        }
    }
    CT_PUBLIC(out->u, sizeof out->u);
    draw_chi(setup->id, of, (const uint8_t(*)[TECDSA_COLUMN_LEN])out->u, chi);
    tecdsa_gf128_hash(x, chi, BLOCKS, out->x);
    for (unsigned c = 0; c < TECDSA_OTS; c++) {
        tecdsa_gf128_hash(scratch->column[c], chi, BLOCKS, out->t[c]);
    }
    CT_PUBLIC(out->x, sizeof out->x);
    CT_PUBLIC(out->t, sizeof out->t);
    transpose((const uint8_t(*)[TECDSA_COLUMN_LEN])scratch->column, t);
    wipe(other, sizeof other);
    wipe(scratch, sizeof *scratch);
}

/* All-ones if F(q) is what t and x give: t xor bit x. */
static uint32_t check_column(const uint8_t *q, const uint8_t *chi, uint8_t mask,
                             const uint8_t *t, const uint8_t *x)
{
    uint8_t have[TECDSA_CHECK_LEN];
    uint8_t want[TECDSA_CHECK_LEN];
    uint32_t good;

    tecdsa_gf128_hash(q, chi, BLOCKS, have);
    for (unsigned b = 0; b < TECDSA_CHECK_LEN; b++) {
        want[b] = (uint8_t)(t[b] ^ (mask & x[b]));
    }
    good = ct_equal(have, want, sizeof have);
    wipe(have, sizeof have);
    wipe(want, sizeof want);
    return good;
}

enum err tecdsa_ote_check(const struct tecdsa_setup_alice *setup,
                          const struct tecdsa_ote_of *of, const struct tecdsa_ote_message *in,
                          struct tecdsa_ote_scratch *scratch, struct tecdsa_rows *q)
{
    struct tecdsa_hash_head head;
    uint8_t chi[BLOCKS * TECDSA_GF128_LEN];
    uint32_t good = UINT32_MAX;

    start_columns(setup->id, of, &head);
    draw_chi(setup->id, of, in->u, chi);
    for (unsigned c = 0; c < TECDSA_OTS; c++) {
        const uint8_t bit = setup->delta[c / 8] >> (c % 8) & 1;
        const uint8_t mask = (uint8_t)ct_barrier(0 - (uint32_t)bit);

        if (c % 4 == 0) {
            four_columns(&head, setup->k + c, scratch->column + c);
        }
        for (unsigned b = 0; b < TECDSA_COLUMN_LEN; b++) {
            scratch->column[c][b] ^= (uint8_t)(mask & in->u[c][b]);
        }
        good &= check_column(scratch->column[c], chi, mask, in->t[c], in->x);
    }
    CT_PUBLIC(&good, sizeof good);
    transpose((const uint8_t(*)[TECDSA_COLUMN_LEN])scratch->column, q);
    wipe(scratch, sizeof *scratch);
    if (good == 0) {
        wipe(q, sizeof *q);
        return ERR_MISMATCH;
    }
    return ERR_OK;
}
