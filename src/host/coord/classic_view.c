#include "host/coord/classic_own.h"

static unsigned alive(const struct classic_step *s)
{
    unsigned mask = 0;

    for (unsigned i = 0; i < s->roster->plan->total; i++) {
        mask |= quorum_core_is_alive(&s->cores[i]) ? 1U << i : 0;
    }
    return mask;
}

static void count_pairs(const struct classic_step *s, unsigned cores,
                        struct coord_shared_view *out)
{
    for (unsigned a = 0; a < s->roster->plan->total; a++) {
        for (unsigned b = a + 1; b < s->roster->plan->total; b++) {
            if ((cores >> a & 1) != 0 && (cores >> b & 1) != 0) {
                out->pairs++;
                out->set_up =
                    (uint8_t)(out->set_up + (classic_pairs_has(&s->pairs, a, b) ? 1 : 0));
            }
        }
    }
}

void classic_step_show(const struct classic_step *s, struct coord_shared_view *out)
{
    const unsigned cores = alive(s);

    out->is_shared = true;
    out->answering = (uint8_t)classic_step_alive(s);
    out->n = (uint8_t)s->triples.n;
    count_pairs(s, cores, out);
    for (unsigned t = 0; t < s->triples.n; t++) {
        struct coord_triple_view *const v = &out->triples[t];

        v->s = s->triples.at[t].s;
        v->answers = (v->s & ~cores) == 0;
        v->rests = s->triples.at[t].rest_ns - s->pumped_ns > CLASSIC_DOUBT_LONGEST_NS ||
                   classic_pairs_rests(&s->pairs, v->s);
        v->set_up = classic_pairs_has_all(&s->pairs, v->s);
        v->stock = (uint16_t)classic_pool_stock(&s->pool, t);
        v->usable = v->answers && !v->rests && (v->stock > 0 || v->set_up);
        out->usable = (uint8_t)(out->usable + (v->usable ? 1 : 0));
    }
}

enum coord_triples coord_triples_of(unsigned usable, unsigned n)
{
    return usable == 0                                ? COORD_TRIPLES_NONE
           : usable < COORD_TRIPLES_FEW && n > usable ? COORD_TRIPLES_ONE
                                                      : COORD_TRIPLES_ENOUGH;
}

/* At the start there are none yet, which is no news. */
void classic_watch(struct classic_step *s, int64_t now_ns)
{
    struct coord_shared_view v = {0};
    enum coord_triples level;

    if (now_ns - s->few.looked_ns < CLASSIC_PAIRS_NS) {
        return;
    }
    s->few.looked_ns = now_ns;
    classic_step_show(s, &v);
    level = coord_triples_of(v.usable, v.n);
    if (level == s->few.level || (!s->few.begun && level != COORD_TRIPLES_ENOUGH)) {
        return;
    }
    s->few.level = level;
    if (s->few.begun && s->on_few != NULL) {
        s->on_few(s->user, level);
    }
    s->few.begun = true;
}
