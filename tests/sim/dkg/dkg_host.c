/* The host's side: quorate's own relay, and whoever runs it again. */
#include "dkg_world.h"

static int64_t now_ms(const struct dkg_world *w)
{
    return w->now_ns / MS;
}

static void wake(struct dkg_world *w, int64_t at_ns)
{
    const struct sim_event e = {.at_ns = at_ns, .kind = SIM_PUMP, .arg = at_ns};

    if (at_ns < w->pump_ns) {
        w->pump_ns = at_ns;
        sim_events_add(&w->events, &e, (struct view){NULL, 0});
    }
}

/* ---- the plan, as the cores say who they are ---- */

static void take_hello(struct dkg_world *w, unsigned i)
{
    static const uint8_t names[] = {'a', 'b', 'c', 'd', 'e', 'f'};
    struct plan_node *const node = &w->plan.nodes[i];
    struct hello *const h = &w->hello;
    struct view body;

    sim_must(dkg_box_ask(w, i, FRAME_HELLO, (struct view){NULL, 0}, &body) == ERR_OK &&
             hello_decode(body, h) == ERR_OK);
    node->name = node->listen = (struct view){&names[i], 1};
    memcpy(node->identity, h->identity, sizeof node->identity);
    memcpy(node->signing_key, h->signing_key, sizeof node->signing_key);
    memcpy(node->boot_nonce, h->boot_nonce, sizeof node->boot_nonce);
}

static void make_plan(struct dkg_world *w)
{
    struct writer out = wr_init(w->plan_bytes, sizeof w->plan_bytes);

    w->plan = (struct plan){.threshold = MEMBER_THRESHOLD,
                            .total = DKG_NODES,
                            .level = PLAN_LEVEL_65,
                            .assurance = PLAN_SIMULATED,
                            .classic = w->shared ? PLAN_CLASSIC_SHARED : PLAN_CLASSIC_NODE,
                            .repetitions_warn = PLAN_REPETITIONS_MAX / 2,
                            .repetitions_refuse = PLAN_REPETITIONS_MAX,
                            .n_policies = w->args.n_policies};
    for (unsigned i = 0; i < DKG_NODES; i++) {
        take_hello(w, i);
    }
    for (size_t i = 0; i < w->args.n_policies; i++) {
        const struct boot_policy *const p = &w->args.policies[i];

        w->plan.policies[i] = (struct hello_policy){
            p->number,
            p->key,
            p->rule.digits,
            p->rule.ordering,
            p->rule.min_accuracy_ms,
            p->rule.max_accuracy_ms,
            {p->oid, p->oid_len},
        };
    }
    plan_encode(&out, &w->plan);
    sim_must(wr_finish(&out, &w->encoded) == ERR_OK);
}

void dkg_host_run(struct dkg_world *w)
{
    relay_free(w->relay);
    w->relay = NULL;
    make_plan(w);
    sim_must(relay_new(w->encoded, &w->entropy, now_ms(w), &w->relay) == ERR_OK);
    for (unsigned i = 0; i < DKG_NODES; i++) {
        w->links[i].number++;
        w->links[i].request = 0;
    }
    w->runs++;
    w->attempts = 0;
    w->totals.runs++;
    DKG_TRACE(w, "the host runs a ceremony");
    wake(w, w->now_ns);
}

/* ---- frames ---- */

/* Questions of an attempt that is over are of no use: their connections are closed. */
static void drop_old(struct dkg_world *w)
{
    w->totals.attempts++;
    w->attempts = w->relay->attempt;
    for (unsigned i = 0; i < DKG_NODES; i++) {
        if (w->links[i].request != 0) {
            w->links[i].request = 0;
            w->links[i].number++;
            relay_lost(w->relay, (uint8_t)i, ERR_DEADLINE, now_ms(w));
        }
    }
}

static void look(struct dkg_world *w)
{
    const struct relay *const r = w->relay;

    if (r->attempt == w->attempts && r->state == RELAY_RUNS) {
        return;
    }
    if (r->state != RELAY_DONE) {
        DKG_TRACE(w, "attempt %u ended: why %d, node %d, reason %d, %s", w->attempts,
                  (int)r->end.why, r->end.node == CEREMONY_NOBODY ? 0 : r->end.node + 1,
                  r->end.reason, err_name(r->end.err));
        if (w->attempts > 0 && r->end.why == RELAY_PROVEN && w->trusted &&
            dkg_is_honest(w, r->end.node)) {
            dkg_break(w, DKG_RULE_BLAME, r->end.node);
        }
    }
    drop_old(w);
}

void dkg_host_pump(struct dkg_world *w)
{
    struct relay *const r = w->relay;

    if (r == NULL) {
        return;
    }
    relay_tick(r, now_ms(w));
    look(w);
    for (uint8_t i = 0; i < DKG_NODES && r->state == RELAY_RUNS; i++) {
        struct writer body = wr_init(w->ask_room, FRAME_BODY_LONG_MAX);
        struct view asked;
        uint8_t type = 0;

        if (w->links[i].request == 0 && relay_ask(r, i, now_ms(w), &type, &body)) {
            sim_must(wr_finish(&body, &asked) == ERR_OK);
            dkg_net_ask(w, i, type, asked);
        }
    }
    if (r->state == RELAY_RUNS) {
        const int64_t next_ns = relay_next_ms(r) * MS;

        wake(w, next_ns > w->now_ns ? next_ns : w->now_ns + MS);
    }
}

/* An answer, or with no bytes the end of the connection. */
void dkg_host_take(struct dkg_world *w, const struct sim_event *e)
{
    struct dkg_link *const link = &w->links[e->node];
    const uint8_t node = (uint8_t)e->node;
    struct frame_header h = {0};
    enum err refused = ERR_OK;

    if (w->relay == NULL || e->arg != link->number || link->request == 0) {
        return;
    }
    if (e->n < FRAME_HEADER_LEN ||
        frame_header_decode((struct view){e->bytes, FRAME_HEADER_LEN}, &h) != ERR_OK ||
        h.body_len != e->n - FRAME_HEADER_LEN) {
        link->request = 0;
        link->number++;
        relay_lost(w->relay, node, ERR_IO, now_ms(w));
    } else if (h.request_id == link->request) {
        const struct view body = {e->bytes + FRAME_HEADER_LEN, h.body_len};

        link->request = 0;
        if (h.type != FRAME_ERROR) {
            relay_answer(w->relay, node, body, now_ms(w));
        } else if (frame_error_decode(body, &refused) == ERR_OK) {
            relay_refused(w->relay, node, refused, now_ms(w));
        } else {
            relay_lost(w->relay, node, ERR_IO, now_ms(w));
        }
    }
    wake(w, w->now_ns);
}

/* ---- the record ---- */

bool dkg_host_has_key(struct dkg_world *w)
{
    struct ceremony_finding findings[CEREMONY_CHECKS];
    struct view record;

    if (w->relay == NULL || w->relay->state != RELAY_DONE) {
        return false;
    }
    record = relay_record(w->relay);
    return ceremony_record_decode(record, w->record) == ERR_OK &&
           view_equal(w->record->known.plan_bytes, w->encoded) &&
           memcmp(w->record->known.nonce, w->relay->nonce, PLAN_NONCE_LEN) == 0 &&
           ceremony_record_verify(w->record, w->scratch, findings);
}
