#include "promise.h"

#include "wire/pq1_msg.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t again[PQ1_RECORD_OVERHEAD + PQ1_PLAIN_MAX + 1];

static void same(struct writer *w, struct view message)
{
    struct view out;

    promise(wr_finish(w, &out) == ERR_OK && view_equal(out, message));
}

static void hello(struct view message, struct writer *w)
{
    struct pq1_hello h;

    if (pq1_hello_decode(message, &h) == ERR_OK) {
        promise_inside(h.ek, message);
        promise(h.ek.n == PQ1_EK_LEN);
        pq1_hello_encode(w, &h);
        same(w, message);
    }
}

static void kem(struct view message, struct writer *w)
{
    struct pq1_kem k;

    if (pq1_kem_decode(message, &k) == ERR_OK) {
        promise_inside(k.ct, message);
        promise_inside(k.evidence, message);
        promise(k.ct.n == PQ1_CT_LEN && k.evidence.n <= EVIDENCE_MAX);
        pq1_kem_encode(w, &k);
        same(w, message);
    }
}

static void finished(struct view message, struct writer *w)
{
    struct pq1_finished f;

    if (pq1_finished_decode(message, &f) == ERR_OK) {
        pq1_finished_encode(w, &f);
        same(w, message);
    }
}

static void record(struct view message, struct writer *w)
{
    struct pq1_record r;

    if (pq1_record_decode(message, &r) == ERR_OK) {
        promise_inside(r.sealed, message);
        promise(r.seq < PQ1_RECORDS_MAX && r.sealed.n >= PQ1_TAG_LEN &&
                r.sealed.n <= PQ1_PLAIN_MAX + PQ1_TAG_LEN);
        pq1_record_head_encode(w, &r);
        wr_view(w, r.sealed);
        same(w, message);
    }
}

/* The first byte chooses the decoder; short inputs are filled up to the length that is looked
 * for, or none would get past it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const decoders[])(struct view, struct writer *) = {hello, kem, finished,
                                                                     record};
    static const size_t lengths[] = {PQ1_HELLO_LEN, PQ1_KEM_LEN, PQ1_FINISHED_LEN, 0};
    static uint8_t filled[PQ1_MESSAGE_MAX];
    struct writer w = wr_init(again, sizeof again);
    struct view message;
    size_t which;

    if (size == 0 || size > sizeof again) {
        return 0;
    }
    which = data[0] % 4;
    message = (struct view){data + 1, size - 1};
    if ((data[0] & 0x40) != 0 && message.n < lengths[which]) {
        memset(filled, 0x5a, sizeof filled);
        memcpy(filled, message.p, message.n);
        message = (struct view){filled, lengths[which]};
    }
    decoders[which](message, &w);
    return 0;
}
