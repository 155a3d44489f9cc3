/* Probes between cores: what is read is written back to the same bytes, and what a core hears
 * makes nobody consistent who did not answer its challenge. */
#include "promise.h"

#include "enclave/clock/peer_view.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t out[4096];

static void same(const struct writer *w, struct view in)
{
    promise(!w->full && view_equal((struct view){w->p, w->len}, in));
}

static void hear(const struct time_probe *p)
{
    static const uint8_t nonce[TIME_NONCE_LEN] = {1};
    const struct peer_time now = {1, INT64_C(1) << 60, (INT64_C(1) << 60) + 1000};
    struct peer_view v;

    peer_view_init(&v, 1, 2, 3);
    peer_view_open(&v, nonce, &now);
    for (size_t i = 0; i < p->n; i++) {
        const struct time_statement *const s = &p->statements[i];
        const enum peer_heard heard = peer_view_hear(&v, s, &now);

        if (heard == PEER_CONSISTENT) {
            promise(s->holds && s->lo_ns <= now.hi_ns && s->hi_ns >= now.lo_ns);
            promise(memcmp(time_statement_heard(s, 1)->nonce, nonce, sizeof nonce) == 0);
        }
    }
    promise((peer_view_mask(&v, 1) & 1) != 0 && peer_view_mask(&v, 1) < 8);
    (void)peer_view_permits(&v, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t epoch_id[EPOCH_ID_LEN];
    static struct time_probe p;
    const struct view in = {data, size};
    struct writer w = wr_init(out, sizeof out);
    uint8_t text[TIME_SIGNED_MAX];
    struct time_challenge c;
    struct time_statement s;

    if (time_probe_decode(in, &p) == ERR_OK) {
        time_probe_encode(&w, &p);
        same(&w, in);
        if (p.step == TIME_HEAR) {
            hear(&p);
        }
    }
    w = wr_init(out, sizeof out);
    if (time_challenge_decode(in, &c) == ERR_OK) {
        time_challenge_encode(&w, &c);
        same(&w, in);
    }
    w = wr_init(out, sizeof out);
    if (time_statement_decode(in, &s) == ERR_OK) {
        promise(time_statement_signed(&s, epoch_id, text) <= sizeof text);
        time_statement_encode(&w, &s);
        same(&w, in);
    }
    return 0;
}
