/* Attributes that may link SignerInfos: found, read, written again, blanked. */
#include "promise.h"

#include "format/multiple_signatures.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[1 << 16];
    const struct view in = {data, size};
    struct multiple_signatures m;
    struct view value;
    struct view out;

    if (size > sizeof room) {
        return 0;
    }
    if (multiple_signatures_parse(in, &m) == ERR_OK) {
        struct writer w = wr_init(room, sizeof room);

        promise_inside(m.hash, in);
        promise_inside(m.cert, in);
        multiple_signatures_write(&w, &m);
        promise(wr_finish(&w, &out) == ERR_OK && view_equal(out, in));
    }
    if (multiple_signatures_find(in, &value) == ERR_OK) {
        struct writer w = wr_init(room, size);

        promise_inside(value, in);
        promise(value.n > 0);
        if (multiple_signatures_blank(&w, in) == ERR_OK) {
            promise(wr_finish(&w, &out) == ERR_OK && out.n <= in.n);
            promise(out.p[0] == 0x31);
        }
    }
    return 0;
}
