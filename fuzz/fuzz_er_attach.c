#include "promise.h"

#include "format/er_attach.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM 65536

/* What was taken apart goes together again, and comes apart the same way. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t cut[ROOM];
    static uint8_t joined[ROOM];
    static uint8_t cut_again[ROOM];
    static const uint8_t null_record[] = {0x05, 0x00};
    const struct view in = {data, size};
    struct er_detached d;
    struct er_detached again;
    struct writer w = wr_init(joined, sizeof joined);
    struct view out;
    struct view record = {null_record, sizeof null_record};

    if (er_detach(in, cut, sizeof cut, &d) != ERR_OK) {
        promise(d.data_object.n == 0 && d.record.n == 0);
        promise(er_attach(&w, in, record) != ERR_OK && w.len == 0);
        return 0;
    }
    promise_inside(d.record, in);
    promise(d.data_object.n <= in.n);
    if (d.record.n > 0) {
        promise(er_attach(&w, in, record) == ERR_EXTENSION && w.len == 0);
        record = d.record;
    }
    promise(er_attach(&w, d.data_object, record) == ERR_OK);
    if (wr_finish(&w, &out) != ERR_OK) {
        return 0;
    }
    promise(er_detach(out, cut_again, sizeof cut_again, &again) == ERR_OK);
    promise(view_equal(again.data_object, d.data_object));
    promise(view_equal(again.record, record));
    return 0;
}
