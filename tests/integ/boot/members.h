/* members.h - five real cores that make a key, over their sockets; the test is the host between
 * them. */
#ifndef TESTS_INTEG_CORE_MEMBERS_H
#define TESTS_INTEG_CORE_MEMBERS_H

#include "core_process.h"

#include "wire/ceremony_call.h"

#define MEMBERS 5
#define MEMBERS_T 3
#define MEMBERS_INBOX 2097152
#define MEMBERS_PQ_POLICY "2,pq,1.3.6.1.4.1.32473.3161.1.96,3,100,1000"

struct member_process {
    size_t in_len;
    struct core_process process;
    struct core_session session;
    int fd;
    bool more;
    uint8_t state, id[CEREMONY_HASH_LEN];
    uint8_t inbox[MEMBERS_INBOX];
};

extern struct member_process members[MEMBERS];
extern const char *const members_arguments[];
extern struct view members_body; /* of the latest answer */
extern struct view members_plan;
extern size_t members_moved; /* bytes relayed */

/* Starts all of them as children of that kind; connected and greeted. */
void members_start(const struct core_child *child);
/* Each as a child of its own kind. */
void members_start_each(const struct core_child *const children[MEMBERS]);
/* Ends them. 0: each ended well. */
int members_stop(void);

int64_t members_now_ms(void);

/* One request of any length to member i, its answer in members_body. */
enum err members_ask(size_t i, uint8_t type, struct view body);

/* The ceremony, as the host drives it. */
/* classic: enum plan_classic. */
void members_make_plan(uint8_t classic);
/* With one operator, whose orders are enough. */
void members_make_plan_for(uint8_t classic, const uint8_t operator_key[P384_PUBLIC_LEN]);
void members_begin(size_t i, uint8_t nonce);
/* Gives member i what waits for it. False: nothing does. */
bool members_step(size_t i);
void members_run(void);
/* look: after each answer of a member. */
void members_run_watched(void (*look)(size_t i));

#endif
