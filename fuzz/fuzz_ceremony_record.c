#include "promise.h"

#include "wire/ceremony_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A record has one encoding; the checks take whatever can be read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t again[CEREMONY_RECORD_MAX];
    static struct ceremony_record r;
    static struct ceremony_scratch scratch;
    struct writer w = wr_init(again, sizeof again);
    uint8_t pk[CEREMONY_PK_LEN];
    struct view out;

    if (ceremony_record_decode((struct view){data, size}, &r) != ERR_OK) {
        return 0;
    }
    ceremony_record_encode(&w, &r.known, r.pk.p, r.classic);
    promise(wr_finish(&w, &out) == ERR_OK && view_equal(out, (struct view){data, size}));
    for (uint8_t i = 0; i < r.plan.total; i++) {
        promise(ceremony_known_check_opening(&r.known, &r.known.msg[CEREMONY_RHO][i]) !=
                ERR_STATE);
        (void)ceremony_known_differs(&r.known, &r.known.msg[CEREMONY_DONE][i]);
    }
    promise(ceremony_known_public_key(&r.known, &scratch, pk) == ERR_OK);
    return 0;
}
