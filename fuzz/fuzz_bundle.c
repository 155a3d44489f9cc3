/* A bundle and the documents in it: arbitrary bytes are refused whole, or are what is written
 * again. */
#include "bundle/epoch_doc.h"
#include "bundle/recipe.h"
#include "promise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void documents(struct view in)
{
    uint8_t room[EPOCH_DOC_MAX];
    struct writer w = wr_init(room, sizeof room);
    struct epoch_doc d;
    struct view again;

    if (epoch_doc_decode(in, &d) == ERR_OK) {
        epoch_doc_encode(&w, &d);
        promise(wr_finish(&w, &again) == ERR_OK && view_equal(again, in));
    }
}

static void recipes(struct view in)
{
    static uint8_t room[2][BUNDLE_RECIPE_MAX + 64];
    struct writer w = wr_init(room[0], sizeof room[0]);
    struct writer w2 = wr_init(room[1], sizeof room[1]);
    struct recipe r, same;
    struct view again, twice;

    if (in.n <= BUNDLE_RECIPE_MAX && recipe_decode(in, &r) == ERR_OK) {
        recipe_encode(&w, &r);
        promise(wr_finish(&w, &again) == ERR_OK && again.n <= in.n); /* 0x01 becomes 0x1 */
        promise(recipe_decode(again, &same) == ERR_OK);
        recipe_encode(&w2, &same);
        promise(wr_finish(&w2, &twice) == ERR_OK && view_equal(again, twice));
    }
}

static void certificates(struct view in)
{
    struct reader r = rd_init(in);
    struct view one;

    while (bundle_next_certificate(&r, &one) == ERR_OK) {
        promise_inside(one, in);
        promise(one.n > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[BUNDLE_MAX];
    static struct bundle b;
    const struct view in = {data, size};
    struct writer w = wr_init(room, sizeof room);
    struct view again;
    size_t at = 0;

    documents(in);
    recipes(in);
    if (bundle_decode(in, &b) != ERR_OK) {
        promise(b.document.n == 0 && b.n_evidence == 0 && b.n_earlier == 0);
        return 0;
    }
    bundle_encode(&w, &b);
    promise(wr_finish(&w, &again) == ERR_OK && view_equal(again, in));
    certificates(b.classic);
    certificates(b.pq);
    static struct bundle before;

    if (bundle_before(&b, &before) == ERR_OK) {
        static struct bundle alone;
        const struct view mine = bundle_alone(in, &b);

        promise(before.before.n == 0);
        promise_inside(before.document, b.before);
        promise(bundle_decode(mine, &alone) == ERR_OK && alone.before.n == 0);
    } else {
        promise(before.document.n == 0 && before.n_evidence == 0);
    }
    struct epoch_doc last;

    if (epoch_doc_decode(b.document, &last) == ERR_OK) {
        (void)!epoch_doc_chain(b.earlier, b.n_earlier, &last, &at);
        promise(at <= b.n_earlier);
    }
    return 0;
}
