/* Which sets of cores run, and what a front says of its cores: arbitrary bytes are refused, or
 * are what is written again. */
#include "promise.h"

#include "host/authority/core_sets.h"
#include "host/authority/front_ask_io.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    uint8_t text[CORE_SETS_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct front_state front;
    struct core_sets s;
    struct view again;

    if (core_sets_parse(in, &s) == ERR_OK) {
        core_sets_write(&w, &s);
        promise(wr_finish(&w, &again) == ERR_OK && view_equal(again, in));
        promise(s.serves <= CORE_SETS_LAST && core_sets_want(&s, s.serves));
    } else {
        promise(s.serves == 0 && s.next == 0 && s.retires == 0);
    }
    if (front_state_parse(in, &front) == ERR_OK) {
        promise(front.leaving <= 9);
    } else {
        promise(!front.has_epoch && front.leaving == 0);
    }
    return 0;
}
