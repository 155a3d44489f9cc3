/* Histories of re-enrolments, each from one number: whom it is for, who helps, with evidence or
 * without, what the host does to their packets, what one helper lies. Step by step, in any
 * order; then time is up. What must hold stands at check(): docs/simulation.md. */
#include "testing.h"
#include "world.h"

#include "base/secret.h"

#include <stdio.h>
#include <stdlib.h>

#define STEPS_MAX 2000 /* packets in one history */
#define EVIDENCE_LEN (REPORT_DATA_LEN + 2)

static uint64_t histories = 12;

/* What the host does. */
enum mood {
    MOOD_FAITHFUL, /* what one says to another comes in order */
    MOOD_HOSTILE,
    MOOD_COUNT,
};

struct machine {
    uint8_t node;
    unsigned slow; /* so often it is asked before evidence comes */
    bool has[WORLD_NODES];
    uint8_t block[WORLD_NODES][EVIDENCE_LEN];
};

static struct world *w;
static struct machine machines[WORLD_NODES];
static struct reenrol_attest attests[WORLD_NODES];
static struct world_node first[WORLD_NODES]; /* as the ceremony left them */
static uint64_t number;
static unsigned done_count, ended_count, named_count;

static struct history {
    enum mood mood;
    bool attested;
    uint8_t target;
    unsigned helpers;
    uint8_t liar; /* WORLD_NODES: nobody */
    unsigned lie;
    uint64_t lies_at, steps;
    bool touched; /* the host did something, or somebody lied */
} h;

/* Below so many. */
static uint64_t dice(uint64_t sides)
{
    uint64_t x = 0;

    tecdsa_noise(&w->random, &x, sizeof x);
    return x % sides;
}

/* ---- evidence, which says who shows it and for what ---- */

static enum err ask(void *self, uint8_t peer, const uint8_t report_data[REPORT_DATA_LEN])
{
    struct machine *const m = self;

    m->has[peer] = true;
    m->block[peer][0] = m->node;
    m->block[peer][1] = (uint8_t)w->attempt;
    memcpy(m->block[peer] + 2, report_data, REPORT_DATA_LEN);
    return ERR_OK;
}

static enum err answer(void *self, uint8_t peer, struct view *block)
{
    struct machine *const m = self;

    assert_true(m->has[peer]);
    if (m->slow > 0) {
        m->slow--;
        return ERR_BUSY;
    }
    *block = (struct view){m->block[peer], EVIDENCE_LEN};
    return ERR_OK;
}

static enum err judge(void *self, uint8_t node, uint32_t incarnation, struct view block,
                      const uint8_t report_data[REPORT_DATA_LEN])
{
    (void)self;
    assert_int_equal(incarnation, node == h.target ? w->attempt + 1 : 1);
    return block.n == EVIDENCE_LEN && block.p[0] == node && block.p[1] == (uint8_t)w->attempt &&
                   memcmp(block.p + 2, report_data, REPORT_DATA_LEN) == 0
               ? ERR_OK
               : ERR_EVIDENCE;
}

/* ---- one history ---- */

static void begin(void)
{
    static const uint8_t policy[] = "x";

    w->random = number * UINT64_C(0x9e3779b97f4a7c15) + 1;
    w->queued = 0;
    w->attempt = (uint32_t)dice(3);
    h = (struct history){.mood = (enum mood)dice(MOOD_COUNT),
                         .attested = dice(2) == 0,
                         .target = (uint8_t)dice(WORLD_NODES),
                         .liar = WORLD_NODES,
                         .lies_at = dice(24)};
    h.helpers = (1U << WORLD_NODES) - 1 - (1U << h.target);
    h.helpers &= ~(1U << (h.target + 1U + dice(WORLD_NODES - 1)) % WORLD_NODES);
    if (dice(3) == 0) {
        h.liar = (uint8_t)dice(WORLD_NODES);
        h.lie = (unsigned)dice(6);
        h.liar = (h.helpers >> h.liar & 1) == 1 ? h.liar : WORLD_NODES;
    }
    w->plan_kit.plan.policy = (struct view){policy, h.attested ? 1 : 0};
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        struct world_node *const n = &w->nodes[i];

        memcpy(n, &first[i], sizeof *n);
        n->plan.policy = w->plan_kit.plan.policy;
        machines[i] = (struct machine){.node = i, .slow = (unsigned)dice(4)};
        n->tools.attest = &attests[i];
    }
    world_lose(w, h.target);
    w->order.platform = (struct view){w->plan_kit.plan.nodes[h.target].platforms.p,
                                      h.attested ? PLAN_PLATFORM_LEN : 0};
    assert_int_equal(reenrol_kit_sign(&w->plan_kit, 1, &w->order), ERR_OK);
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        assert_int_equal(world_order(w, i), ERR_OK);
    }
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        if ((h.helpers >> i & 1) == 1 || i == h.target) {
            assert_int_equal(world_begin(w, i, h.helpers), ERR_OK);
        }
    }
}

/* One helper has something else than it should, from here on. */
static void lie(void)
{
    static struct tmldsa_share wrong;
    struct reenrol *const r = &w->nodes[h.liar].r;

    h.touched = true;
    switch (h.lie) {
    case 0:
        r->helper.d[dice(2)] = r->helper.d[2];
        break;
    case 1:
        r->helper.sum = r->helper.d[0];
        break;
    case 2:
        r->helper.views.d[dice(2)][0][dice(40)] ^= 1;
        break;
    case 3:
        r->shows[h.liar].signature[dice(ED25519_SIG_LEN)] ^= 4;
        break;
    case 4:
        r->holder.repetitions += dice(2) == 0 ? 7 : PLAN_REPETITIONS_MAX;
        break;
    default:
        memcpy(&wrong, r->holder.pq, sizeof wrong);
        wrong.sigma[dice(TMLDSA_HELD_MAX)][dice(32)] ^= 1;
        r->holder.pq = &wrong;
        break;
    }
}

/* Dropped, doubled, brought to another, altered, cut, or brought as it is. */
static void meddle(uint8_t from, uint8_t to, uint8_t *bytes, size_t n)
{
    size_t at = 0;

    switch (dice(24)) {
    case 0:
        h.touched = true;
        return;
    case 1:
        world_give(w, from, to, (struct view){bytes, n});
        break;
    case 2:
        world_give(w, from, (uint8_t)((to + 1U + dice(3)) % WORLD_NODES),
                   (struct view){bytes, n});
        break;
    case 3:
        h.touched = true;
        at = dice(n);
        bytes[at] = (uint8_t)(bytes[at] ^ 1U << dice(8));
        break;
    case 4:
        h.touched = true;
        n = 1 + dice(n);
        break;
    case 5:
        h.touched = true;
        from = (uint8_t)((from + (((from + 1) % WORLD_NODES == to) ? 2U : 1U)) % WORLD_NODES);
        break;
    default:
        break;
    }
    world_give(w, from, to, (struct view){bytes, n});
}

/* In order for a pair where the host is faithful. */
static size_t pick(void)
{
    size_t at = dice(w->queued);

    for (size_t i = 0; i < at && h.mood == MOOD_FAITHFUL; i++) {
        if (w->queue[i].from == w->queue[at].from && w->queue[i].to == w->queue[at].to) {
            return i;
        }
    }
    h.touched = h.touched || h.mood == MOOD_HOSTILE;
    return at;
}

static void step(void)
{
    static uint8_t bytes[REENROL_PACKET_MAX];
    const size_t at = pick();
    const uint8_t from = w->queue[at].from;
    const uint8_t to = w->queue[at].to;
    const size_t n = world_pop(w, at, bytes);

    if (h.mood == MOOD_FAITHFUL) {
        world_give(w, from, to, (struct view){bytes, n});
    } else {
        meddle(from, to, bytes, n);
    }
}

static bool anybody_shows(void)
{
    bool more = false;

    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        more = world_poll(w, i) || reenrol_awaits_evidence(&w->nodes[i].r) || more;
    }
    return more;
}

static void run(void)
{
    while ((w->queued > 0 || anybody_shows()) && h.steps < STEPS_MAX) {
        if (h.steps++ == h.lies_at && h.liar < WORLD_NODES &&
            w->nodes[h.liar].r.state == REENROL_RUNNING) {
            lie();
        }
        if (w->queued > 0) {
            step();
        }
        (void)world_poll(w, (uint8_t)dice(WORLD_NODES));
    }
    assert_true(h.steps < STEPS_MAX);
    w->now_ns += LIMIT_REENROL_NS;
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        reenrol_tick(&w->nodes[i].r, w->now_ns);
    }
}

/* ---- what must hold ---- */

/* ENDS, CLEAN, NAMED: for one node, once time is up. */
static void check_node(uint8_t i)
{
    const struct reenrol *const r = &w->nodes[i].r;
    const bool takes_part = (h.helpers >> i & 1) == 1 || i == h.target;

    assert_int_equal(r->state == REENROL_IDLE, !takes_part);
    assert_int_not_equal(r->state, REENROL_RUNNING);
    assert_true(tecdsa_erased(&r->helper, sizeof r->helper));
    assert_true(tecdsa_erased(r->sums, sizeof r->sums));
    assert_true(tecdsa_erased(r->channels, sizeof r->channels));
    if (r->state == REENROL_ENDED) {
        assert_true(tecdsa_erased(&r->repaired, sizeof r->repaired));
        assert_true(tecdsa_erased(&r->secrets, sizeof r->secrets));
        assert_true(r->accused == REENROL_NOBODY || r->accused == h.liar);
        named_count += r->accused == REENROL_NOBODY ? 0 : 1;
        ended_count++;
    }
}

/* RIGHT: who has shares has those of the place. LIVE: and has them, where nobody did anything.
 */
static void check(void)
{
    struct world_node *const n = &w->nodes[h.target];
    enum err e;

    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        check_node(i);
    }
    assert_true(h.touched || n->r.state == REENROL_DONE);
    e = reenrol_finish(&n->r, &n->tools, &w->pq->share_scratch, &w->shares);
    assert_int_equal(e == ERR_OK, n->r.state == REENROL_DONE);
    if (e == ERR_OK) {
        assert_memory_equal(&w->shares.classic, &w->classic->share[h.target],
                            sizeof w->shares.classic);
        assert_memory_equal(&w->shares.pq, &w->pq->share[h.target], sizeof w->shares.pq);
        assert_in_range(w->shares.repetitions, 102, PLAN_REPETITIONS_MAX);
        done_count++;
    } else {
        assert_true(tecdsa_erased(&w->shares, sizeof w->shares));
    }
    wipe(&w->shares, sizeof w->shares);
}

static void every_history_ends_well(void **state)
{
    (void)state;
    w = world_new(1);
    assert_int_equal(plan_kit_attest(&w->plan_kit, plan_kit_text("x")), ERR_OK);
    w->plan_kit.plan.number = 1;
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        w->nodes[i].plan = w->plan_kit.plan;
        first[i] = w->nodes[i];
        attests[i] = (struct reenrol_attest){ask, answer, judge, &machines[i]};
    }
    for (const uint64_t until = number + histories; number < until; number++) {
        begin();
        run();
        check();
    }
    world_free(w);
    (void)printf("%u with shares, %u ended, %u of these named who lied\n", done_count,
                 ended_count, named_count);
    assert_true(done_count > 0 && ended_count > 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_history_ends_well)};
    const char *const is_long = getenv("QUORATE_LONG");
    int status = 0;

    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--histories") == 0) {
            histories = strtoull(argv[i + 1], NULL, 10);
        } else if (strcmp(argv[i], "--first") == 0) {
            number = strtoull(argv[i + 1], NULL, 10);
        } else if (strcmp(argv[i], "--long") == 0 && is_long != NULL) {
            histories = strtoull(argv[i + 1], NULL, 10);
        }
    }
    status = cmocka_run_group_tests(tests, NULL, NULL);
    if (status != 0) {
        (void)fprintf(stderr, "broken: --first %llu --histories 1\n",
                      (unsigned long long)number);
    }
    return status;
}
