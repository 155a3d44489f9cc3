/* Evidence of the nodes' machines: in every channel, and before the first secret. */
#include "enclave/ceremony/ceremony_parts.h"

static enum err judge(void *self, uint8_t peer, uint32_t incarnation, struct view block,
                      const uint8_t report_data[REPORT_DATA_LEN])
{
    struct ceremony_shown *const s = self;
    const enum err e = s->attest->judge(s->attest->self, peer, block, report_data);

    (void)incarnation; /* a ceremony's is the first */
    s->refused = e != ERR_OK;
    return e;
}

enum err ceremony_attest_begin(struct ceremony *c, const struct ceremony_attest *attest)
{
    if (!plan_is_attested(&c->plan)) {
        return ERR_OK;
    }
    if (attest == NULL) {
        return ERR_POLICY;
    }
    c->shown = (struct ceremony_shown){.attest = attest, .judge = {judge, &c->shown}};
    return attest->begin(attest->self, &c->plan, c->own);
}

bool ceremony_attest_wanted(const struct ceremony_call *call, uint8_t peer)
{
    struct ceremony_shown *const s = &call->c->shown;
    uint8_t report_data[REPORT_DATA_LEN];

    if (!pq1_wants_evidence(&call->c->channels[peer], report_data)) {
        return false;
    }
    if (s->attest->ask(s->attest->self, peer, report_data) != ERR_OK) {
        ceremony_abort(call, CEREMONY_EVIDENCE, call->c->own);
    } else {
        s->wanted |= 1U << peer;
    }
    return true;
}

/* The own block goes out; the first is judged here as the others will do. */
static enum err give(const struct ceremony_call *call, uint8_t peer, struct view block)
{
    struct ceremony *const c = call->c;
    struct ceremony_shown *const s = &c->shown;
    struct writer w = wr_init(c->body, PQ1_ATTESTED_MAX);
    uint8_t report_data[REPORT_DATA_LEN];
    struct view body;

    if (!pq1_wants_evidence(&c->channels[peer], report_data)) {
        return ERR_STATE;
    }
    if (!s->own_passed) {
        TRY(s->attest->judge(s->attest->self, c->own, block, report_data));
        s->own_passed = true;
    }
    TRY(pq1_give_evidence(&c->channels[peer], block, &w));
    TRY(wr_finish(&w, &body));
    s->wanted &= ~(1U << peer);
    ceremony_send(call, CEREMONY_PQ1_KEM, peer, body);
    return ERR_OK;
}

void ceremony_attest_give(const struct ceremony_call *call)
{
    const struct ceremony_shown *const s = &call->c->shown;

    for (uint8_t i = 0; i < call->c->plan.total && ceremony_runs(call); i++) {
        struct view block = {NULL, 0};
        enum err e = ERR_BUSY;

        if ((s->wanted >> i & 1) != 0) {
            e = s->attest->answer(s->attest->self, i, &block);
        }
        if (e == ERR_OK) {
            e = give(call, i, block);
        }
        if (e != ERR_OK && e != ERR_BUSY) {
            ceremony_abort(call, CEREMONY_EVIDENCE, call->c->own);
        }
    }
}

uint8_t ceremony_attest_reason(const struct ceremony *c, enum err e)
{
    return c->shown.refused || e == ERR_EVIDENCE ? CEREMONY_EVIDENCE : CEREMONY_CHANNEL;
}

void ceremony_attest_judge_all(const struct ceremony_call *call)
{
    const struct ceremony_attest *const a = call->c->shown.attest;

    if (a != NULL && a->judge_all(a->self) != ERR_OK) {
        ceremony_abort(call, CEREMONY_EVIDENCE, CEREMONY_NOBODY);
    }
}
