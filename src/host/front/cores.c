#include "host/front/cores.h"

void cores_look(struct coord *c, struct cores_view *out)
{
    coord_look_epoch(c, &out->epoch);
    for (size_t i = 0; i < out->epoch.n; i++) {
        coord_look(c, i, &out->at[i]);
        for (size_t k = 0; k < out->at[i].n_policies; k++) { /* it points into itself */
            out->at[i].policies[k].oid.p = out->at[i].oids[k];
        }
    }
}

bool cores_fits(const struct coord_core_view *core)
{
    return core->connected && core->fault == COORD_FITS;
}

bool cores_answers(const struct coord_core_view *core)
{
    return cores_fits(core) && !core->silent && !core->banned &&
           core->status.state == CORE_SERVING;
}

const struct coord_core_view *cores_main(const struct cores_view *v)
{
    for (size_t i = 0; i < v->epoch.n; i++) {
        if (cores_answers(&v->at[i])) {
            return &v->at[i];
        }
    }
    return &v->at[0];
}

const char *cores_classic_leg(const struct cores_view *v)
{
    return v->epoch.shared.is_shared ? "threshold" : "single-node";
}

static int64_t bound_us(const struct coord_core_view *core)
{
    return core->connected && core->status.time_valid == 1
               ? (core->status.hi_ns - core->status.lo_ns) / 2000
               : -1;
}

/* How many that answer have a bound of at most this. */
static unsigned count_within(const struct cores_view *v, int64_t us)
{
    unsigned n = 0;

    for (size_t i = 0; i < v->epoch.n; i++) {
        const int64_t own = cores_answers(&v->at[i]) ? bound_us(&v->at[i]) : -1;

        n += own >= 0 && own <= us;
    }
    return n;
}

int64_t cores_bound_us(const struct cores_view *v)
{
    int64_t best = -1;

    if (!v->epoch.together) {
        return bound_us(&v->at[0]);
    }
    for (size_t i = 0; i < v->epoch.n; i++) {
        const int64_t own = cores_answers(&v->at[i]) ? bound_us(&v->at[i]) : -1;

        if (own >= 0 && (best < 0 || own < best) &&
            count_within(v, own) >= v->epoch.threshold) {
            best = own;
        }
    }
    return best;
}

bool cores_have_stock(const struct coord_shared_view *v, int64_t target)
{
    int64_t stock = 0;
    int64_t kept = 0;
    bool enough = false;

    for (size_t i = 0; i < v->n; i++) {
        if (v->triples[i].answers) {
            stock += (int64_t)v->triples[i].stock;
            kept += target;
            enough = enough || v->triples[i].stock >= CORES_STOCK_MIN;
        }
    }
    return !v->is_shared || (enough && 2 * stock >= kept);
}

enum err cores_check(const struct cores_view *v)
{
    if (!v->epoch.together) {
        return v->at[0].connected ? ERR_OK : ERR_QUORUM;
    }
    if (v->epoch.halted) {
        return ERR_HALTED;
    }
    return v->epoch.has_roster && v->epoch.answering >= v->epoch.threshold ? ERR_OK
                                                                           : ERR_QUORUM;
}
