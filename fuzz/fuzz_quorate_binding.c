#include "promise.h"

#include "format/quorate_binding.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct quorate_binding zero;
    const struct view in = {data, size};
    uint8_t buf[QUORATE_BINDING_ROOM];
    struct writer w = wr_init(buf, sizeof buf);
    struct quorate_binding b;
    struct quorate_binding again;
    struct view out;

    if (quorate_binding_parse(in, &b) != ERR_OK) {
        promise(memcmp(&b, &zero, sizeof b) == 0);
        return 0;
    }
    promise_inside(b.epoch_id, in);
    for (size_t i = 0; i < b.n_other_keys; i++) {
        promise_inside(b.other_keys[i], in);
        promise(quorate_binding_names(&b, b.other_keys[i]));
    }
    promise(quorate_binding_write(&w, &b) == ERR_OK);
    promise(wr_finish(&w, &out) == ERR_OK);
    promise(out.n <= in.n);
    promise(quorate_binding_parse(out, &again) == ERR_OK);
    promise(again.n_other_keys == b.n_other_keys && again.threshold == b.threshold);
    return 0;
}
