/* What a core says of its time: what is read is written back to the same bytes. */
#include "promise.h"

#include "wire/time_status.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The rows once more, alone. */
static void check_rows(const struct time_status *s)
{
    static uint8_t out[TIME_SOURCES_LEN_MAX];
    struct time_source rows[TIME_SOURCES_MAX];
    struct writer w = wr_init(out, sizeof out);
    struct reader r;
    size_t n = 0;

    time_sources_encode(&w, s->rows, s->n_sources);
    promise(!w.full);
    r = rd_init((struct view){out, w.len});
    promise(time_sources_decode(&r, rows, &n) == ERR_OK && n == s->n_sources && r.n == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t out[TIME_STATUS_LEN_MAX];
    static const struct time_status zero;
    const struct view in = {data, size};
    struct writer w = wr_init(out, sizeof out);
    struct time_status s;
    struct view v;

    if (time_status_decode(in, &s) != ERR_OK) {
        promise(memcmp(&s, &zero, sizeof s) == 0);
        return 0;
    }
    promise(s.n_sources <= TIME_SOURCES_MAX && s.lo_ns <= s.hi_ns);
    for (size_t i = 0; i < s.n_sources; i++) {
        promise_inside(s.rows[i].name, in);
    }
    check_rows(&s);
    time_status_encode(&w, &s);
    promise(wr_finish(&w, &v) == ERR_OK && view_equal(v, in));
    return 0;
}
