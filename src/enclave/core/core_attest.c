#include "enclave/core/core_attest.h"

#include "enclave/core/core_parts.h"
#include "enclave/member/core_member.h"

#define FIRST_INCARNATION 1 /* as the attestor counts */
#define NS_PER_S INT64_C(1000000000)

static enum err begin(void *self, const struct plan *p, uint8_t own)
{
    struct core *const c = self;

    return attest_fault_err(attestor_begin(&c->member->attestor, p, own, &snp_roots_compiled));
}

static enum err ask_as(struct core *c, enum tsm_kind kind, uint8_t peer,
                       const uint8_t report_data[REPORT_DATA_LEN])
{
    return tsm_desk_ask(c->desk, c->now.mono_ns, tsm_tag(kind, peer), report_data);
}

static enum err ask(void *self, uint8_t peer, const uint8_t report_data[REPORT_DATA_LEN])
{
    return ask_as(self, TSM_CEREMONY, peer, report_data);
}

static enum err answer(void *self, uint8_t peer, struct view *block)
{
    struct core *const c = self;

    return tsm_desk_answer(c->desk, tsm_tag(TSM_CEREMONY, peer), block);
}

static void audit(struct core *c, const struct attest_judged *j)
{
    core_audit_data(c, AUDIT_ATTESTED, j->node + 1U, j->fault,
                    (struct view){j->block, sizeof j->block});
}

/* Certificates are judged at the time that this core holds to be true, or not at all. */
static int64_t time_s(const struct core *c)
{
    return c->now.err == ERR_OK ? c->now.lo_ns / NS_PER_S : 0;
}

static enum err judge_as(void *self, uint8_t node, uint32_t incarnation, struct view block,
                         const uint8_t report_data[REPORT_DATA_LEN])
{
    struct core *const c = self;
    struct attest_judged j = {.node = node};

    if (time_s(c) == 0) {
        return ERR_TIME;
    }
    j.fault =
        attestor_judge(&c->member->attestor, node, incarnation, block, report_data, time_s(c));
    evidence_hash(block, j.block);
    audit(c, &j);
    return attest_fault_err(j.fault);
}

static enum err judge(void *self, uint8_t node, struct view block,
                      const uint8_t report_data[REPORT_DATA_LEN])
{
    return judge_as(self, node, FIRST_INCARNATION, block, report_data);
}

static enum err judge_all(void *self)
{
    const struct core *const c = self;

    return attest_fault_err(attestor_judge_all(&c->member->attestor));
}

void core_attest_init(struct core *c)
{
    struct core_member *const m = c->member;

    if (c->desk != NULL) {
        m->attest = (struct ceremony_attest){begin, ask, answer, judge, judge_all, c};
        m->tools.attest = &m->attest;
    }
}

void core_attest_forget(struct core *c)
{
    if (c->desk != NULL) {
        tsm_desk_forget_all(c->desk, TSM_CEREMONY);
    }
}

/* ---- channels of the other thread ---- */

const struct mesh_attest *core_attest_channels(struct core *c)
{
    struct core_member *const m = c->member;
    struct attest_channels *const channels = &m->presign->channels;
    const struct presign_guard *const desk = &m->presign->desk.meeting.desk;
    const struct attest_guard guard = {desk->enter, desk->leave, desk->self};

    if (!plan_is_attested(&m->ceremony.plan)) {
        return NULL;
    }
    attest_channels_begin(channels, &m->attestor, c->desk, &guard);
    attest_channels_time(channels, time_s(c));
    return &channels->mesh;
}

static struct attest_channels *channels_of(const struct core *c)
{
    return c->presign.desk != NULL && plan_is_attested(&c->member->ceremony.plan)
               ? &c->member->presign->channels
               : NULL;
}

void core_attest_tick(struct core *c)
{
    struct attest_channels *const channels = channels_of(c);
    struct attest_judged j;

    if (channels != NULL) {
        attest_channels_time(channels, time_s(c));
        while (attest_channels_next(channels, &j)) {
            audit(c, &j);
        }
    }
}

void core_attest_fence(struct core *c, unsigned node, const uint8_t *platform)
{
    const uint32_t incarnation = c->member->roster.incarnation[node];
    struct attest_channels *const channels = channels_of(c);

    attestor_fence(&c->member->attestor, node, incarnation, platform);
    if (channels != NULL) {
        attest_channels_fence(channels, node, incarnation, platform);
    }
}

/* ---- a node that comes again ---- */

static enum err ask_again(void *self, uint8_t peer, const uint8_t report_data[REPORT_DATA_LEN])
{
    return ask_as(self, TSM_REENROL, peer, report_data);
}

static enum err answer_again(void *self, uint8_t peer, struct view *block)
{
    struct core *const c = self;

    return tsm_desk_answer(c->desk, tsm_tag(TSM_REENROL, peer), block);
}

const struct reenrol_attest *core_attest_reenrol(struct core *c)
{
    struct reenrol_attest *const a = &c->member->reenrol_attest;

    *a = (struct reenrol_attest){ask_again, answer_again, judge_as, c};
    return c->desk != NULL ? a : NULL;
}

enum err core_attest_adopt(struct core *c, uint8_t own)
{
    struct core_member *const m = c->member;

    return attest_fault_err(
        attestor_begin(&m->attestor, &m->ceremony.plan, own, &snp_roots_compiled));
}

void core_attest_forget_reenrol(struct core *c)
{
    if (c->desk != NULL) {
        tsm_desk_forget_all(c->desk, TSM_REENROL);
    }
}
