#include "enclave/core/core_evidence.h"

#include "enclave/attest/tsm_desk.h"
#include "enclave/core/core_answer.h"
#include "enclave/member/core_member.h"
#include "wire/evidence_call.h"

#include <string.h>

#define HELLO_ROOM 4096 /* no HELLO is longer: two keys and 16 policies */

_Static_assert(REPORT_DATA_LEN == TSM_REPORT_DATA_LEN, "one REPORT_DATA");
_Static_assert(EVIDENCE_MAX == TSM_BLOCK_MAX, "one block");

static bool has_epoch(const struct core *c)
{
    return c->member != NULL && c->has_pq && !c->retired;
}

static uint32_t own_incarnation(const struct core *c)
{
    return has_epoch(c) && c->index > 0 ? c->member->roster.incarnation[c->index - 1] : 0;
}

static void bind_asked(const struct core *c, const struct evidence_ask *ask,
                       struct report_binding *b)
{
    uint8_t hello[HELLO_ROOM];
    struct writer w = wr_init(hello, sizeof hello);

    core_answer_hello(c, &w);
    report_context_asked((struct view){hello, w.len}, b->context);
    memcpy(b->nonce, ask->nonce, sizeof b->nonce);
    b->audit_key = (struct view){c->public.audit, sizeof c->public.audit};
}

/* The record is public; nobody has to know this core's audit key to judge a bundle. */
static void bind_epoch(const struct core *c, struct report_binding *b)
{
    memcpy(b->nonce, c->member->ceremony.id, sizeof b->nonce);
    memcpy(b->context, c->member->ceremony.id, sizeof b->context);
}

static void report_data(const struct core *c, const struct evidence_ask *ask,
                        uint8_t out[REPORT_DATA_LEN])
{
    struct report_binding b = {.purpose = ask->purpose,
                               .role = REPORT_CORE,
                               .place = c->index,
                               .incarnation = own_incarnation(c)};

    memcpy(b.epoch_id, c->epoch_id, sizeof b.epoch_id);
    memcpy(b.identity, c->public.identity, sizeof b.identity);
    if (ask->purpose == REPORT_EPOCH) {
        bind_epoch(c, &b);
    } else {
        bind_asked(c, ask, &b);
    }
    report_data_make(&b, out);
}

/* ---- nonces that are being answered ---- */

/* The desk forgot it, or never knew it. */
static bool is_over(const struct core *c, unsigned place)
{
    struct view block;

    return tsm_desk_answer(c->desk, tsm_tag(TSM_OUTSIDER, place), &block) == ERR_STATE;
}

/* The nonce's place, or a free one. ERR_BUSY: there is none. */
static enum err place_of(struct core *c, const uint8_t nonce[REPORT_DATA_NONCE_LEN],
                         unsigned *out)
{
    unsigned free = LIMIT_EVIDENCE_NONCES;

    for (unsigned i = 0; i < LIMIT_EVIDENCE_NONCES; i++) {
        const bool over = is_over(c, i);

        if (!over && memcmp(c->evidence_nonces[i], nonce, REPORT_DATA_NONCE_LEN) == 0) {
            *out = i;
            return ERR_OK;
        }
        if (over && free == LIMIT_EVIDENCE_NONCES) {
            free = i;
        }
    }
    if (free == LIMIT_EVIDENCE_NONCES) {
        return ERR_BUSY;
    }
    memcpy(c->evidence_nonces[free], nonce, REPORT_DATA_NONCE_LEN);
    *out = free;
    return ERR_OK;
}

enum err core_evidence(struct core *c, const struct core_call *call, struct writer *w)
{
    struct evidence_answer a = {.here = false};
    struct evidence_ask ask;
    uint8_t data[REPORT_DATA_LEN];
    unsigned place = 0;
    uint32_t tag;
    enum err e;

    TRY(evidence_ask_decode(call->body, &ask));
    if (c->desk == NULL || !c->started || (ask.purpose == REPORT_EPOCH && !has_epoch(c))) {
        return ERR_STATE;
    }
    if (ask.purpose == REPORT_ASKED) {
        TRY(place_of(c, ask.nonce, &place));
    }
    tag = tsm_tag(ask.purpose == REPORT_EPOCH ? TSM_EPOCH : TSM_OUTSIDER, place);
    e = tsm_desk_answer(c->desk, tag, &a.block);
    if (e == ERR_STATE) { /* nobody asked yet */
        report_data(c, &ask, data);
        TRY(tsm_desk_ask(c->desk, c->now.mono_ns, tag, data));
        e = ERR_BUSY;
    }
    a.here = e == ERR_OK;
    a.incarnation = own_incarnation(c);
    if (e == ERR_OK || e == ERR_BUSY) {
        evidence_answer_encode(w, &a);
    }
    if (e != ERR_BUSY) {
        tsm_desk_forget(c->desk, tag);
    }
    return e == ERR_BUSY ? ERR_OK : e;
}
