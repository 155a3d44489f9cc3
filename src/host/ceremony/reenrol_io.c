#include "host/ceremony/reenrol_io.h"

#include "host/link/core_ask_io.h"
#include "os/clock.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of packets for one core: evidence of three others, and what goes with it. */
#define WAITING_MAX (3 * (REENROL_PACKET_HEAD + REENROL_PACKET_MAX) + 65536)

struct node {
    bool answers, has_epoch;
    unsigned asked;
    struct reenrol_answer said; /* last; without its packets */
    size_t n;
    uint8_t waiting[WAITING_MAX];
};

struct run {
    const struct reenrol_job *job;
    struct reenrol_result *out;
    struct core_ask ask;
    struct node nodes[PLAN_NODES_MAX];
    uint8_t body[FRAME_BODY_LONG_MAX];
};

static int64_t now_ms(void)
{
    return clock_os.monotonic_ns(clock_os.self) / 1000000;
}

/* ---- one frame ---- */

/* Packets for others wait with them. ERR_NOSPACE: somebody sends more than a core does. */
static enum err post(struct run *r, struct view packets)
{
    struct reader in = rd_init(packets);
    struct reenrol_packet p;

    while (in.n > 0) {
        TRY(reenrol_packet_decode(&in, &p));
        struct node *const to = &r->nodes[p.to];
        struct writer w = wr_init(to->waiting, sizeof to->waiting);

        w.len = to->n;
        reenrol_packet_encode(&w, &p);
        if (w.full) {
            return ERR_NOSPACE;
        }
        to->n = w.len;
    }
    return ERR_OK;
}

static enum err ask(struct run *r, uint8_t i, uint8_t type, struct view body)
{
    struct node *const n = &r->nodes[i];
    struct view answer;

    if (body.n > 0 && n->asked++ == REENROL_ROUNDS_MAX) {
        return ERR_NOSPACE;
    }
    r->ask.uri = r->job->uris[i];
    r->ask.wait_ms = REENROL_ANSWER_MS;
    TRY(core_ask(&r->ask, type, body, &answer));
    TRY(reenrol_answer_decode(answer, &n->said));
    TRY(post(r, n->said.packets));
    n->said.packets = (struct view){NULL, 0};
    return ERR_OK;
}

/* ---- orders ---- */

/* Who is there, and three of them. */
static enum err find_helpers(struct run *r)
{
    unsigned found = 0;

    for (uint8_t i = 0; i < r->job->plan->total; i++) {
        struct node *const n = &r->nodes[i];

        if (i == r->out->node) {
            continue;
        }
        n->answers = ask(r, i, FRAME_REENROL_STEP, (struct view){NULL, 0}) == ERR_OK;
        n->has_epoch = n->answers && n->said.incarnation[i] != 0;
        if (n->has_epoch && found < TECDSA_T) {
            r->out->helpers |= 1U << i;
            found++;
        }
        n->n = 0; /* of an attempt before */
    }
    return found == TECDSA_T ? ERR_OK : ERR_QUORUM;
}

static enum err give_order(struct run *r, uint8_t i, struct view record)
{
    struct reenrol_order_ask a = {
        .helpers = (uint8_t)r->out->helpers, .n = r->job->n, .record = record};
    struct writer w = wr_init(r->body, sizeof r->body);
    struct view body;

    memcpy(a.orders, r->job->orders, sizeof a.orders);
    reenrol_order_ask_encode(&w, &a);
    TRY(wr_finish(&w, &body));
    r->out->by = i;
    TRY(ask(r, i, FRAME_REENROL_ORDER, body));
    r->out->by = REENROL_NOBODY;
    return ERR_OK;
}

/* First the fence at all who may help, then at the others, who do not count, and last the one
 * whom it is for. */
static enum err give_orders(struct run *r)
{
    const struct view none = {NULL, 0};
    const uint8_t total = r->job->plan->total;
    enum err e = ERR_OK;

    for (uint8_t i = 0; i < total && e == ERR_OK; i++) {
        if ((r->out->helpers >> i & 1) == 1) {
            e = give_order(r, i, none);
        }
    }
    TRY(e);
    for (uint8_t i = 0; i < total; i++) {
        const bool more = i != r->out->node && (r->out->helpers >> i & 1) == 0;

        if (more && r->nodes[i].has_epoch && give_order(r, i, none) != ERR_OK) {
            r->out->by = REENROL_NOBODY;
        }
    }
    return give_order(r, r->out->node, r->job->record);
}

/* ---- packets ---- */

/* Whether one says that it is over without shares. */
static enum err look(struct run *r, uint8_t i)
{
    const struct reenrol_answer *const a = &r->nodes[i].said;

    if (a->state != REENROL_ENDED || a->attempt != r->out->attempt) {
        return ERR_OK;
    }
    r->out->by = i;
    r->out->accused = a->accused;
    return (enum err)a->err;
}

/* As many whole packets as a frame takes. */
static size_t first_part(const struct node *n)
{
    struct reader in = rd_init((struct view){n->waiting, n->n});
    struct reenrol_packet p;
    size_t part = 0;

    while (in.n > 0 && reenrol_packet_decode(&in, &p) == ERR_OK &&
           n->n - in.n <= FRAME_BODY_MAX) {
        part = n->n - in.n;
    }
    return part;
}

/* What waits for it. */
static enum err bring(struct run *r, uint8_t i)
{
    struct node *const n = &r->nodes[i];
    const size_t part = first_part(n);

    memcpy(r->body, n->waiting, part);
    n->n -= part;
    memmove(n->waiting, n->waiting + part, n->n);
    TRY(ask(r, i, FRAME_REENROL_STEP, (struct view){r->body, part}));
    return look(r, i);
}

/* Whether it may say something without being told: evidence of its machine comes when it comes.
 */
static bool may_speak(const struct run *r, uint8_t i)
{
    const bool takes_part = i == r->out->node || (r->out->helpers >> i & 1) == 1;

    return plan_is_attested(r->job->plan) && takes_part &&
           r->nodes[i].said.state == REENROL_RUNNING;
}

/* One frame to each core for which something waits, or that may speak. *moved: something did.
 */
static enum err carry_round(struct run *r, bool *moved)
{
    enum err e = ERR_OK;

    *moved = false;
    for (uint8_t i = 0; i < r->job->plan->total && e == ERR_OK; i++) {
        if (r->nodes[i].n > 0 || may_speak(r, i)) {
            *moved = *moved || r->nodes[i].n > 0;
            e = bring(r, i);
        }
    }
    return e;
}

static enum err carry(struct run *r)
{
    const struct reenrol_answer *const said = &r->nodes[r->out->node].said;
    const int64_t until = now_ms() + REENROL_WAIT_MS;
    bool moved = true;

    while (said->state == REENROL_RUNNING && now_ms() < until &&
           (moved || plan_is_attested(r->job->plan))) {
        if (!moved) {
            (void)poll(NULL, 0, REENROL_PAUSE_MS);
        }
        TRY(carry_round(r, &moved));
    }
    return said->state == REENROL_DONE ? ERR_OK : ERR_DEADLINE;
}

static enum err run(struct run *r)
{
    struct reenrol_order last;

    TRY(reenrol_order_decode(r->job->orders[r->job->n - 1], &last));
    if (last.node >= r->job->plan->total) {
        return ERR_RANGE;
    }
    r->out->node = last.node;
    r->out->attempt = last.attempt;
    TRY(find_helpers(r));
    TRY(give_orders(r));
    return carry(r);
}

enum err reenrol_run(const struct reenrol_job *job, struct reenrol_result *out)
{
    const int64_t since = now_ms();
    struct run *const r = calloc(1, sizeof *r);
    enum err e = ERR_NOSPACE;

    *out = (struct reenrol_result){.by = REENROL_NOBODY, .accused = REENROL_NOBODY};
    if (r != NULL) {
        r->job = job;
        r->out = out;
        e = run(r);
    }
    free(r);
    out->took_ms = now_ms() - since;
    return e;
}
