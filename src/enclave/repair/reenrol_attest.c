/* Evidence in the channels of a repair: of the own machine as it comes, of others before use.
 */
#include "enclave/repair/reenrol_parts.h"

static enum err judge(void *self, uint8_t peer, uint32_t incarnation, struct view block,
                      const uint8_t report_data[REPORT_DATA_LEN])
{
    struct reenrol *const r = self;

    r->refused = r->attest->judge(r->attest->self, peer, incarnation, block, report_data);
    return r->refused;
}

enum err reenrol_attest_begin(const struct reenrol_step *s)
{
    struct reenrol *const r = s->r;

    if (!plan_is_attested(r->plan)) {
        return ERR_OK;
    }
    r->attest = s->tools->attest;
    r->judge = (struct pq1_judge){judge, r};
    return r->attest != NULL ? ERR_OK : ERR_POLICY;
}

bool reenrol_awaits_evidence(const struct reenrol *r)
{
    uint8_t report_data[REPORT_DATA_LEN];
    bool awaits = false;

    for (uint8_t i = 0; i < PLAN_NODES_MAX && r->state == REENROL_RUNNING; i++) {
        awaits = awaits || pq1_wants_evidence(&r->channels[i], report_data);
    }
    return awaits;
}

/* The own block goes out; the first is judged here as the others will do. */
static enum err give(const struct reenrol_step *s, uint8_t peer, struct view block,
                     const uint8_t report_data[REPORT_DATA_LEN])
{
    struct reenrol *const r = s->r;
    struct pq1 *const channel = &r->channels[peer];
    uint8_t finished[PQ1_MESSAGE_MAX];
    struct writer w = wr_init(finished, sizeof finished);
    const size_t mark = s->out->len;
    enum err e = ERR_OK;

    if (!r->own_passed) {
        TRY(r->attest->judge(r->attest->self, r->own, r->of.incarnation[r->own], block,
                             report_data));
        r->own_passed = true;
    }
    wr_u8(s->out, r->own);
    wr_u8(s->out, peer);
    wr_u16le(s->out, (uint16_t)(PQ1_KEM_LEN + block.n));
    e = pq1_give_evidence(channel, block, s->out);
    if (e != ERR_OK) {
        s->out->len = mark;
        return e;
    }
    e = pq1_go_on(channel, &s->tools->pq1, &w);
    if (e == ERR_OK && w.len > 0) {
        reenrol_send(s, peer, (struct view){finished, w.len});
    }
    return e == ERR_STATE ? ERR_OK : e; /* the peer's KEM did not come yet */
}

/* ERR_BUSY: it is being made, or there is no room to ask for it. */
static enum err fetch(const struct reenrol_step *s, uint8_t peer,
                      const uint8_t report_data[REPORT_DATA_LEN])
{
    struct reenrol *const r = s->r;
    struct view block = {NULL, 0};
    enum err e = ERR_OK;

    if ((r->asked >> peer & 1) == 0) {
        e = r->attest->ask(r->attest->self, peer, report_data);
        r->asked |= e == ERR_OK ? 1U << peer : 0;
    }
    if (e == ERR_OK) {
        e = r->attest->answer(r->attest->self, peer, &block);
    }
    if (e != ERR_OK) {
        return e == ERR_NOSPACE ? ERR_BUSY : e;
    }
    return give(s, peer, block, report_data);
}

void reenrol_poll(struct reenrol *r, const struct reenrol_tools *tools, int64_t now_ns,
                  struct writer *out)
{
    const struct reenrol_step s = {r, tools, now_ns, out};
    uint8_t report_data[REPORT_DATA_LEN];
    enum err e = ERR_BUSY;

    if (out->cap - out->len < REENROL_EVIDENCE_LEN) {
        return; /* once what waits is fetched */
    }
    for (uint8_t i = 0; i < PLAN_NODES_MAX && r->state == REENROL_RUNNING && e == ERR_BUSY;
         i++) {
        if (pq1_wants_evidence(&r->channels[i], report_data)) {
            e = fetch(&s, i, report_data);
        }
    }
    if (e != ERR_OK && e != ERR_BUSY) {
        reenrol_end(&s, e, REENROL_NOBODY);
    }
}
