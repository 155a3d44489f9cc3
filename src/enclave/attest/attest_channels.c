#include "enclave/attest/attest_channels.h"

#include <string.h>

static void enter(const struct attest_channels *c)
{
    if (c->guard.enter != NULL) {
        c->guard.enter(c->guard.self);
    }
}

static void leave(const struct attest_channels *c)
{
    if (c->guard.leave != NULL) {
        c->guard.leave(c->guard.self);
    }
}

/* ---- the other thread ---- */

static enum err ask(void *self, int64_t now_ns, unsigned peer,
                    const uint8_t report_data[REPORT_DATA_LEN])
{
    const struct attest_channels *const c = self;

    return tsm_desk_ask(c->desk, now_ns, tsm_tag(TSM_MESH, peer), report_data);
}

static enum err answer(void *self, unsigned peer, struct view *block)
{
    struct attest_channels *const c = self;

    return tsm_desk_copy(c->desk, tsm_tag(TSM_MESH, peer), c->block, block);
}

static void forget(void *self, unsigned peer)
{
    const struct attest_channels *const c = self;

    tsm_desk_forget(c->desk, tsm_tag(TSM_MESH, peer));
}

/* With the guard. */
static void take_fences(struct attest_channels *c)
{
    for (unsigned i = 0; i < PLAN_NODES_MAX; i++) {
        struct attest_fence *const f = &c->fences[i];

        if (f->incarnation != 0) {
            attestor_fence(&c->attestor, i, f->incarnation,
                           f->has_platform ? f->platform : NULL);
            memset(f, 0, sizeof *f);
        }
    }
}

static int64_t look(struct attest_channels *c)
{
    int64_t at_s;

    enter(c);
    at_s = c->at_s;
    take_fences(c);
    leave(c);
    return at_s;
}

static void note(struct attest_channels *c, const struct attest_judged *j)
{
    enter(c);
    if (c->n_judged == ATTEST_JUDGED_MAX) {
        memmove(c->judged, c->judged + 1, (ATTEST_JUDGED_MAX - 1) * sizeof c->judged[0]);
        c->n_judged--;
    }
    c->judged[c->n_judged++] = *j;
    leave(c);
}

static enum err judge(void *self, unsigned node, uint32_t incarnation, struct view block,
                      const uint8_t report_data[REPORT_DATA_LEN])
{
    struct attest_channels *const c = self;
    struct attest_judged j = {.node = (uint8_t)node};
    const int64_t at_s = look(c);

    if (at_s == 0) {
        return ERR_TIME;
    }
    j.fault = attestor_judge(&c->attestor, node, incarnation, block, report_data, at_s);
    evidence_hash(block, j.block);
    note(c, &j);
    return attest_fault_err(j.fault);
}

/* ---- the main thread ---- */

void attest_channels_begin(struct attest_channels *c, const struct attestor *from,
                           struct tsm_desk *desk, const struct attest_guard *guard)
{
    memset(c, 0, sizeof *c);
    c->mesh = (struct mesh_attest){ask, answer, forget, judge, c};
    c->desk = desk;
    c->guard = guard != NULL ? *guard : (struct attest_guard){0};
    attestor_copy(&c->attestor, from);
}

void attest_channels_time(struct attest_channels *c, int64_t at_s)
{
    enter(c);
    c->at_s = at_s;
    leave(c);
}

void attest_channels_fence(struct attest_channels *c, unsigned node, uint32_t incarnation,
                           const uint8_t *platform)
{
    struct attest_fence f = {.incarnation = incarnation, .has_platform = platform != NULL};

    if (node >= PLAN_NODES_MAX) {
        return;
    }
    if (platform != NULL) {
        memcpy(f.platform, platform, sizeof f.platform);
    }
    enter(c);
    c->fences[node] = f;
    leave(c);
}

bool attest_channels_next(struct attest_channels *c, struct attest_judged *out)
{
    bool any;

    enter(c);
    any = c->n_judged > 0;
    if (any) {
        *out = c->judged[0];
        c->n_judged--;
        memmove(c->judged, c->judged + 1, c->n_judged * sizeof c->judged[0]);
    }
    leave(c);
    return any;
}
