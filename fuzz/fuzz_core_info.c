#include "wire/core_info.h"
#include "wire/frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t again[FRAME_BODY_MAX + 1];

/* Our frames have one encoding: what was accepted is written back to the same bytes. */
static void same(struct writer *w, struct view body)
{
    struct view out;

    if (wr_finish(w, &out) != ERR_OK || !view_equal(out, body)) {
        abort();
    }
}

static void hello(struct view body, struct writer *w)
{
    static struct hello h;

    if (hello_decode(body, &h) == ERR_OK) {
        hello_encode(w, &h);
        same(w, body);
    }
}

static void status(struct view body, struct writer *w)
{
    struct core_status s;

    if (core_status_decode(body, &s) == ERR_OK) {
        core_status_encode(w, &s);
        same(w, body);
    }
}

static void activate(struct view body, struct writer *w)
{
    struct activation a;
    uint8_t hash[ACTIVATION_HASH_LEN];

    if (activation_decode(body, &a) == ERR_OK) {
        activation_hash(&a, hash);
        activation_encode(w, &a);
        same(w, body);
    }
    if (activation_answer_decode(body, hash) == ERR_OK && body.n != sizeof hash) {
        abort();
    }
}

static void stats(struct view body, struct writer *w)
{
    static struct core_stats s;

    if (core_stats_decode(body, &s) == ERR_OK) {
        core_stats_encode(w, &s);
        same(w, body);
    }
}

static void audit(struct view body, struct writer *w)
{
    static struct audit_page p;
    struct audit_ask a;

    if (audit_ask_decode(body, &a) == ERR_OK) {
        audit_ask_encode(w, &a);
        same(w, body);
    } else if (audit_page_decode(body, &p) == ERR_OK) {
        audit_page_encode(w, &p);
        same(w, body);
    }
}

static void frame(struct view body, struct writer *w)
{
    struct frame_header h;
    enum err e = ERR_OK;

    (void)w;
    if (frame_header_decode(body, &h) == ERR_OK && h.body_len > frame_body_max(h.type)) {
        abort();
    }
    if (frame_error_decode(body, &e) == ERR_OK && !err_known(e)) {
        abort();
    }
}

/* The first byte chooses the decoder. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const decoders[])(struct view, struct writer *) = {hello, status, activate,
                                                                     stats, audit,  frame};
    struct writer w = wr_init(again, sizeof again);

    if (size > 0 && size < sizeof again) {
        decoders[data[0] % (sizeof decoders / sizeof decoders[0])](
            (struct view){data + 1, size - 1}, &w);
    }
    return 0;
}
