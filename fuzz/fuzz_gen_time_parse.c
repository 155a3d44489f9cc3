#include "promise.h"

#include "format/ber.h"
#include "format/gen_time.h"
#include "format/gen_time_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    struct gen_time t;
    uint32_t flaws = 0;
    uint8_t text[GEN_TIME_TEXT_MAX];

    if (gen_time_parse(in, &t, &flaws) == ERR_OK) {
        promise(t.ns < 1000000000 && (flaws & ~(uint32_t)BER_FLAW_TIME) == 0);
        promise(t.digits > 0 || t.ns == 0);
        if (t.s >= 0 && t.digits <= 3 && flaws == 0) { /* DER has one form */
            const size_t n = gen_time_write(gen_time_ms(&t), text);

            promise(view_equal(in, (struct view){text, n}));
        }
    } else {
        promise(t.s == 0 && t.ns == 0 && t.digits == 0 && flaws == 0);
    }
    if (gen_time_parse_utc(in, &t) == ERR_OK) {
        promise(size == 13 && t.ns == 0);
    } else {
        promise(t.s == 0);
    }
    return 0;
}
