/* relay_rig.h - a relay of five nodes that say what a test wants. */
#ifndef TESTS_RELAY_RIG_H
#define TESTS_RELAY_RIG_H

#include "plan_kit.h"

#include "host/ceremony/relay.h"

#define N 5
#define ALL CEREMONY_TO_ALL
#define TEST(name) cmocka_unit_test_setup_teardown(name, relay_rig_set_up, relay_rig_tear_down)
/* Bytes of a message with n of body. */
#define MESSAGE(n) (CEREMONY_HEADER_LEN + (n) + P384_SIG_LEN)

struct relay_rig {
    struct plan_kit kit;
    struct relay *relay;
    int64_t now;
    uint8_t type;
    uint8_t *room; /* of a question's body */
    struct view body;
    uint8_t drawn; /* what the entropy gives next */
};
extern struct relay_rig rig;

int relay_rig_set_up(void **state);
int relay_rig_tear_down(void **state);

/* Whether the relay has a question for a node: its type and body are then in rig. */
bool relay_rig_asked(uint8_t node);

/* What nodes answer. */
void relay_rig_say_all(uint8_t node, const struct ceremony_answer *a);
void relay_rig_say(uint8_t node, struct view messages);
struct ceremony_answer relay_rig_running(struct view messages);
struct ceremony_answer relay_rig_finished(uint8_t id);
struct ceremony_answer relay_rig_aborted(uint8_t reason, uint8_t accused, uint8_t proven);

/* All are asked to begin, and do, silently. */
void relay_rig_begin(void);

/* Time passes so that all are asked, and each says how it ended. */
void relay_rig_end_all(const struct ceremony_answer says[N]);

/* Appends a message with n bytes of body; or gives one, until the next. */
void relay_rig_put(struct writer *w, uint8_t sender, uint8_t to, size_t n);
struct view relay_rig_one(uint8_t sender, uint8_t to, size_t n);

void relay_rig_expect(enum relay_state state, enum relay_why why, uint8_t node);

#endif
