#include "enclave/presign/presign_setup.h"

#include "base/secret.h"

#include <string.h>

_Static_assert(sizeof(struct presign_setup_nonce) == 8 + TECDSA_NONCE_LEN, "bytes alone");
_Static_assert(sizeof(struct presign_setup_first) ==
                   TECDSA_POINT_LEN + TECDSA_PROOF_LEN + TECDSA_HASH_LEN,
               "bytes alone");
_Static_assert(sizeof(struct tecdsa_ot_choices) == (size_t)TECDSA_OTS * TECDSA_POINT_LEN,
               "bytes alone");
_Static_assert(sizeof(struct presign_setup_opening) ==
                   (size_t)2 * TECDSA_OTS * TECDSA_OT_KEY_LEN + TECDSA_OT_KEY_LEN +
                       TECDSA_SALT_LEN,
               "bytes alone");

size_t presign_setup_body_len(uint8_t round)
{
    switch (round) {
    case PRESIGN_SETUP_NONCE:
        return sizeof(struct presign_setup_nonce);
    case PRESIGN_SETUP_FIRST:
        return sizeof(struct presign_setup_first);
    case PRESIGN_SETUP_CHOICES:
        return sizeof(struct tecdsa_ot_choices);
    case PRESIGN_SETUP_CHALLENGE:
        return sizeof(struct tecdsa_ot_challenge);
    case PRESIGN_SETUP_RESPONSE:
        return sizeof(struct tecdsa_ot_response);
    case PRESIGN_SETUP_OPENING:
        return sizeof(struct presign_setup_opening);
    default:
        return 0;
    }
}

void presign_setup_wipe(struct presign_setup *s)
{
    wipe(s, sizeof *s);
}

/* ---- begin ---- */

static void put_counter(uint64_t counter, uint8_t out[8])
{
    for (size_t i = 0; i < 8; i++) {
        out[i] = (uint8_t)(counter >> (8 * i));
    }
}

enum err presign_setup_begin(struct presign_setup *s, const struct presign_setup_of *of,
                             const struct presign_setup_fresh *fresh, struct writer *out)
{
    presign_setup_wipe(s);
    if (of->own == of->peer || of->own >= TECDSA_PARTIES_MAX ||
        of->peer >= TECDSA_PARTIES_MAX) {
        return ERR_RANGE;
    }
    s->state = PRESIGN_SETUP_RUNNING;
    s->round = PRESIGN_SETUP_NONCE;
    s->of = *of;
    s->fresh = *fresh;
    put_counter(of->counter, s->out.nonce.counter);
    memcpy(s->out.nonce.nonce, fresh->nonce, TECDSA_NONCE_LEN);
    wr_bytes(out, &s->out, sizeof s->out.nonce);
    return ERR_OK;
}

/* ---- one step each ---- */

/* Both directions by their names, once both nonces are there. */
static void name_directions(struct presign_setup *s)
{
    const struct presign_setup_of *const of = &s->of;

    s->as_bob = (struct tecdsa_setup_of){.key_id = of->key_id,
                                         .epoch_id = of->epoch_id,
                                         .bob = of->own,
                                         .alice = of->peer,
                                         .bob_incarnation = of->own_incarnation,
                                         .alice_incarnation = of->peer_incarnation,
                                         .counter = of->counter};
    s->as_alice = (struct tecdsa_setup_of){.key_id = of->key_id,
                                           .epoch_id = of->epoch_id,
                                           .bob = of->peer,
                                           .alice = of->own,
                                           .bob_incarnation = of->peer_incarnation,
                                           .alice_incarnation = of->own_incarnation,
                                           .counter = of->counter};
    memcpy(s->as_bob.bob_nonce, s->fresh.nonce, TECDSA_NONCE_LEN);
    memcpy(s->as_bob.alice_nonce, s->in.nonce.nonce, TECDSA_NONCE_LEN);
    memcpy(s->as_alice.bob_nonce, s->in.nonce.nonce, TECDSA_NONCE_LEN);
    memcpy(s->as_alice.alice_nonce, s->fresh.nonce, TECDSA_NONCE_LEN);
    tecdsa_setup_id(of->own < of->peer ? &s->as_bob : &s->as_alice, s->id);
}

static enum err take_nonce(struct presign_setup *s)
{
    name_directions(s);
    tecdsa_ot_start(&s->as_bob, s->fresh.bob, &s->bob, &s->out.first.first);
    tecdsa_zero_commit(s->id, s->of.own, &s->fresh.part, s->out.first.commitment);
    return ERR_OK;
}

static enum err take_first(struct presign_setup *s)
{
    memcpy(s->commitment, s->in.first.commitment, sizeof s->commitment);
    return tecdsa_ot_choose(&s->as_alice, s->fresh.alice, &s->in.first.first, &s->alice,
                            &s->out.choices);
}

static enum err take_response(struct presign_setup *s)
{
    TRY(tecdsa_ot_open(&s->bob, &s->in.response, &s->out.opening.opening, &s->setup_bob));
    s->out.opening.part = s->fresh.part;
    return ERR_OK;
}

static enum err take_opening(struct presign_setup *s)
{
    TRY(tecdsa_ot_finish(&s->alice, &s->in.opening.opening, &s->setup_alice));
    return tecdsa_zero_seed(s->id, &s->fresh.part, s->of.peer, &s->in.opening.part,
                            s->commitment, s->zero_seed);
}

/* On the work stack: s->in is of s->round; what follows is in s->out. */
static enum err step(void *arg)
{
    struct presign_setup *const s = arg;

    switch (s->round) {
    case PRESIGN_SETUP_NONCE:
        return take_nonce(s);
    case PRESIGN_SETUP_FIRST:
        return take_first(s);
    case PRESIGN_SETUP_CHOICES:
        return tecdsa_ot_ask(&s->bob, &s->in.choices, &s->out.challenge);
    case PRESIGN_SETUP_CHALLENGE:
        return tecdsa_ot_respond(&s->alice, &s->in.challenge, &s->out.response);
    case PRESIGN_SETUP_RESPONSE:
        return take_response(s);
    case PRESIGN_SETUP_OPENING:
        return take_opening(s);
    default:
        return ERR_BUG;
    }
}

/* ---- what comes ---- */

static enum err check_turn(const struct presign_setup *s, uint8_t round,
                           const uint8_t session[TECDSA_HASH_LEN], struct view body)
{
    uint8_t counter[8];

    if (s->state != PRESIGN_SETUP_RUNNING) {
        return ERR_STATE;
    }
    if (round != s->round || memcmp(session, s->id, TECDSA_HASH_LEN) != 0) {
        return ERR_STALE;
    }
    if (body.n != presign_setup_body_len(round)) {
        return ERR_LENGTH;
    }
    put_counter(s->of.counter, counter);
    return round == PRESIGN_SETUP_NONCE && memcmp(body.p, counter, sizeof counter) != 0
               ? ERR_STALE
               : ERR_OK;
}

static void fail(struct presign_setup *s)
{
    presign_setup_wipe(s);
    s->state = PRESIGN_SETUP_FAILED;
}

/* What only the rounds needed. */
static void settle(struct presign_setup *s)
{
    wipe(&s->fresh, sizeof s->fresh);
    wipe(&s->bob, sizeof s->bob);
    wipe(&s->alice, sizeof s->alice);
    wipe(&s->in, sizeof s->in);
    wipe(&s->out, sizeof s->out);
    s->state = PRESIGN_SETUP_DONE;
}

enum err presign_setup_take(struct presign_setup *s, struct work_stack *stack, uint8_t round,
                            const uint8_t session[TECDSA_HASH_LEN], struct view body,
                            struct writer *out)
{
    enum err e = check_turn(s, round, session, body);

    if (e != ERR_OK) {
        return e;
    }
    memcpy(&s->in, body.p, body.n);
    e = work_stack_run_gmp(stack, step, s);
    if (e == ERR_OK && round == PRESIGN_SETUP_OPENING) {
        settle(s);
        return ERR_OK;
    }
    if (e == ERR_OK) {
        s->round++;
        wr_bytes(out, &s->out, presign_setup_body_len(s->round));
        e = out->full ? ERR_NOSPACE : ERR_OK;
    }
    if (e != ERR_OK) {
        fail(s);
    }
    return e;
}
