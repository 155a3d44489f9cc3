/* Words, R3 and the offers of R1: what is read is written back to the same bytes. */
#include "wire/quorum_msg.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t out[8192];

static void same(const struct writer *w, struct view in)
{
    struct writer copy = *w;
    struct view v;

    if (wr_finish(&copy, &v) != ERR_OK || !view_equal(v, in)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view all = {data, size};
    struct writer w = wr_init(out, sizeof out);
    struct reader r = rd_init(all);
    struct r1_offer offer;
    struct quorum_word word;
    struct r3 m;

    if (size > 0 && r3_decode((struct view){data + 1, size - 1}, data[0], &m) == ERR_OK) {
        r3_encode(&w, &m);
        same(&w, (struct view){data + 1, size - 1});
    }
    w = wr_init(out, sizeof out);
    if (quorum_word_decode(&r, sizeof out / 2, &word) == ERR_OK) {
        quorum_word_encode(&w, &word);
        same(&w, (struct view){data, size - r.n});
    }
    w = wr_init(out, sizeof out);
    if (r1_offer_decode(all, &offer) == ERR_OK) {
        r1_offer_encode(&w, &offer);
        same(&w, all);
    }
    return 0;
}
