/* What the host asks of presignatures, and the answers: what is read is written back to the
 * same bytes. Byte 0: which of them. */
#include "promise.h"

#include "wire/frame.h"
#include "wire/presign_call.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t out[FRAME_BODY_MAX];

static void order(struct view in, struct writer *w)
{
    struct presign_order o;

    if (presign_order_decode(in, &o) == ERR_OK) {
        promise(o.peer < PRESIGN_NODES_MAX);
        presign_order_encode(w, &o);
        promise(view_equal((struct view){w->p, w->len}, in));
    }
}

static void list(struct view in, struct writer *w)
{
    struct presign_list l;
    size_t mark;

    if (presign_list_decode(in, &l) != ERR_OK) {
        return;
    }
    promise(l.n <= PRESIGN_LIST_MAX);
    promise_inside(l.rows, in);
    mark = presign_list_begin(w);
    for (size_t i = 0; i < l.n; i++) {
        struct presign_listed row;

        presign_list_row(&l, i, &row);
        promise(row.number > 0 && row.number < l.next);
        presign_listed_encode(w, &row);
    }
    presign_list_end(w, mark, l.next);
    promise(view_equal((struct view){w->p, w->len}, in));
}

static void status(struct view in, struct writer *w)
{
    static struct presign_status s;

    if (presign_status_decode(in, &s) == ERR_OK) {
        promise(in.n <= PRESIGN_STATUS_LEN_MAX);
        presign_status_encode(w, &s);
        promise(view_equal((struct view){w->p, w->len}, in));
    }
}

static void others(struct view in, struct writer *w)
{
    uint64_t since = 0;
    enum err e = ERR_OK;

    if (presign_since_decode(in, &since) == ERR_OK) {
        presign_since_encode(w, since);
        promise(view_equal((struct view){w->p, w->len}, in));
    }
    if (in.n == PRESIGN_WORD_LEN) {
        struct reader r = rd_init(in);
        struct presign_word word;
        struct writer again = wr_init(out, sizeof out);

        promise(presign_word_decode(&r, &word) == ERR_OK && r.n == 0);
        presign_word_encode(&again, &word);
        promise(view_equal((struct view){again.p, again.len}, in));
    }
    if (presign_ordered_decode(in, &e) == ERR_OK) {
        promise(e == ERR_OK || err_known((unsigned)e));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct writer w = wr_init(out, sizeof out);
    struct view in;

    if (size == 0 || size > sizeof out) {
        return 0;
    }
    in = (struct view){data + 1, size - 1};
    if (data[0] % 4 == 0) {
        order(in, &w);
    } else if (data[0] % 4 == 1) {
        list(in, &w);
    } else if (data[0] % 4 == 2) {
        status(in, &w);
    } else {
        others(in, &w);
    }
    return 0;
}
