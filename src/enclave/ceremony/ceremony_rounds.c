/* Round by round: what a node sends first, and what it checks once all have sent theirs. */
#include "enclave/ceremony/ceremony_parts.h"
#include "wire/ceremony_classic.h"

#include <string.h>

/* ---- PQ/1 with every peer ---- */

static struct pq1_tools channel_tools(const struct ceremony_call *call)
{
    return (struct pq1_tools){.drbg = call->tools->drbg,
                              .signer = call->tools->signer,
                              .identity = call->tools->identity,
                              .work = call->tools->work};
}

static struct pq1_party party(const struct ceremony *c, uint8_t i)
{
    struct pq1_party p = {.index = i, .incarnation = 0};

    memcpy(p.identity, c->plan.nodes[i].identity, sizeof p.identity);
    return p;
}

static enum err channel_hello(const struct ceremony_call *call, uint8_t peer, struct writer *w)
{
    const struct pq1_tools tools = channel_tools(call);
    struct ceremony *c = call->c;
    struct pq1_setup setup = {.own = party(c, c->own),
                              .peer = party(c, peer),
                              .judge = c->shown.attest != NULL ? &c->shown.judge : NULL};

    memcpy(setup.epoch_id, c->known.epoch_id, sizeof setup.epoch_id);
    TRY(pq1_init(&c->channels[peer], &setup));
    return pq1_begin(&c->channels[peer], &tools, w);
}

/* The peer's message of one round in; what we say to it, if anything, out. */
static enum err channel_take(const struct ceremony_call *call, uint8_t peer, uint8_t round,
                             struct writer *w)
{
    const struct pq1_tools tools = channel_tools(call);
    struct ceremony *c = call->c;

    return pq1_take(&c->channels[peer], &tools, call->now_ns, c->known.msg[round][peer].body,
                    w);
}

static enum err channel_step(const struct ceremony_call *call, uint8_t peer, struct writer *w)
{
    const uint8_t round = call->c->round;

    return round == CEREMONY_PQ1_HELLO ? channel_hello(call, peer, w)
                                       : channel_take(call, peer, (uint8_t)(round - 1), w);
}

static void begin_channel_round(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;

    for (uint8_t i = 0; i < c->plan.total && ceremony_runs(call); i++) {
        struct writer w = wr_init(c->body, PQ1_MESSAGE_MAX);
        struct view body = {NULL, 0};
        enum err e;

        if (i == c->own) {
            continue;
        }
        e = channel_step(call, i, &w);
        if (e == ERR_OK) {
            e = wr_finish(&w, &body);
        }
        if (e != ERR_OK) {
            ceremony_abort(call, ceremony_attest_reason(c, e), i);
            return;
        }
        if (!ceremony_attest_wanted(call, i)) {
            ceremony_send(call, c->round, i, body);
        }
    }
}

static void end_channels(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;

    for (uint8_t i = 0; i < c->plan.total; i++) {
        struct writer none = wr_init(c->body, 0);

        if (i != c->own && (channel_take(call, i, CEREMONY_PQ1_FINISH, &none) != ERR_OK ||
                            !pq1_is_verified(&c->channels[i]))) {
            ceremony_abort(call, CEREMONY_CHANNEL, i);
            return;
        }
    }
    ceremony_attest_judge_all(call);
}

/* ---- what all saw ---- */

/* The hashes of all messages of a round. */
static void write_hashes(const struct ceremony *c, uint8_t round, struct writer *w)
{
    for (size_t i = 0; i < c->plan.total; i++) {
        uint8_t hash[CEREMONY_HASH_LEN];

        ceremony_known_hash(&c->known, c->known.msg[round][i].whole, hash);
        wr_bytes(w, hash, sizeof hash);
    }
}

static void begin_echo(const struct ceremony_call *call)
{
    struct writer w = wr_init(call->c->body, sizeof call->c->body);

    write_hashes(call->c, CEREMONY_COMMIT, &w);
    ceremony_send_written(call, call->c->round, &w);
}

static void begin_rho(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;
    struct writer w = wr_init(c->body, sizeof c->body);

    wr_bytes(&w, &c->secrets.rho, sizeof c->secrets.rho);
    if (ceremony_has_classic(c)) {
        wr_bytes(&w, &c->secrets.classic.opening, sizeof c->secrets.classic.opening);
    }
    ceremony_send_written(call, CEREMONY_RHO, &w);
}

static void begin_done(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;
    struct writer w = wr_init(c->body, sizeof c->body);
    uint8_t hash[CEREMONY_HASH_LEN];

    ceremony_known_done(&c->known, c->pk, ceremony_classic(c), hash);
    wr_bytes(&w, hash, sizeof hash);
    write_hashes(c, CEREMONY_COMMIT, &w);
    write_hashes(c, CEREMONY_ECHO, &w);
    write_hashes(c, CEREMONY_RHO, &w);
    write_hashes(c, CEREMONY_T_COMMIT, &w);
    write_hashes(c, CEREMONY_T_REVEAL, &w);
    ceremony_send_written(call, call->c->round, &w);
}

static void begin_confirm(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;
    struct ceremony_classic_bytes classic = {{0}, 0};
    struct writer record = wr_init(c->record, sizeof c->record);
    struct writer w = wr_init(c->body, sizeof c->body);

    if (ceremony_has_classic(c)) {
        ceremony_classic_encode(&c->classic, &classic);
    }
    ceremony_record_encode(&record, &c->known, c->pk, (struct view){classic.bytes, classic.n});
    if (wr_finish(&record, &c->record_bytes) != ERR_OK) {
        ceremony_abort(call, CEREMONY_OWN_FAULT, c->own);
        return;
    }
    ceremony_record_id(c->record_bytes, c->id);
    wr_bytes(&w, c->id, sizeof c->id);
    write_hashes(c, CEREMONY_DONE, &w);
    write_hashes(c, CEREMONY_TEST, &w);
    ceremony_send_written(call, call->c->round, &w);
}

/* Whether all vouch for what we saw; if not, a dispute has begun. */
static bool all_vouch(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;

    for (size_t i = 0; i < c->plan.total; i++) {
        const struct ceremony_msg *voucher = &c->known.msg[c->round][i];
        const struct ceremony_msg *original = ceremony_known_differs(&c->known, voucher);

        if (original != NULL) {
            ceremony_dispute(call, original, voucher);
            return false;
        }
    }
    return true;
}

static void end_echo(const struct ceremony_call *call)
{
    (void)all_vouch(call);
}

/* All begin with our hash: a key or a record. */
static void end_voucher(const struct ceremony_call *call, const uint8_t hash[CEREMONY_HASH_LEN],
                        uint8_t reason)
{
    struct ceremony *c = call->c;

    if (!all_vouch(call)) {
        return;
    }
    for (uint8_t i = 0; i < c->plan.total; i++) {
        const struct ceremony_msg *m = &c->known.msg[c->round][i];

        if (!view_equal(ceremony_body_own(m), (struct view){hash, CEREMONY_HASH_LEN})) {
            ceremony_complain(call, reason, i, m, 1);
            return;
        }
    }
}

static void end_done(const struct ceremony_call *call)
{
    uint8_t hash[CEREMONY_HASH_LEN];

    ceremony_known_done(&call->c->known, call->c->pk, ceremony_classic(call->c), hash);
    end_voucher(call, hash, CEREMONY_BAD_DONE);
    /* Any honest member of a subset has complained of another t long ago, and who saw other
     * messages has begun a dispute: all members of this one are bad. */
    if (ceremony_runs(call) && ceremony_known_split(&call->c->known) != 0) {
        ceremony_abort(call, CEREMONY_BAD_T, CEREMONY_NOBODY);
    }
}

static void end_test(const struct ceremony_call *call)
{
    struct ceremony *c = call->c;

    for (uint8_t i = 0; i < c->plan.total; i++) {
        const struct ceremony_msg *m = &c->known.msg[CEREMONY_TEST][i];

        if (ceremony_known_check_test(&c->known, &c->key.key, ceremony_classic(c), m,
                                      &c->scratch) != ERR_OK) {
            ceremony_complain(call, CEREMONY_BAD_TEST, i, m, 1);
            return;
        }
        for (size_t j = 0; j < c->test.n; j++) { /* ours: the very one that we made */
            const struct view sig = ceremony_body_entry(&c->plan, m, c->test.quorums[j]);
            const struct view own = {c->test.signatures[j], CEREMONY_SIGNATURE_LEN};

            if (sig.n > 0 && !view_equal(sig, own)) {
                ceremony_abort(call, CEREMONY_BAD_TEST, i);
                return;
            }
        }
    }
}

static void end_confirm(const struct ceremony_call *call)
{
    end_voucher(call, call->c->id, CEREMONY_OTHER_RECORD);
    if (ceremony_runs(call)) {
        ceremony_forget(call);
        call->c->state = CEREMONY_FINISHED;
    }
}

/* ---- in order ---- */

typedef void round_fn(const struct ceremony_call *call);

static const struct {
    round_fn *begin, *end;
} rounds[CEREMONY_ROUNDS] = {
    [CEREMONY_PQ1_HELLO] = {begin_channel_round, NULL},
    [CEREMONY_PQ1_KEM] = {begin_channel_round, NULL},
    [CEREMONY_PQ1_FINISH] = {begin_channel_round, end_channels},
    [CEREMONY_COMMIT] = {ceremony_begin_commit, NULL},
    [CEREMONY_ECHO] = {begin_echo, end_echo},
    [CEREMONY_SEALED] = {ceremony_begin_sealed, ceremony_end_sealed},
    [CEREMONY_RHO] = {begin_rho, ceremony_end_rho},
    [CEREMONY_T_COMMIT] = {ceremony_begin_t_commit, ceremony_end_t_commit},
    [CEREMONY_T_REVEAL] = {ceremony_begin_t_reveal, ceremony_end_t_reveal},
    [CEREMONY_DONE] = {begin_done, end_done},
    [CEREMONY_TEST] = {ceremony_test_begin, end_test},
    [CEREMONY_CONFIRM] = {begin_confirm, end_confirm},
};

void ceremony_round_begin(const struct ceremony_call *call)
{
    rounds[call->c->round].begin(call);
}

void ceremony_round_end(const struct ceremony_call *call)
{
    if (rounds[call->c->round].end != NULL) {
        rounds[call->c->round].end(call);
    }
}
