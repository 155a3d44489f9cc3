#include "promise.h"

#include "wire/evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A block has one encoding, and all of its parts lie inside of it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t again[EVIDENCE_MAX];
    const struct view in = {data, size};
    struct writer w = wr_init(again, sizeof again);
    struct evidence e;
    struct view out;

    if (evidence_decode(in, &e) != ERR_OK) {
        return 0;
    }
    promise(size <= EVIDENCE_MAX && evidence_part(&e, EVIDENCE_REPORT).n > 0);
    for (size_t i = 0; i < EVIDENCE_KINDS; i++) {
        promise_inside(e.part[i], in);
    }
    evidence_encode(&w, &e);
    promise(wr_finish(&w, &out) == ERR_OK && view_equal(out, in));
    return 0;
}
