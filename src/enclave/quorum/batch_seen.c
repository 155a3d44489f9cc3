#include "enclave/quorum/batch_seen.h"

#include <string.h>

void batch_id_make(const uint8_t boot[BATCH_BOOT_LEN], uint64_t number,
                   uint8_t id[R1_BATCH_ID_LEN])
{
    struct writer w = wr_init(id, R1_BATCH_ID_LEN);

    wr_bytes(&w, boot, BATCH_BOOT_LEN);
    wr_u64le(&w, number);
}

uint64_t batch_id_number(const uint8_t id[R1_BATCH_ID_LEN])
{
    uint64_t number = 0;

    for (size_t i = R1_BATCH_ID_LEN; i-- > BATCH_BOOT_LEN;) {
        number = number << 8 | id[i];
    }
    return number;
}

void batch_seen_init(struct batch_seen *s, const uint8_t boot[BATCH_BOOT_LEN])
{
    *s = (struct batch_seen){0};
    memcpy(s->boot, boot, BATCH_BOOT_LEN);
}

static bool is_set(const struct batch_seen *s, uint64_t number)
{
    const uint64_t at = number % BATCH_SEEN_WINDOW;

    return (s->bits[at / 64] >> (at % 64) & 1) != 0;
}

enum err batch_seen_check(const struct batch_seen *s, const uint8_t id[R1_BATCH_ID_LEN])
{
    const uint64_t number = batch_id_number(id);

    if (memcmp(id, s->boot, BATCH_BOOT_LEN) != 0 || number == 0) {
        return ERR_MISMATCH;
    }
    if (number > s->top) {
        return ERR_OK;
    }
    return s->top - number >= BATCH_SEEN_WINDOW || is_set(s, number) ? ERR_STALE : ERR_OK;
}

void batch_seen_add(struct batch_seen *s, const uint8_t id[R1_BATCH_ID_LEN])
{
    const uint64_t number = batch_id_number(id);
    const uint64_t at = number % BATCH_SEEN_WINDOW;

    if (number > s->top && number - s->top >= BATCH_SEEN_WINDOW) {
        memset(s->bits, 0, sizeof s->bits);
        s->top = number;
    }
    while (s->top < number) { /* each number that comes into the window is not yet seen */
        const uint64_t in = ++s->top % BATCH_SEEN_WINDOW;

        s->bits[in / 64] &= ~(UINT64_C(1) << (in % 64));
    }
    s->bits[at / 64] |= UINT64_C(1) << (at % 64);
}
