#include "enclave/attest/attestor.h"

#include <string.h>

static void take_node(struct attestor_node *to, const struct plan_node *from)
{
    to->provider_len = from->provider.n;
    memcpy(to->provider, from->provider.p, from->provider.n);
    to->n_platforms = from->platforms.n / PLAN_PLATFORM_LEN;
    memcpy(to->platforms, from->platforms.p, from->platforms.n);
    to->incarnation = 1;
}

enum attest_fault attestor_begin(struct attestor *a, const struct plan *p, unsigned own,
                                 const struct snp_roots *roots)
{
    unsigned line = 0;

    memset(a, 0, sizeof *a);
    if (!plan_is_attested(p)) {
        return ATTEST_OK;
    }
    ATTEST_TRY(evidence_policy_parse(p->policy, &a->policy, &line));
    a->own = own;
    a->threshold = p->threshold;
    a->total = p->total;
    a->assurance = p->assurance;
    a->roots = roots;
    for (size_t i = 0; i < p->total; i++) {
        take_node(&a->nodes[i], &p->nodes[i]);
    }
    gmp_arena_init(&a->arena, a->arena_memory, sizeof a->arena_memory);
    a->on = true;
    return ATTEST_OK;
}

/* ---- one node ---- */

struct judging {
    const struct attestor *a;
    struct view block;
    const uint8_t *report_data;
    int64_t at_s;
    enum attest_fault fault;
    struct evidence_claims claims;
};

static enum err judge_in_arena(void *arg)
{
    struct judging *const j = arg;

    j->fault = evidence_judge(j->block, &j->a->policy, j->report_data, j->a->roots, j->at_s,
                              &j->claims);
    return ERR_OK;
}

static bool runs_on(const struct attestor_node *n, const struct evidence_claims *c)
{
    size_t i = 0;

    while (i < n->n_platforms && memcmp(n->platforms[i], c->platform, PLAN_PLATFORM_LEN) != 0) {
        i++;
    }
    return c->platform_known && i < n->n_platforms;
}

static bool is_same(const struct evidence_claims *a, const struct evidence_claims *b)
{
    return memcmp(a->guest, b->guest, sizeof a->guest) == 0 &&
           memcmp(a->platform, b->platform, sizeof a->platform) == 0 &&
           memcmp(a->measurement, b->measurement, sizeof a->measurement) == 0;
}

/* A guest of TDX is its platform and what was loaded: nothing tells one start from the next. */
static bool tells_starts(const struct evidence_claims *c)
{
    return c->format != EVIDENCE_TDX;
}

/* With no room left for those before, every fresh one might be one of them. */
static bool is_copy(const struct attestor *a, const struct attestor_node *n,
                    const struct evidence_claims *c)
{
    bool found = a->n_former == ATTESTOR_FORMER_MAX && n->incarnation > 1 && !n->shown;

    for (size_t i = 0; i < a->n_former; i++) {
        found = found || memcmp(a->former[i], c->guest, sizeof c->guest) == 0;
    }
    return found && tells_starts(c);
}

/* Beside those who passed, as if it had: t of them are too many only where there are t. */
static enum attest_fault check_beside(const struct attestor *a, const struct attestor_node *who,
                                      const struct evidence_claims *c)
{
    struct evidence_node nodes[PLAN_NODES_MAX];
    size_t n = 0;

    for (unsigned i = 0; i < a->total; i++) {
        const struct attestor_node *const at = &a->nodes[i];

        if (at == who || at->shown) {
            nodes[n++] = (struct evidence_node){at == who ? c : &at->claims,
                                                {at->provider, at->provider_len}};
        }
    }
    return evidence_judge_roster(nodes, n, n < a->threshold ? 1 : a->threshold);
}

/* What is of the plan and of the node, once the evidence passed by itself. */
static enum attest_fault check_claims(const struct attestor *a, const struct attestor_node *n,
                                      const struct evidence_claims *c)
{
    if (!runs_on(n, c)) {
        return ATTEST_ATTESTOR_PLATFORM;
    }
    if (is_copy(a, n, c)) {
        return ATTEST_ATTESTOR_COPY;
    }
    if (n->shown && !is_same(&n->claims, c)) {
        return ATTEST_ATTESTOR_GUEST;
    }
    if (n->measured && memcmp(n->measurement, c->measurement, sizeof n->measurement) != 0) {
        return ATTEST_ATTESTOR_MEASUREMENT;
    }
    if (a->assurance == PLAN_ATTESTED && c->assurance != ATTEST_ASSURANCE_HARDWARE) {
        return ATTEST_ATTESTOR_ASSURANCE;
    }
    return a->fenced ? check_beside(a, n, c) : ATTEST_OK;
}

enum attest_fault attestor_judge(struct attestor *a, unsigned node, uint32_t incarnation,
                                 struct view block,
                                 const uint8_t report_data[EVIDENCE_DATA_LEN], int64_t at_s)
{
    struct judging j = {.a = a, .block = block, .report_data = report_data, .at_s = at_s};
    struct attestor_node *n;

    if (!a->on) {
        return ATTEST_ATTESTOR_OFF;
    }
    if (node >= a->total || incarnation != a->nodes[node].incarnation) {
        return ATTEST_ATTESTOR_NODE;
    }
    n = &a->nodes[node];
    if (gmp_arena_run(&a->arena, judge_in_arena, &j) != ERR_OK) {
        return ATTEST_EVIDENCE_ROOM;
    }
    ATTEST_TRY(j.fault);
    ATTEST_TRY(check_claims(a, n, &j.claims));
    n->shown = true;
    n->claims = j.claims;
    return ATTEST_OK;
}

/* ---- all of them ---- */

bool attestor_has(const struct attestor *a, unsigned node)
{
    return a->on && node < a->total && a->nodes[node].shown;
}

enum attest_fault attestor_judge_all(const struct attestor *a)
{
    struct evidence_node nodes[PLAN_NODES_MAX];

    if (!a->on) {
        return ATTEST_ATTESTOR_OFF;
    }
    for (unsigned i = 0; i < a->total; i++) {
        const struct attestor_node *const n = &a->nodes[i];

        if (!n->shown) {
            return ATTEST_ROSTER_SIZE;
        }
        nodes[i] = (struct evidence_node){&n->claims, {n->provider, n->provider_len}};
    }
    return evidence_judge_roster(nodes, a->total, a->threshold);
}

static void leave_place(struct attestor *a, struct attestor_node *n)
{
    if (n->shown) {
        n->measured = true;
        memcpy(n->measurement, n->claims.measurement, sizeof n->measurement);
        if (a->n_former < ATTESTOR_FORMER_MAX) {
            memcpy(a->former[a->n_former++], n->claims.guest, sizeof a->former[0]);
        }
    }
    n->shown = false;
    memset(&n->claims, 0, sizeof n->claims);
}

void attestor_fence(struct attestor *a, unsigned node, uint32_t incarnation,
                    const uint8_t *platform)
{
    struct attestor_node *n;

    if (!a->on || node >= a->total) {
        return;
    }
    n = &a->nodes[node];
    a->fenced = true;
    leave_place(a, n);
    n->incarnation = incarnation;
    if (platform != NULL) {
        memcpy(n->platforms[0], platform, PLAN_PLATFORM_LEN);
        n->n_platforms = 1;
    }
}

enum attest_assurance attestor_assurance(const struct attestor *a)
{
    enum attest_assurance least = ATTEST_ASSURANCE_HARDWARE;

    if (!a->on) {
        return ATTEST_ASSURANCE_NONE;
    }
    for (unsigned i = 0; i < a->total; i++) {
        if (a->nodes[i].claims.assurance < least) {
            least = a->nodes[i].claims.assurance;
        }
    }
    return least;
}

void attestor_copy(struct attestor *to, const struct attestor *from)
{
    memcpy(to, from, sizeof *to);
    gmp_arena_init(&to->arena, to->arena_memory, sizeof to->arena_memory);
}
