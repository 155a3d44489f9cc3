#include "promise.h"

#include "format/evidence_record.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted in the form that we write comes out of the writer again, byte by byte. */
static void write_again(struct view in, const struct evidence_record *er)
{
    static uint8_t buf[8192];
    struct writer w = wr_init(buf, sizeof buf);
    struct view out;

    if (evidence_record_write(&w, &er->path, er->time_stamp) == ERR_OK &&
        wr_finish(&w, &out) == ERR_OK && er->has_digest_alg) {
        promise(view_equal(in, out));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct evidence_record zero;
    const struct view in = {data, size};
    struct evidence_record er;
    uint8_t root[ER_HASH_LEN];

    if (evidence_record_parse(in, &er) != ERR_OK) {
        promise(memcmp(&er, &zero, sizeof er) == 0);
        return 0;
    }
    promise(er_path_check(&er.path) == ERR_OK);
    promise_inside(er.time_stamp, in);
    for (size_t i = 0; i < er.path.n_first; i++) {
        promise_inside(er.path.first[i], in);
        promise(er_path_root(&er.path, er.path.first[i], root) == ERR_OK);
    }
    for (size_t i = 0; i < er.path.n_later; i++) {
        promise_inside(er.path.later[i], in);
        promise(er_path_root(&er.path, er.path.later[i], root) == ERR_MISMATCH);
    }
    write_again(in, &er);
    return 0;
}
