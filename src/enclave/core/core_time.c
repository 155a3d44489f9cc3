#include "enclave/core/core_time.h"

#include "enclave/core/core_parts.h"
#include "wire/time_call.h"

#include <string.h>

/* c->now holds. */
static struct peer_time own_time(const struct core *c)
{
    const int64_t half_ns = (c->now.hi_ns - c->now.lo_ns) / 2;

    return (struct peer_time){c->now.mono_ns, c->now.tai_ns - half_ns, c->now.tai_ns + half_ns};
}

/* What peers gave out before this core's start is not gone below, as far as the own clock holds
 * it possible. Once: whoever lies then delays by half a span at most. */
static void learn_given(struct core *c)
{
    if (c->permitted && !c->learned && c->now.err == ERR_OK) {
        const int64_t given_ns = peer_view_given(&c->peers, c->now.mono_ns);
        const int64_t hi_ns = own_time(c).hi_ns;

        c->learned = true;
        time_keeper_give(&c->clock.keeper, given_ns < hi_ns ? given_ns : hi_ns);
    }
}

bool core_time_has_peers(const struct core *c)
{
    return c->args->clock == CLOCK_NTS && c->quorum.party != NULL;
}

bool core_time_permits(const struct core *c)
{
    return !core_time_has_peers(c) || peer_view_permits(&c->peers, c->now.mono_ns);
}

void core_time_audit(struct core *c, const struct own_time *before)
{
    if (c->now.event != TIME_EVENT_NONE) {
        core_audit(c, AUDIT_TIME_EVENT, c->now.event, 0);
    }
    if (c->now.reason != before->reason || c->now.err != before->err) {
        core_audit(c, AUDIT_TIME, c->now.reason, c->now.bound_us);
    }
    if (!core_time_has_peers(c)) {
        return;
    }
    if (core_time_permits(c) != c->permitted) {
        c->permitted = !c->permitted;
        core_audit(c, AUDIT_TIME_PEERS, c->permitted,
                   peer_view_mask(&c->peers, c->now.mono_ns));
    }
    learn_given(c); /* at the first reading that holds while they permit */
}

/* A sample that came in the order in which its client made them. */
static void hear_sample(struct core *c, const struct time_report *r)
{
    struct writer w = wr_init(c->heard.rows, sizeof c->heard.rows);

    c->heard.at_ns = c->now.mono_ns;
    c->heard.sources = r->sample.sources;
    c->heard.quota = r->sample.quota;
    c->heard.agreeing = r->sample.agreeing;
    time_sources_encode(&w, r->rows, r->n_sources);
    c->heard.rows_len = w.len;
}

enum err core_time_sample(struct core *c, const struct core_call *call)
{
    struct time_report report;
    enum keeper_taken taken;
    int64_t moved_ns = 0;

    if (c->args->clock != CLOCK_NTS || !call->timed) {
        return ERR_TYPE;
    }
    TRY(time_report_decode(call->body, &report));
    core_look_at_clock(c); /* a sample from before an event is void */
    taken = own_clock_sample(&c->clock, &report.sample, &moved_ns);
    if (taken == KEEPER_REPLAYED) {
        return ERR_STALE;
    }
    hear_sample(c, &report);
    if (taken == KEEPER_DISJOINT || taken == KEEPER_OFF_RATE) {
        core_audit(c, AUDIT_TIME_EVENT,
                   taken == KEEPER_DISJOINT ? TIME_EVENT_DISJOINT : TIME_EVENT_OFF_RATE, 0);
    }
    core_look_at_clock(c); /* which finds what it was good for, and voids what was promised */
    if (taken == KEEPER_TAKEN) {
        c->heard.adjusted++;
        core_audit(c, AUDIT_TIME_ADJUSTED, (uint64_t)moved_ns, c->now.bound_us);
    }
    return ERR_OK;
}

/* ---- other cores ---- */

static enum err open_round(struct core *c, struct writer *w)
{
    uint8_t nonce[TIME_NONCE_LEN];
    struct peer_time own;

    TRY(c->now.err);
    TRY(core_random(c, nonce, sizeof nonce));
    own = own_time(c);
    peer_view_open(&c->peers, nonce, &own);
    time_challenge_encode(w, &c->peers.own);
    return ERR_OK;
}

static enum err tell(struct core *c, const struct time_probe *p, struct writer *w)
{
    const struct peer_time own = own_time(c);
    const struct pq_party *const party = c->quorum.party;
    uint8_t text[TIME_SIGNED_MAX];
    struct time_statement s;
    size_t n;

    peer_view_tell(&c->peers, p, c->now.err == ERR_OK ? &own : NULL, c->now.mono_ns,
                   c->clock.keeper.given_ns, &s);
    n = time_statement_signed(&s, c->epoch_id, text);
    TRY(ed25519_sign(party->stack, party->identity, (struct view){text, n}, s.signature));
    time_statement_encode(w, &s);
    return ERR_OK;
}

static enum err check_signature(const struct core *c, const struct time_statement *s)
{
    const struct pq_party *const party = c->quorum.party;
    uint8_t text[TIME_SIGNED_MAX];
    size_t n;

    if (s->index > c->total) {
        return ERR_QUORUM;
    }
    n = time_statement_signed(s, c->epoch_id, text);
    return ed25519_verify(party->stack, party->peers[s->index - 1].signing_key,
                          (struct view){text, n}, s->signature);
}

static enum err hear(struct core *c, const struct time_probe *p)
{
    struct peer_time own;

    TRY(c->now.err);
    own = own_time(c);
    for (size_t i = 0; i < p->n; i++) {
        const struct time_statement *const s = &p->statements[i];
        enum err e;

        if (s->index == c->index) {
            continue;
        }
        e = check_signature(c, s);
        if (e != ERR_OK) {
            core_refused(c, e);
        } else {
            (void)peer_view_hear(&c->peers, s, &own);
        }
    }
    core_look_at_clock(c); /* they may permit now */
    return ERR_OK;
}

enum err core_time_probe(struct core *c, const struct core_call *call, struct writer *w)
{
    struct time_probe p;

    if (!core_time_has_peers(c)) {
        return ERR_TYPE;
    }
    TRY(time_probe_decode(call->body, &p));
    core_look_at_clock(c);
    if (p.step == TIME_OPEN) {
        return open_round(c, w);
    }
    return p.step == TIME_TELL ? tell(c, &p, w) : hear(c, &p);
}
