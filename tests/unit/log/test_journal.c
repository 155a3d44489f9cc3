#include "journal_fixture.h"

#include <pthread.h>
#include <time.h>

static struct folder tmp;

static int setup(void **state)
{
    (void)state;
    folder_make(&tmp);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    folder_remove(&tmp);
    return 0;
}

static int64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000;
}

static void appends_by_group_commit(void **state)
{
    const struct journal_config cfg = folder_config(&tmp);
    struct journal *j = NULL;
    uint8_t seen[3000] = {0};

    (void)state;
    assert_int_equal(journal_open(&cfg, &j), ERR_OK);
    assert_true(journal_healthy(j));
    assert_int_equal(append_many(j, 0, 3000, now_ms()), 3000);
    const struct journal_counters *c = journal_counters(j);

    assert_int_equal(atomic_load(&c->appended), 3000);
    assert_int_equal(atomic_load(&c->rows), 3000);
    assert_int_equal(atomic_load(&c->failed), 0);
    assert_int_equal(atomic_load(&c->queue_depth), 0);
    assert_true(atomic_load(&c->commits) >= 1 && atomic_load(&c->commits) <= 3000);
    journal_close(j);
    assert_int_equal(folder_tally(tmp.dir, seen, sizeof seen), 3000);
    for (size_t i = 0; i < sizeof seen; i++) {
        assert_int_equal(seen[i], 1);
    }
}

static void close_commits_what_is_queued(void **state)
{
    const struct journal_config cfg = folder_config(&tmp);
    static struct journal_entry e[500];
    struct journal *j = NULL;
    sem_t sem;

    (void)state;
    assert_int_equal(sem_init(&sem, 0, 0), 0);
    assert_int_equal(journal_open(&cfg, &j), ERR_OK);
    for (size_t i = 0; i < 500; i++) {
        entry_fill(&e[i], i, now_ms());
        e[i].done = entry_done;
        e[i].user = &sem;
        journal_append(j, &e[i]);
    }
    journal_close(j);
    for (size_t i = 0; i < 500; i++) {
        assert_int_equal(sem_trywait(&sem), 0);
        assert_int_equal(e[i].err, ERR_OK);
    }
    assert_int_equal(folder_tally(tmp.dir, NULL, 0), 500);
    (void)sem_destroy(&sem);
}

/* done() that holds the writer up until the test lets it go. */
struct gate {
    sem_t entered, leave;
};

static void gate_done(struct journal_entry *e)
{
    struct gate *g = e->user;

    (void)sem_post(&g->entered);
    (void)sem_wait(&g->leave);
}

static void count_done(struct journal_entry *e)
{
    (*(int *)e->user)++;
}

static void a_full_queue_refuses_at_once(void **state)
{
    const struct journal_config cfg = folder_config(&tmp);
    struct journal_entry *e = calloc(JOURNAL_QUEUE_MAX + 1, sizeof *e);
    struct journal *j = NULL;
    struct gate gate;
    sem_t sem;
    int refused = 0;

    (void)state;
    assert_non_null(e);
    assert_int_equal(sem_init(&gate.entered, 0, 0), 0);
    assert_int_equal(sem_init(&gate.leave, 0, 0), 0);
    assert_int_equal(sem_init(&sem, 0, 0), 0);
    assert_int_equal(journal_open(&cfg, &j), ERR_OK);
    entry_fill(&e[0], 0, now_ms());
    e[0].done = gate_done;
    e[0].user = &gate;
    journal_append(j, &e[0]);
    assert_int_equal(sem_wait(&gate.entered), 0); /* the writer stands in done() */
    for (size_t i = 1; i <= JOURNAL_QUEUE_MAX; i++) {
        entry_fill(&e[i], i, now_ms());
        e[i].done = entry_done;
        e[i].user = &sem;
        journal_append(j, &e[i]);
    }
    struct journal_entry over;

    entry_fill(&over, 99999, now_ms());
    over.done = count_done;
    over.user = &refused;
    journal_append(j, &over);
    assert_int_equal(refused, 1);
    assert_int_equal(over.err, ERR_NOSPACE);
    assert_int_equal(sem_post(&gate.leave), 0);
    for (size_t i = 1; i <= JOURNAL_QUEUE_MAX; i++) {
        assert_int_equal(sem_wait(&sem), 0);
        assert_int_equal(e[i].err, ERR_OK);
    }
    assert_int_equal(append_one(j, 99999, now_ms()), ERR_OK);
    journal_close(j);
    assert_int_equal(folder_tally(tmp.dir, NULL, 0), JOURNAL_QUEUE_MAX + 2);
    free(e);
}

static void what_is_queued_together_is_one_commit(void **state)
{
    const struct journal_config cfg = folder_config(&tmp);
    static struct journal_entry e[16];
    struct journal *j = NULL;
    struct gate gate;
    sem_t sem;

    (void)state;
    assert_int_equal(sem_init(&gate.entered, 0, 0), 0);
    assert_int_equal(sem_init(&gate.leave, 0, 0), 0);
    assert_int_equal(sem_init(&sem, 0, 0), 0);
    assert_int_equal(journal_open(&cfg, &j), ERR_OK);
    journal_wake(j); /* for nothing */
    for (size_t i = 0; i < 16; i++) {
        entry_fill(&e[i], i, now_ms());
        e[i].done = i == 0 ? gate_done : entry_done;
        e[i].user = i == 0 ? (void *)&gate : (void *)&sem;
        if (i == 0) {
            journal_append(j, &e[i]);
            assert_int_equal(sem_wait(&gate.entered), 0); /* the writer stands in done() */
        } else {
            journal_queue(j, &e[i]);
        }
    }
    journal_wake(j); /* it does not sleep */
    assert_int_equal(sem_post(&gate.leave), 0);
    for (size_t i = 1; i < 16; i++) {
        assert_int_equal(sem_wait(&sem), 0);
        assert_int_equal(e[i].err, ERR_OK);
    }
    assert_int_equal(atomic_load(&journal_counters(j)->commits), 2);
    journal_close(j);
    assert_int_equal(folder_tally(tmp.dir, NULL, 0), 16);
}

static void one_folder_has_one_writer(void **state)
{
    const struct journal_config cfg = folder_config(&tmp);
    struct journal *j = NULL;
    struct journal *second = NULL;

    (void)state;
    assert_int_equal(journal_open(&cfg, &j), ERR_OK);
    assert_int_equal(journal_open(&cfg, &second), ERR_IO);
    assert_null(second);
    journal_close(j);
    assert_int_equal(journal_open(&cfg, &j), ERR_OK);
    journal_close(j);
}

/* Appends 10 entries and waits until the writer has seen to its segments. */
static void append_ten(struct journal *j, uint64_t from, int64_t gen_time_ms)
{
    assert_int_equal(append_many(j, from, 10, gen_time_ms), 10);
}

static void full_segments_are_closed_and_exported_by_size(void **state)
{
    struct journal_config cfg = folder_config(&tmp);
    struct journal *j = NULL;
    char path[FIXTURE_PATH];
    char out[FIXTURE_PATH];
    uint8_t seen[100] = {0};

    (void)state;
    cfg.segment_rows = 10;
    cfg.max_rows = 30;
    assert_int_equal(journal_open(&cfg, &j), ERR_OK);
    for (uint64_t i = 0; i < 100; i += 10) {
        append_ten(j, i, now_ms());
    }
    journal_close(j);
    (void)snprintf(out, sizeof out, "%s/exported", tmp.dir);
    const uint64_t kept = folder_tally(tmp.dir, seen, sizeof seen);
    const uint64_t moved = folder_tally(out, seen, sizeof seen);

    assert_int_equal(kept + moved, 100); /* none dropped */
    assert_true(kept <= 30 && kept >= 10);
    for (size_t i = 0; i < sizeof seen; i++) {
        assert_int_equal(seen[i], 1);
    }
    folder_segment(&tmp, "/exported", 1, path);
    assert_true(folder_has(path));
    folder_segment(&tmp, "", 1, path);
    assert_false(folder_has(path));
    /* It goes on with the numbers, and counts what is there. */
    assert_int_equal(journal_open(&cfg, &j), ERR_OK);
    assert_int_equal(atomic_load(&journal_counters(j)->rows), kept);
    journal_close(j);
}

static void old_segments_are_exported_by_age(void **state)
{
    struct journal_config cfg = folder_config(&tmp);
    struct journal *j = NULL;
    char path[FIXTURE_PATH];

    (void)state;
    cfg.segment_rows = 10;
    cfg.max_age_s = 3600;
    assert_int_equal(journal_open(&cfg, &j), ERR_OK);
    append_ten(j, 0, now_ms() - 2 * 3600 * 1000);
    append_ten(j, 10, now_ms());
    append_ten(j, 20, now_ms());
    journal_close(j);
    folder_segment(&tmp, "/exported", 1, path);
    assert_int_equal(segment_tally(path, NULL, 0), 10);
    folder_segment(&tmp, "/exported", 2, path);
    assert_false(folder_has(path));
}

static void numbers_go_on_after_the_folder_was_emptied(void **state)
{
    struct journal_config cfg = folder_config(&tmp);
    struct journal *j = NULL;
    char from[FIXTURE_PATH];
    char to[FIXTURE_PATH];

    (void)state;
    assert_int_equal(journal_open(&cfg, &j), ERR_OK);
    append_ten(j, 0, now_ms());
    journal_close(j);
    folder_segment(&tmp, "", 1, from);
    folder_segment(&tmp, "/exported", 7, to);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(journal_open(&cfg, &j), ERR_OK);
    journal_close(j);
    folder_segment(&tmp, "", 8, from);
    assert_true(folder_has(from));
}

static void never_replaces_what_was_exported(void **state)
{
    struct journal_config cfg = folder_config(&tmp);
    struct journal *j = NULL;
    char path[FIXTURE_PATH];
    char out[FIXTURE_PATH];
    FILE *f = NULL;

    (void)state;
    cfg.segment_rows = 10;
    cfg.max_rows = 10;
    assert_int_equal(journal_open(&cfg, &j), ERR_OK);
    folder_segment(&tmp, "/exported", 1, out);
    f = fopen(out, "w");
    assert_non_null(f);
    assert_true(fputs("mine", f) >= 0);
    assert_int_equal(fclose(f), 0);
    append_ten(j, 0, now_ms());
    append_ten(j, 10, now_ms());
    journal_close(j);
    folder_segment(&tmp, "", 1, path);
    assert_int_equal(segment_tally(path, NULL, 0), 10);
    struct stat st;

    assert_int_equal(stat(out, &st), 0);
    assert_int_equal(st.st_size, 4);
}

static void seals_what_a_killed_process_left(void **state)
{
    struct journal_config cfg = folder_config(&tmp);
    struct journal *j = NULL;
    char path[FIXTURE_PATH];
    char wal[FIXTURE_PATH + 4];

    (void)state;
    /* Two segments with WAL: the older was closed without being sealed. */
    assert_int_equal(journal_open(&cfg, &j), ERR_OK);
    append_ten(j, 0, now_ms());
    journal_close(j);
    char from[FIXTURE_PATH];

    folder_segment(&tmp, "", 1, from);
    folder_segment(&tmp, "", 2, path);
    assert_int_equal(link(from, path), 0);
    assert_int_equal(unlink(from), 0);
    folder_segment(&tmp, "/exported", 2, wal);
    assert_int_equal(rename(path, wal), 0);
    assert_int_equal(journal_open(&cfg, &j), ERR_OK); /* begins 3 */
    journal_close(j);
    assert_int_equal(rename(wal, path), 0);
    assert_int_equal(journal_open(&cfg, &j), ERR_OK); /* finds 2 with its WAL header */
    assert_int_equal(atomic_load(&journal_counters(j)->rows), 10);
    assert_int_equal(atomic_load(&journal_counters(j)->segments), 2);
    journal_close(j);
    /* Bytes 18 and 19 of an SQLite file: 2 means WAL, 1 means not. */
    FILE *f = fopen(path, "r");

    assert_non_null(f);
    assert_int_equal(fseek(f, 18, SEEK_SET), 0);
    assert_int_equal(fgetc(f), 1);
    assert_int_equal(fclose(f), 0);
}

static void refuses_a_folder_that_it_cannot_use(void **state)
{
    struct journal_config cfg = folder_config(&tmp);
    struct journal *j = NULL;
    char path[FIXTURE_PATH];
    FILE *f = NULL;

    (void)state;
    cfg.dir = "/nonexistent/folder/journal";
    assert_int_equal(journal_open(&cfg, &j), ERR_IO);
    cfg.dir = tmp.dir;
    folder_segment(&tmp, "", 3, path);
    f = fopen(path, "w");
    assert_non_null(f);
    for (int i = 0; i < 1000; i++) {
        assert_true(fputs("damaged ", f) >= 0);
    }
    assert_int_equal(fclose(f), 0);
    assert_int_equal(journal_open(&cfg, &j), ERR_IO);
    assert_null(j);
}

struct crowd {
    struct journal *j;
    uint64_t from;
    size_t good;
};

static void *append_from_thread(void *self)
{
    struct crowd *c = self;

    for (uint64_t i = 0; i < 10; i++) {
        c->good += append_many(c->j, c->from + i * 50, 50, 1000);
    }
    return NULL;
}

static void many_threads_may_append(void **state)
{
    struct journal_config cfg = folder_config(&tmp);
    struct crowd crowd[4];
    pthread_t threads[4];
    uint8_t seen[2000] = {0};
    struct journal *j = NULL;

    (void)state;
    cfg.segment_rows = 300;
    assert_int_equal(journal_open(&cfg, &j), ERR_OK);
    for (size_t i = 0; i < 4; i++) {
        crowd[i] = (struct crowd){.j = j, .from = i * 500};
        assert_int_equal(pthread_create(&threads[i], NULL, append_from_thread, &crowd[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(crowd[i].good, 500);
    }
    journal_close(j);
    char out[FIXTURE_PATH];

    /* genTime 1000 ms is old: closed segments are exported at once. */
    (void)snprintf(out, sizeof out, "%s/exported", tmp.dir);
    assert_int_equal(
        folder_tally(tmp.dir, seen, sizeof seen) + folder_tally(out, seen, sizeof seen), 2000);
    for (size_t i = 0; i < sizeof seen; i++) {
        assert_int_equal(seen[i], 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(appends_by_group_commit, setup, teardown),
        cmocka_unit_test_setup_teardown(close_commits_what_is_queued, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_queue_refuses_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_queued_together_is_one_commit, setup, teardown),
        cmocka_unit_test_setup_teardown(one_folder_has_one_writer, setup, teardown),
        cmocka_unit_test_setup_teardown(full_segments_are_closed_and_exported_by_size, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(old_segments_are_exported_by_age, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_go_on_after_the_folder_was_emptied, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(never_replaces_what_was_exported, setup, teardown),
        cmocka_unit_test_setup_teardown(seals_what_a_killed_process_left, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_a_folder_that_it_cannot_use, setup, teardown),
        cmocka_unit_test_setup_teardown(many_threads_may_append, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
