#include "relay_rig.h"

#include "testing.h"

#include <stdlib.h>
#include <string.h>

static enum err draw(void *self, uint8_t *out, size_t n)
{
    struct relay_rig *r = self;

    memset(out, ++r->drawn, n);
    return ERR_OK;
}

struct relay_rig rig;
static struct entropy_source entropy = {draw, &rig};

int relay_rig_set_up(void **state)
{
    (void)state;
    memset(&rig, 0, sizeof rig);
    assert_int_equal(plan_kit_make(&rig.kit, 3, N), ERR_OK);
    rig.room = malloc(FRAME_BODY_LONG_MAX);
    assert_non_null(rig.room);
    rig.now = 1000;
    assert_int_equal(relay_new(rig.kit.encoded, &entropy, rig.now, &rig.relay), ERR_OK);
    return 0;
}

int relay_rig_tear_down(void **state)
{
    (void)state;
    relay_free(rig.relay);
    free(rig.room);
    plan_kit_free(&rig.kit);
    return 0;
}

/* ---- what nodes do ---- */

bool relay_rig_asked(uint8_t node)
{
    struct writer w = wr_init(rig.room, FRAME_BODY_LONG_MAX);

    if (!relay_ask(rig.relay, node, rig.now, &rig.type, &w)) {
        return false;
    }
    assert_int_equal(wr_finish(&w, &rig.body), ERR_OK);
    return true;
}

void relay_rig_say_all(uint8_t node, const struct ceremony_answer *a)
{
    uint8_t *bytes = malloc(FRAME_BODY_LONG_MAX);
    struct writer w = wr_init(bytes, FRAME_BODY_LONG_MAX);
    struct view body;

    assert_non_null(bytes);
    ceremony_answer_encode(&w, a);
    assert_int_equal(wr_finish(&w, &body), ERR_OK);
    relay_answer(rig.relay, node, body, rig.now);
    free(bytes);
}

struct ceremony_answer relay_rig_running(struct view messages)
{
    return (struct ceremony_answer){.state = CEREMONY_RUNNING,
                                    .accused = CEREMONY_NOBODY,
                                    .told_by = CEREMONY_NOBODY,
                                    .messages = messages};
}

struct ceremony_answer relay_rig_finished(uint8_t id)
{
    struct ceremony_answer a = relay_rig_running((struct view){NULL, 0});

    a.state = CEREMONY_FINISHED;
    memset(a.id, id, sizeof a.id);
    return a;
}

struct ceremony_answer relay_rig_aborted(uint8_t reason, uint8_t accused, uint8_t proven)
{
    return (struct ceremony_answer){.state = CEREMONY_ABORTED,
                                    .reason = reason,
                                    .accused = accused,
                                    .told_by = 0,
                                    .proven = proven};
}

void relay_rig_say(uint8_t node, struct view messages)
{
    const struct ceremony_answer a = relay_rig_running(messages);

    relay_rig_say_all(node, &a);
}

/* All are asked to begin, and do, silently. */
void relay_rig_begin(void)
{
    for (uint8_t i = 0; i < N; i++) {
        assert_true(relay_rig_asked(i));
        assert_int_equal(rig.type, FRAME_CEREMONY_BEGIN);
        relay_rig_say(i, (struct view){NULL, 0});
    }
}

/* Time passes so that all are asked, and each says how it ended. */
void relay_rig_end_all(const struct ceremony_answer says[N])
{
    const unsigned attempt = rig.relay->attempt;

    rig.now += RELAY_IDLE_MS;
    for (uint8_t i = 0; i < N && rig.relay->attempt == attempt; i++) {
        if (relay_rig_asked(i)) {
            relay_rig_say_all(i, &says[i]);
        }
    }
}

static uint8_t message_space[FRAME_BODY_LONG_MAX];

/* Appends a message with n bytes of body. */
void relay_rig_put(struct writer *w, uint8_t sender, uint8_t to, size_t n)
{
    static const uint8_t body[200000];
    static const uint8_t signature[P384_SIG_LEN] = {1};
    const struct ceremony_msg m = {
        .round = to == ALL ? CEREMONY_RHO : CEREMONY_SEALED,
        .sender = sender,
        .to = to,
        .body = {body, n},
        .signature = {signature, sizeof signature},
    };

    assert_true(n <= sizeof body);
    ceremony_msg_encode(w, &m);
}

struct view relay_rig_one(uint8_t sender, uint8_t to, size_t n)
{
    struct writer w = wr_init(message_space, sizeof message_space);
    struct view v;

    relay_rig_put(&w, sender, to, n);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

void relay_rig_expect(enum relay_state state, enum relay_why why, uint8_t node)
{
    assert_int_equal(rig.relay->state, state);
    assert_int_equal(rig.relay->end.why, why);
    assert_int_equal(rig.relay->end.node, node);
}
