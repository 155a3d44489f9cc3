/* What a time client tells its core: what is read is written back to the same bytes. */
#include "promise.h"

#include "wire/time_call.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t out[4096];
    static const struct time_report zero;
    const struct view in = {data, size};
    struct writer w = wr_init(out, sizeof out);
    struct time_report r;
    struct view v;

    if (time_report_decode(in, &r) != ERR_OK) {
        promise(memcmp(&r, &zero, sizeof r) == 0);
        return 0;
    }
    promise(r.n_sources <= TIME_SOURCES_MAX && r.sample.lo_ns <= r.sample.hi_ns);
    for (size_t i = 0; i < r.n_sources; i++) {
        promise_inside(r.rows[i].name, in);
    }
    time_report_encode(&w, &r);
    promise(wr_finish(&w, &v) == ERR_OK && view_equal(v, in));
    return 0;
}
