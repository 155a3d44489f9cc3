/* What is left in the memory of a core whose epoch was ended by an order of the operators
 * (RETIRE): of both keys, of presignatures, of masks and of what pairs set up, nothing. Two of
 * the five leave out an erasure each, and are found. */
#include "core_secrets.h"
#include "leak_scan.h"
#include "members_mesh.h"
#include "members_sign.h"

#include "enclave/boot/boot_io.h"
#include "wire/retire_call.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACT 0x07U       /* members 0, 1 and 2: pairs of them set up transfers, and they sign */
#define BATCH 20        /* records, two of each triple */
#define KEEPS_SHARES 1  /* the member that does not erase what is a member's */
#define KEEPS_RECORDS 2 /* the one that does not erase what makes presignatures */
#define RETIRE_MS 60000

/* ---- the faults, in processes of their own ---- */

/* Names as the linker makes them. */
void __real_core_member_wipe(struct core_member *m);
void __wrap_core_member_wipe(struct core_member *m);
void __real_core_member_wipe_presign(struct core_member *m);
void __wrap_core_member_wipe_presign(struct core_member *m);

static bool keeps_shares;
static bool keeps_records;

void __wrap_core_member_wipe(struct core_member *m)
{
    if (!keeps_shares) {
        __real_core_member_wipe(m);
    }
}

void __wrap_core_member_wipe_presign(struct core_member *m)
{
    if (!keeps_records) {
        __real_core_member_wipe_presign(m);
    }
}

static int run_keeping_shares(int argc, char *const *argv)
{
    keeps_shares = true;
    return boot_run(argc, argv);
}

static int run_keeping_records(int argc, char *const *argv)
{
    keeps_records = true;
    return boot_run(argc, argv);
}

/* ---- what is looked for ---- */

enum kind { SHARES, MASKS, RECORDS, SETUPS, CEREMONY, KINDS };
static const char *const names[KINDS] = {"shares", "masks", "presignatures",
                                         "what pairs set up", "what the ceremony had"};

static struct secret_set sets[KINDS];
static struct core_pages pages[MEMBERS];
static struct p384_key operator_key;
static struct p384_signer *signer;
static void *signer_memory;

static size_t leaks(size_t i, enum kind kind)
{
    struct leak_report r = {0};

    leak_scan_process(&sets[kind], &pages[i].process, 0, NULL, &r);
    if (r.leaks > 0) {
        print_message("core %zu, %s: %zu pieces, the first: %s\n", i + 1, names[kind], r.leaks,
                      r.first);
    }
    return r.leaks;
}

static void take_all(size_t i)
{
    core_pages_read(&pages[i]);
    core_secrets_take_shares(&pages[i], core_secrets_to_set, &sets[SHARES]);
    core_secrets_take_small(&pages[i], &sets[SHARES]);
    core_secrets_take_seeds(&pages[i], core_secrets_to_set, &sets[MASKS]);
    core_secrets_take_w(&pages[i], core_secrets_sparse_to_set, &sets[MASKS]);
    core_secrets_take_records(&pages[i], core_secrets_to_set, &sets[RECORDS]);
    core_secrets_take_setups(&pages[i], core_secrets_to_set, &sets[SETUPS]);
}

/* ---- an epoch ---- */

static void take_ceremony(size_t i)
{
    core_secrets_take_ceremony(&pages[i], core_secrets_to_set, &sets[CEREMONY]);
}

static void run_ceremony(void)
{
    members_make_plan_for(PLAN_CLASSIC_SHARED, operator_key.public_key);
    for (size_t i = 0; i < MEMBERS; i++) {
        members_begin(i, 1);
    }
    members_run_watched(take_ceremony);
    for (size_t i = 0; i < MEMBERS; i++) {
        assert_int_equal(members[i].state, CEREMONY_FINISHED);
        core_hello(members[i].fd, &members[i].session);
    }
}

static bool is_set_up(const struct presign_peer_status *s)
{
    return s->setup == PRESIGN_PAIR_DONE;
}

static bool three_set_up(void)
{
    return members_pairs(ACT, is_set_up);
}

static void make_presignatures(void)
{
    members_carry_seeds();
    for (uint8_t a = 0; a < MEMBERS_T; a++) {
        for (uint8_t b = 0; b < a; b++) {
            struct presign_order setup = {.kind = PRESIGN_ORDER_SETUP, .counter = 1};

            setup.peer = b;
            assert_int_equal(members_order(a, &setup), ERR_OK);
            setup.peer = a;
            assert_int_equal(members_order(b, &setup), ERR_OK);
        }
    }
    members_carry(three_set_up);
    members_order_batch(BATCH);
    members_carry_batch();
}

static bool pool_is_ready(size_t i)
{
    size_t ready = 0;

    core_pages_read(&pages[i]);
    for (size_t k = 0; k < LIMIT_POOL; k++) {
        ready += core_pages_member(&pages[i])->party.places[k].state == PQ_READY;
    }
    return ready > 0;
}

static bool all_pools_are_ready(void)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        if (!pool_is_ready(i)) {
            return false;
        }
    }
    return true;
}

/* ---- its end ---- */

static struct view order_to_retire(void)
{
    static uint8_t bytes[RETIRE_ORDER_MAX];
    struct retire_order o = {.reason = RETIRE_CESSATION, .n = 1};
    struct writer w = wr_init(bytes, sizeof bytes);
    uint8_t digest[P384_DIGEST_LEN];
    struct view v;

    memcpy(o.epoch_id, members[0].session.hello.epoch_id, sizeof o.epoch_id);
    retire_order_hash(&o, digest);
    assert_int_equal(p384_sign(signer, &operator_key, digest, o.signatures[0].signature),
                     ERR_OK);
    retire_order_encode(&w, &o);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

static void retire(size_t i, struct view order)
{
    const int64_t end = members_now_ms() + RETIRE_MS;
    struct retired said;
    enum err e = ERR_BUSY;

    while (e == ERR_BUSY && members_now_ms() < end) {
        struct pollfd nothing = {.fd = -1};

        e = members_ask(i, FRAME_RETIRE, order);
        (void)poll(&nothing, 1, e == ERR_OK ? 0 : 20);
    }
    assert_int_equal(e, ERR_OK);
    assert_int_equal(retired_decode(members_body, &said), ERR_OK);
    assert_int_equal(said.place, i);
}

/* ---- tests ---- */

/* What is looked for is there as long as the epoch lasts: the search finds it. */
static void an_epoch_in_use_is_full_of_it(void **state)
{
    (void)state;
    run_ceremony();
    make_presignatures();
    members_activate();
    for (uint8_t i = 0; i < 4; i++) {
        (void)members_sign(i);
    }
    members_carry(all_pools_are_ready);
    for (size_t i = 0; i < MEMBERS; i++) {
        take_all(i);
        assert_true(core_secrets_are_genuine(&pages[i]));
    }
    for (size_t i = 0; i < MEMBERS; i++) {
        assert_true(leaks(i, SHARES) > 0);
        assert_true(leaks(i, MASKS) > 0);
        assert_true(leaks(i, RECORDS) > 0);
        assert_true(leaks(i, SETUPS) > 0);
    }
    assert_true(sets[CEREMONY].n > 100);
}

static void after_its_end_nothing_is_left(void **state)
{
    const struct view order = order_to_retire();

    (void)state;
    for (size_t i = 0; i < MEMBERS; i++) {
        retire(i, order);
    }
    for (size_t i = 0; i < MEMBERS; i++) {
        if (i == KEEPS_SHARES || i == KEEPS_RECORDS) {
            continue;
        }
        for (enum kind kind = SHARES; kind < KINDS; kind++) {
            assert_int_equal(leaks(i, kind), 0);
        }
    }
}

static void an_erasure_that_is_left_out_is_found(void **state)
{
    (void)state;
    assert_true(leaks(KEEPS_SHARES, SHARES) > 0);
    assert_true(leaks(KEEPS_SHARES, MASKS) > 0);
    assert_int_equal(leaks(KEEPS_SHARES, RECORDS), 0);
    assert_int_equal(leaks(KEEPS_SHARES, SETUPS), 0);
    assert_int_equal(leaks(KEEPS_RECORDS, SHARES), 0);
    assert_true(leaks(KEEPS_RECORDS, RECORDS) > 0);
    assert_true(leaks(KEEPS_RECORDS, SETUPS) > 0);
}

static int start_all(void **state)
{
    static const struct core_child usual = {NULL, NULL};
    static const struct core_child shares = {NULL, run_keeping_shares};
    static const struct core_child records = {NULL, run_keeping_records};
    const struct core_child *const children[MEMBERS] = {
        &usual, [KEEPS_SHARES] = &shares, [KEEPS_RECORDS] = &records, &usual, &usual};
    const uint8_t seed[DRBG_SEED_LEN] = {1};
    const uint8_t d[P384_SCALAR_LEN] = {7};
    const char *why = "";

    (void)state;
    members_start_each(children);
    for (enum kind kind = SHARES; kind < KINDS; kind++) {
        secret_set_init(&sets[kind]);
    }
    for (size_t i = 0; i < MEMBERS; i++) {
        if (!core_pages_open(&pages[i], members[i].process.pid, &why)) {
            fail_msg("core %zu: %s", i + 1, why);
        }
    }
    signer_memory = secret_room(aligned_alloc(4096, p384_signer_size()));
    assert_int_equal(p384_signer_init(signer_memory, seed, &signer), ERR_OK);
    assert_int_equal(p384_key_from_scalar(signer, d, &operator_key), ERR_OK);
    return 0;
}

static int stop_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < MEMBERS; i++) {
        core_pages_close(&pages[i]);
    }
    for (enum kind kind = SHARES; kind < KINDS; kind++) {
        secret_set_free(&sets[kind]);
    }
    free(signer_memory);
    return members_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_epoch_in_use_is_full_of_it),
        cmocka_unit_test(after_its_end_nothing_is_left),
        cmocka_unit_test(an_erasure_that_is_left_out_is_found),
    };

    if (!core_can_serve() || !core_pages_can_be_read()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, start_all, stop_all);
}
