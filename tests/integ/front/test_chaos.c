/* kill -9 of core and front at random under a load of hybrid tokens: both parts of every token
 * that a client got are recorded, no serial number comes twice, who survives answers at once,
 * and all recovers.
 *
 * QUORATE_CHAOS_SEED chooses another run, QUORATE_CHAOS_SECONDS a longer one. */
#include "chaos_authority.h"
#include "chaos_client.h"
#include "still_meter.h"
#include "testing.h"

#include "host/log/journal_read.h"
#include "host/log/journal_rule.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENTS 6
#define SEED_PRESET 20261
#define SECONDS_PRESET 15
#define KILLS_MIN 6
#define KILLS_MAX 16                  /* the pauses of the supervisor double with each */
#define RECOVERY_US INT64_C(20000000) /* from the kill to the next token */
#define AT_ONCE_US INT64_C(1500000)   /* no answer takes longer: below the deadline of 2 s */
#define RECORDS_MAX (2 * CLIENTS * CHAOS_GRANTS_MAX)

static struct chaos_authority authority;
static struct chaos_client clients[CLIENTS];
static struct chaos_grant *granted;
static struct chaos_row *recorded;
static size_t n_granted, n_recorded;
static uint64_t dice_state;

static uint32_t dice(uint32_t n)
{
    dice_state = dice_state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(dice_state >> 33) % n;
}

static uint64_t from_env(const char *name, uint64_t preset)
{
    const char *text = getenv(name);

    return text != NULL && *text != '\0' ? strtoull(text, NULL, 10) : preset;
}

struct totals {
    unsigned granted, rejected, broken;
};

static struct totals look(void)
{
    struct totals t = {0};

    for (size_t i = 0; i < CLIENTS; i++) {
        t.granted += atomic_load(&clients[i].granted);
        t.rejected += atomic_load(&clients[i].rejected);
        t.broken += atomic_load(&clients[i].broken);
    }
    return t;
}

static void no_fault(void)
{
    for (size_t i = 0; i < CLIENTS; i++) {
        if (clients[i].fault[0] != '\0') {
            fail_msg("%s", clients[i].fault);
        }
    }
}

/* Until the clients got so many tokens more. */
static void wait_granted(unsigned more)
{
    const unsigned want = look().granted + more;
    const int64_t until = chaos_now_us() + RECOVERY_US;

    while (look().granted < want) {
        no_fault();
        if (chaos_now_us() > until) {
            fail_msg("no token for %d s", (int)(RECOVERY_US / 1000000));
        }
        chaos_nap();
    }
}

struct tally {
    unsigned core_kills, front_kills;
    int64_t longest_recovery_us;
};

/* Whether the log was read up to the successors of all who were killed: clients may get tokens
 * of them before. */
static bool is_told(const struct tally *t, const struct chaos_pids *p)
{
    return p->core != 0 && p->front != 0 && p->cores == 1 + t->core_kills &&
           p->fronts == 1 + t->front_kills && p->certified == p->cores;
}

/* Who is to be killed is known by its pid. */
static struct chaos_pids wait_both(const struct tally *t)
{
    const int64_t until = chaos_now_us() + RECOVERY_US;
    struct chaos_pids p = chaos_look(&authority);

    while (!is_told(t, &p)) {
        assert_true(chaos_now_us() < until);
        chaos_nap();
        p = chaos_look(&authority);
    }
    return p;
}

/* The supervisor stands still meanwhile: whoever is gone stays away until a client heard so. */
static bool is_missed(pid_t core, unsigned rejected)
{
    const int64_t until = chaos_now_us() + RECOVERY_US;
    bool missed = kill(authority.pid, SIGSTOP) == 0 && chaos_kill(core);

    while (missed && look().rejected == rejected && chaos_now_us() < until) {
        chaos_nap();
    }
    missed = missed && look().rejected > rejected;
    return kill(authority.pid, SIGCONT) == 0 && missed;
}

/* A core that is gone: the front goes on to answer, with rejections. A front that is gone: the
 * core keeps its key. */
static void kill_one(struct tally *t)
{
    const struct chaos_pids before = wait_both(t);
    const struct totals counts = look();
    const uint32_t what = dice(10);
    const bool core = what < 5 || what == 9;
    const bool front = what >= 5;
    const int64_t begin = chaos_now_us();

    if (core) {
        assert_true(front ? chaos_kill(before.core) : is_missed(before.core, counts.rejected));
        t->core_kills++;
    }
    if (front) {
        assert_true(chaos_kill(before.front));
        t->front_kills++;
    }
    while (chaos_look(&authority).cores == before.cores &&
           chaos_look(&authority).fronts == before.fronts) {
        assert_true(chaos_now_us() - begin < RECOVERY_US);
        chaos_nap();
    }
    wait_granted(CLIENTS + 1); /* more than can have been under way */
    const int64_t took = chaos_now_us() - begin;

    (void)printf("killed %s%s after %u tokens: next ones %lld ms later\n", core ? "core " : "",
                 front ? "front " : "", counts.granted, (long long)took / 1000);
    t->longest_recovery_us = took > t->longest_recovery_us ? took : t->longest_recovery_us;
    if (core && !front) {
        assert_int_equal(chaos_look(&authority).fronts, before.fronts);
    }
    if (front && !core) {
        assert_int_equal(chaos_look(&authority).cores, before.cores);
        assert_int_equal(chaos_look(&authority).certified, before.certified);
    }
}

/* ---- the journal against what clients got ---- */

static int order(const void *a, const void *b)
{
    return memcmp(a, b, STAMP_SERIAL_LEN); /* serial_number is first in both */
}

static void read_segment(const char *path)
{
    struct journal_reader *r = NULL;
    struct journal_row row;

    assert_int_equal(journal_read_open(path, &r), ERR_OK);
    for (;;) {
        assert_int_equal(journal_read_next(r, &row), ERR_OK);
        if (row.seq == 0) {
            break;
        }
        assert_true(n_recorded < RECORDS_MAX);
        struct chaos_row *g = &recorded[n_recorded++];

        memcpy(g->serial_number, row.serial_number, STAMP_SERIAL_LEN);
        memcpy(g->token_hash, row.token_hash, sizeof g->token_hash);
    }
    journal_read_close(r);
}

static size_t read_folder(const char *sub)
{
    char dir[256];
    size_t segments = 0;
    const struct dirent *e = NULL;

    (void)snprintf(dir, sizeof dir, "%s/%s", authority.dir, sub);
    DIR *d = opendir(dir);

    assert_non_null(d);
    while ((e = readdir(d)) != NULL) {
        char path[600];

        if (journal_segment_number(e->d_name) != 0) {
            (void)snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
            read_segment(path);
            segments++;
        }
    }
    (void)closedir(d);
    return segments;
}

static void no_serial_twice(void *list, size_t n, size_t each)
{
    const uint8_t *at = list;

    qsort(list, n, each, order);
    for (size_t i = 1; i < n; i++) {
        assert_true(order(at + (i - 1) * each, at + i * each) != 0);
    }
}

static void is_recorded(const struct chaos_row *row)
{
    const struct chaos_row *r = bsearch(row, recorded, n_recorded, sizeof *recorded, order);

    assert_non_null(r);
    assert_memory_equal(r->token_hash, row->token_hash, sizeof r->token_hash);
}

static void every_grant_is_recorded(void)
{
    for (size_t i = 0; i < n_granted; i++) {
        is_recorded(&granted[i].token);
        is_recorded(&granted[i].archive);
    }
}

static void collect(void)
{
    for (size_t i = 0; i < CLIENTS; i++) {
        const size_t n = atomic_load(&clients[i].granted);

        memcpy(granted + n_granted, clients[i].grants, n * sizeof *granted);
        n_granted += n;
    }
}

/* ---- the run ---- */

static void nothing_is_lost_and_nothing_comes_twice(void **state)
{
    static char address_file[256];
    const uint64_t seed = from_env("QUORATE_CHAOS_SEED", SEED_PRESET);
    const int64_t run_us = (int64_t)from_env("QUORATE_CHAOS_SECONDS", SECONDS_PRESET) * 1000000;
    struct tally t = {0};
    int64_t longest_us = 0;

    (void)state;
    (void)printf("seed %llu\n", (unsigned long long)seed);
    dice_state = seed;
    (void)snprintf(address_file, sizeof address_file, "%s/front.addr", authority.dir);
    assert_true(still_meter_start());
    for (uint32_t i = 0; i < CLIENTS; i++) {
        assert_true(chaos_client_start(&clients[i], address_file, i));
    }
    const int64_t begin = chaos_now_us();

    while (t.core_kills + t.front_kills < KILLS_MIN ||
           (t.core_kills + t.front_kills < KILLS_MAX && chaos_now_us() - begin < run_us)) {
        wait_granted(1 + dice(1500));
        kill_one(&t);
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        chaos_client_stop(&clients[i]);
        longest_us = clients[i].longest_us > longest_us ? clients[i].longest_us : longest_us;
    }
    still_meter_stop();
    no_fault();
    const struct totals all = look();

    assert_true(chaos_stop(&authority));
    const struct chaos_pids pids = chaos_look(&authority); /* of the whole log */

    assert_int_equal(pids.cores, 1 + t.core_kills);
    assert_int_equal(pids.fronts, 1 + t.front_kills);
    assert_int_equal(pids.certified, 1 + t.core_kills);
    collect();
    const size_t segments = read_folder("journal") + read_folder("journal/exported");

    (void)printf(
        "%u tokens, %u rejections, %u broken connections; core killed %u times, front %u "
        "times; longest answer %lld ms, longest recovery %lld ms; %zu rows in %zu "
        "segments\n",
        all.granted, all.rejected, all.broken, t.core_kills, t.front_kills,
        (long long)longest_us / 1000, (long long)t.longest_recovery_us / 1000, n_recorded,
        segments);
    no_serial_twice(recorded, n_recorded, sizeof *recorded);
    no_serial_twice(granted, n_granted, sizeof *granted);
    every_grant_is_recorded();
    assert_true(longest_us < AT_ONCE_US);
}

static int setup(void **state)
{
    (void)state;
    granted = calloc(RECORDS_MAX, sizeof *granted);
    recorded = calloc(RECORDS_MAX, sizeof *recorded);
    if (granted == NULL || recorded == NULL || !chaos_start(&authority)) {
        chaos_print_tail(&authority);
        return -1;
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    if (authority.pid > 0) { /* the test has failed */
        chaos_print_tail(&authority);
        (void)chaos_stop(&authority);
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        free(clients[i].grants);
    }
    free(granted);
    free(recorded);
    chaos_remove(&authority);
    return 0;
}

int main(void)
{
#if defined(QUORATE_SIMULATED)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_lost_and_nothing_comes_twice, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
#else
    (void)setup;
    (void)teardown;
    (void)nothing_is_lost_and_nothing_comes_twice;
    (void)printf("SKIP this build has no test CA\n");
    return 77;
#endif
}
