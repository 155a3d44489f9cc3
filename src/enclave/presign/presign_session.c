#include "enclave/presign/presign_session.h"

#include "base/secret.h"

#include <string.h>

static const uint8_t label[] = "quorate-presign-v1";
#define SIGNED_LEN (sizeof label - 1 + sizeof(struct tecdsa_body))

_Static_assert(sizeof(struct presign_round_1) == 28881, "bytes alone");
_Static_assert(sizeof(struct tecdsa_round_2) == 123316, "bytes alone");

/* What is signed of a body. */
static struct view signed_bytes(const struct tecdsa_body *body, uint8_t out[SIGNED_LEN])
{
    memcpy(out, label, sizeof label - 1);
    memcpy(out + sizeof label - 1, body, sizeof *body);
    return (struct view){out, SIGNED_LEN};
}

static enum err verify(const struct presign_tools *tools, const struct presign_said *said)
{
    uint8_t bytes[SIGNED_LEN];
    const unsigned party = said->body.party[0];

    if (party >= TECDSA_PARTIES_MAX) {
        return ERR_SIGNATURE;
    }
    return ed25519_verify(tools->stack, tools->signing_keys[party],
                          signed_bytes(&said->body, bytes), said->signature);
}

bool presign_said_proves(const struct presign_tools *tools, const struct presign_said *a,
                         const struct presign_said *b)
{
    return memcmp(a->body.sid1, b->body.sid1, sizeof a->body.sid1) == 0 &&
           a->body.party[0] == b->body.party[0] &&
           memcmp(&a->body, &b->body, sizeof a->body) != 0 && verify(tools, a) == ERR_OK &&
           verify(tools, b) == ERR_OK;
}

/* ---- calls of the mathematics, on the work stack ---- */

struct call {
    struct presign_session *s;
    const struct presign_tools *tools;
    struct tecdsa_signer *signer;
    const struct tecdsa_presign_of *of;
    const uint8_t *seed, *sid2;
    unsigned peer;
    struct tecdsa_round_2 *out;
    const struct tecdsa_round_2 *in;
    struct tecdsa_presignature *record;
};

static enum err begin(void *arg)
{
    const struct call *const c = arg;

    return tecdsa_presign_begin(&c->s->p, c->signer, c->of, c->seed);
}

static enum err extend(void *arg)
{
    const struct call *const c = arg;

    return tecdsa_presign_extend(&c->s->p, c->peer, c->tools->scratch, c->tools->round_1);
}

static enum err accept_1(void *arg)
{
    const struct call *const c = arg;

    return tecdsa_presign_accept_1(&c->s->p, c->peer, c->tools->round_1, c->tools->scratch);
}

static enum err multiply(void *arg)
{
    const struct call *const c = arg;

    return tecdsa_presign_multiply(&c->s->p, c->peer, c->tools->scratch, c->out);
}

static enum err accept_2(void *arg)
{
    const struct call *const c = arg;

    return tecdsa_presign_accept_2(&c->s->p, c->peer, c->sid2, c->in, c->tools->scratch);
}

static enum err finish(void *arg)
{
    const struct call *const c = arg;

    return tecdsa_presign_finish(&c->s->p, c->record);
}

/* ---- the session ---- */

static enum err sign_own(struct presign_session *s, const struct presign_tools *tools)
{
    struct presign_said *const own = &s->said[s->p.party];
    uint8_t bytes[SIGNED_LEN];

    own->body = s->p.body;
    s->said_by[s->p.party] = true;
    return ed25519_sign(tools->stack, tools->identity, signed_bytes(&own->body, bytes),
                        own->signature);
}

enum err presign_session_begin(struct presign_session *s, const struct presign_tools *tools,
                               const struct presign_standing *standing,
                               struct tecdsa_signer *signer, const struct tecdsa_presign_of *of,
                               const uint8_t seed[TECDSA_SEED_LEN], int64_t now_ns)
{
    struct call c = {.s = s, .tools = tools, .signer = signer, .of = of, .seed = seed};
    enum err e = ERR_OK;

    wipe(s, sizeof *s);
    if (!presign_standing_usable(standing, of->s, now_ns)) {
        return ERR_POLICY;
    }
    s->triple = of->s;
    TRY(work_stack_run_gmp(tools->stack, begin, &c));
    e = sign_own(s, tools);
    if (e != ERR_OK) {
        wipe(s, sizeof *s);
    }
    return e;
}

enum err presign_session_write_1(struct presign_session *s, const struct presign_tools *tools,
                                 unsigned to, struct presign_round_1 *out)
{
    struct call c = {.s = s, .tools = tools, .peer = to};

    TRY(work_stack_run_gmp(tools->stack, extend, &c));
    out->said = s->said[s->p.party];
    out->extension = tools->round_1->extension;
    wipe(tools->round_1, sizeof *tools->round_1);
    return ERR_OK;
}

enum err presign_session_take_1(struct presign_session *s, const struct presign_tools *tools,
                                unsigned from, const struct presign_round_1 *in)
{
    struct call c = {.s = s, .tools = tools, .peer = from};
    enum err e = ERR_OK;

    if (in->said.body.party[0] != from || verify(tools, &in->said) != ERR_OK) {
        return ERR_SIGNATURE;
    }
    tools->round_1->body = in->said.body;
    tools->round_1->extension = in->extension;
    e = work_stack_run_gmp(tools->stack, accept_1, &c);
    wipe(tools->round_1, sizeof *tools->round_1);
    if (e == ERR_OK) {
        s->said_by[from] = true;
        s->said[from] = in->said;
    }
    return e;
}

enum err presign_session_write_2(struct presign_session *s, const struct presign_tools *tools,
                                 unsigned to, struct tecdsa_round_2 *out)
{
    struct call c = {.s = s, .tools = tools, .peer = to, .out = out};

    return work_stack_run_gmp(tools->stack, multiply, &c);
}

enum err presign_session_take_2(struct presign_session *s, const struct presign_tools *tools,
                                unsigned from, const uint8_t sid2[TECDSA_HASH_LEN],
                                const struct tecdsa_round_2 *in)
{
    struct call c = {.s = s, .tools = tools, .peer = from, .sid2 = sid2, .in = in};

    return work_stack_run_gmp(tools->stack, accept_2, &c);
}

enum err presign_session_finish(struct presign_session *s, const struct presign_tools *tools,
                                struct tecdsa_presignature *record)
{
    struct call c = {.s = s, .tools = tools, .record = record};

    return work_stack_run_gmp(tools->stack, finish, &c);
}

void presign_session_settle(const struct presign_session *s, struct presign_standing *standing,
                            int64_t now_ns)
{
    switch (s->p.fate) {
    case TECDSA_SESSION:
    case TECDSA_SETUP:
        presign_standing_failed(standing, s->p.culprit, now_ns);
        return;
    case TECDSA_TRIPLE:
        presign_standing_triple(standing, s->triple, now_ns);
        return;
    case TECDSA_LIVE:
    case TECDSA_DONE:
    case TECDSA_BENIGN:
        return;
    }
}
