/* What is secret of five real cores that make a key and sign with it stands in their locked
 * pages and nowhere else of their memory, and is gone when it has to be. */
#include "core_secrets.h"
#include "leak_scan.h"
#include "members_sign.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STAMPS 4

static struct secret_set set;
static struct core_pages pages[MEMBERS];

static void take_ceremony(size_t i)
{
    core_secrets_take_ceremony(&pages[i], core_secrets_to_set, &set);
}

/* A ceremony whose secrets are taken at every step of it. */
static void run_and_take(uint8_t nonce)
{
    members_make_plan(PLAN_CLASSIC_NODE);
    for (size_t i = 0; i < MEMBERS; i++) {
        members_begin(i, nonce);
        take_ceremony(i);
    }
    members_run_watched(take_ceremony);
}

static void take_all(void)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        core_pages_read(&pages[i]);
        assert_true(core_secrets_are_genuine(&pages[i]));
        core_secrets_take(&pages[i], core_secrets_to_set, &set);
        core_secrets_take_small(&pages[i], &set);
    }
}

static struct leak_report look_at(size_t i)
{
    struct leak_report r = {0};

    leak_scan_process(&set, &pages[i].process, 1U << i, pages[i].region, &r);
    return r;
}

/* ---- what a leak would look like ---- */

static const struct region *region_named(const struct process_memory *m, const char *name)
{
    for (size_t i = 0; i < m->n; i++) {
        if (strcmp(m->regions[i].name, name) == 0) {
            return &m->regions[i];
        }
    }
    fail_msg("no %s", name);
    return NULL;
}

/* Bytes of core 0 stand in another core, or in memory of its own that is not for them. */
static void expect_found(size_t in, uint64_t at, const uint8_t *secret, size_t n,
                         const char *what)
{
    uint8_t before[64];
    struct leak_report r;

    assert_int_equal(process_memory_read(&pages[in].process, at, before, n), n);
    assert_true(process_memory_write(&pages[in].process, at, secret, n));
    r = look_at(in);
    assert_true(process_memory_write(&pages[in].process, at, before, n));
    if (r.leaks == 0) {
        fail_msg("a leak of %s to core %zu is not found", what, in + 1);
    }
}

static void planted_leaks_are_found(void)
{
    const struct boot_memory *const own = core_pages_boot(&pages[0]);
    const struct core_member *const m = core_pages_member(&pages[0]);
    const uint64_t area = pages[1].region->lo + pages[1].at.areas + 4093;
    uint64_t stack[2];
    int32_t small[16];
    size_t alone = 0; /* a subset that core 1 is not in */

    /* The lowest addresses of a stack are the last to be used. */
    stack[0] = region_named(&pages[0].process, "[stack]")->lo + 5;
    stack[1] = region_named(&pages[1].process, "[stack]")->lo + 3;
    while ((m->share.held.mask[alone] & 2) != 0) {
        alone++;
    }
    expect_found(0, stack[0], own->key.d + 11, 23, "the classic key");
    expect_found(1, stack[1], own->identity.signing_key.seed + 9, 23, "the signing key");
    expect_found(1, area, own->identity.key.d, 23, "the identity key");
    expect_found(0, stack[0], m->share.sigma[1] + 20, 23, "a seed");
    expect_found(1, area, (const uint8_t *)&m->share.s1_hat[alone][2].coeff[7], 23, "a hat");
    expect_found(0, stack[0], m->party.places[5].batch.seed + 8, 23, "a batch's seed");
    expect_found(0, stack[0], own->core.drbg.k + 1, 23, "the DRBG");
    core_secrets_small(&pages[0], 2, 100, small);
    expect_found(0, stack[0] + 3, (const uint8_t *)small, sizeof small, "s1");
}

/* ---- tests ---- */

static void nothing_is_elsewhere(void **state)
{
    uint64_t bytes = 0;
    size_t copies = 0;

    (void)state;
    run_and_take(1);
    take_all();
    for (size_t i = 0; i < MEMBERS; i++) {
        core_hello(members[i].fd, &members[i].session);
    }
    members_activate();
    for (uint8_t i = 0; i < STAMPS; i++) {
        (void)members_sign(i);
        take_all();
    }
    for (size_t i = 0; i < MEMBERS; i++) {
        const struct leak_report r = look_at(i);

        if (r.leaks > 0) {
            fail_msg("%zu leaks, the first: %s", r.leaks, r.first);
        }
        bytes += r.bytes;
        copies +=
            secret_set_count(&set, 1U << i, (struct view){pages[i].copy, pages[i].at.whole});
    }
    assert_true(copies > 0);
    print_message("%zu secrets are in %llu bytes of memory nowhere but where they belong\n",
                  set.n, (unsigned long long)bytes);
    planted_leaks_are_found();
}

/* Locked, left out of dumps, zero in a fork; no dump, no swap. */
static void nothing_gets_out_by_the_kernel(void **state)
{
    (void)state;
    for (size_t i = 0; i < MEMBERS; i++) {
        const pid_t pid = members[i].process.pid;
        const struct region *const r = pages[i].region;

        assert_true(r->locked && r->not_dumped && r->wiped_on_fork);
        assert_int_equal(r->swap_kb, 0);
        assert_true(region_named(&pages[i].process, "[stack]")->locked);
        assert_int_equal(process_core_limit(pid), 0);
        assert_int_equal(process_status(pid, "VmSwap"), 0);
        assert_true(process_status(pid, "VmLck") * 1024 >= (long)(r->hi - r->lo));
        assert_int_equal(process_status(pid, "NoNewPrivs"), 1);
        assert_int_equal(process_status(pid, "Seccomp"), 2);
        for (size_t k = 0; k < pages[i].process.n; k++) {
            assert_int_equal(pages[i].process.regions[k].swap_kb, 0);
        }
    }
}

#define NOBODY 65534

static void as_nobody(const char *dir)
{
    if (chown(dir, NOBODY, NOBODY) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0) {
        _exit(125);
    }
}

/* What is in /proc of a process that gives no dumps is root's, and nobody else may trace it. */
static void its_own_user_may_not_look(void **state)
{
    static const struct core_child child = {as_nobody, NULL};
    static struct core_process core;
    char path[64];
    struct stat st;

    (void)state;
    assert_true(core_process_start_as(&core, core_usual, &child));
    assert_int_equal(process_status(core.pid, "Uid"), NOBODY);
    (void)snprintf(path, sizeof path, "/proc/%ld/mem", (long)core.pid);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_uid, 0);
    assert_int_equal(process_core_limit(core.pid), 0);
    assert_int_equal(core_process_stop(&core), 0);
    core_process_clean(&core);
}

static int start_all(void **state)
{
    static const struct core_child usual = {NULL, NULL};
    const char *why = "";

    (void)state;
    secret_set_init(&set);
    members_start(&usual);
    for (size_t i = 0; i < MEMBERS; i++) {
        if (!core_pages_open(&pages[i], members[i].process.pid, &why)) {
            fail_msg("core %zu: %s", i + 1, why);
        }
    }
    return 0;
}

static int stop_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < MEMBERS; i++) {
        core_pages_close(&pages[i]);
    }
    secret_set_free(&set);
    return members_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_elsewhere),
        cmocka_unit_test(nothing_gets_out_by_the_kernel),
        cmocka_unit_test(its_own_user_may_not_look),
    };

    if (!core_can_serve() || !core_pages_can_be_read()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, start_all, stop_all);
}
