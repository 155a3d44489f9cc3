/* Which sets of cores run: the file, and who is wanted. And what a front says of its cores. */
#include "testing.h"

#include "host/authority/core_sets.h"
#include "host/authority/front_ask_io.h"

#include <stdio.h>
#include <string.h>

static enum err parse(const char *text, struct core_sets *out)
{
    return core_sets_parse((struct view){(const uint8_t *)text, strlen(text)}, out);
}

static void what_is_written_is_read(void **state)
{
    static const struct {
        struct core_sets s;
        const char *text;
    } rows[] = {
        {{1, 0, 0}, "serves 1\n"},
        {{1, 2, 0}, "serves 1\nnext 2\n"},
        {{9998, 9999, 0}, "serves 9998\nnext 9999\n"},
        {{3, 0, 2}, "serves 3\nretires 2\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t text[CORE_SETS_MAX];
        struct writer w = wr_init(text, sizeof text);
        struct core_sets out;
        struct view v;

        core_sets_write(&w, &rows[i].s);
        assert_int_equal(wr_finish(&w, &v), ERR_OK);
        assert_int_equal(v.n, strlen(rows[i].text));
        assert_memory_equal(v.p, rows[i].text, v.n);
        assert_int_equal(core_sets_parse(v, &out), ERR_OK);
        assert_memory_equal(&out, &rows[i].s, sizeof out);
        for (size_t n = 0; n < v.n; n++) {
            const enum err e = core_sets_parse((struct view){v.p, n}, &out);

            /* A whole line is a file, too; the file is replaced whole. */
            assert_true(e != ERR_OK || v.p[n - 1] == '\n');
            assert_true(e == ERR_OK || out.serves == 0);
        }
    }
}

static void other_files_are_refused(void **state)
{
    static const struct {
        const char *text;
        enum err e;
    } rows[] = {
        {"", ERR_ENCODING},
        {"next 2\n", ERR_ENCODING},
        {"serves 0\n", ERR_ENCODING},
        {"serves 01\n", ERR_ENCODING},
        {"serves \n", ERR_ENCODING},
        {"serves 1", ERR_ENCODING},
        {"serves -1\n", ERR_ENCODING},
        {"serves 1 \n", ERR_ENCODING},
        {"serves 1\nserves 1\n", ERR_ENCODING},
        {"serves 2\nnext 3\nretires 1\n", ERR_ENCODING},
        {"serves 2\nretires 1\nnext 3\n", ERR_ENCODING},
        {"serves 1\nnext 2\nx", ERR_ENCODING},
        {"serves 2\nnext 2\n", ERR_RANGE},
        {"serves 2\nnext 1\n", ERR_RANGE},
        {"serves 2\nretires 2\n", ERR_RANGE},
        {"serves 10000\n", ERR_RANGE},
        {"serves 99999999999999999999\n", ERR_RANGE},
    };
    struct core_sets out;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(parse(rows[i].text, &out), rows[i].e);
        assert_int_equal(out.serves, 0);
        assert_int_equal(out.next, 0);
        assert_int_equal(out.retires, 0);
    }
}

static void those_that_are_named_are_wanted(void **state)
{
    struct core_sets s;

    (void)state;
    assert_int_equal(parse("serves 4\nretires 2\n", &s), ERR_OK);
    for (unsigned n = 0; n < 6; n++) {
        assert_int_equal(core_sets_want(&s, n), n == 4 || n == 2);
    }
}

static void those_beside_the_first_have_supervisors(void **state)
{
    static const struct {
        struct core_sets s;
        size_t n;
        unsigned others[CORE_SETS_OTHERS];
    } rows[] = {
        {{1, 0, 0}, 0, {0}}, {{1, 2, 0}, 1, {2}},    {{2, 0, 1}, 1, {2}},
        {{2, 0, 0}, 1, {2}}, {{2, 3, 0}, 2, {2, 3}}, {{3, 0, 2}, 2, {3, 2}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned got[CORE_SETS_OTHERS] = {0};

        assert_int_equal(core_sets_others(&rows[i].s, got), rows[i].n);
        assert_memory_equal(got, rows[i].others, sizeof got);
    }
}

static void one_epoch_follows_another(void **state)
{
    struct core_sets s = {.serves = 1};

    (void)state;
    assert_int_equal(core_sets_begin(&s), ERR_OK);
    assert_memory_equal(&s, (&(struct core_sets){1, 2, 0}), sizeof s);
    assert_int_equal(core_sets_begin(&s), ERR_STATE);
    core_sets_let_go(&s); /* it did not come */
    assert_memory_equal(&s, (&(struct core_sets){1, 0, 0}), sizeof s);
    assert_int_equal(core_sets_begin(&s), ERR_OK);
    core_sets_go_over(&s);
    assert_memory_equal(&s, (&(struct core_sets){2, 0, 1}), sizeof s);
    assert_int_equal(core_sets_begin(&s), ERR_STATE);
    core_sets_let_go(&s);
    assert_memory_equal(&s, (&(struct core_sets){2, 0, 0}), sizeof s);
    s.serves = CORE_SETS_LAST;
    assert_int_equal(core_sets_begin(&s), ERR_NOSPACE);
    assert_memory_equal(&s, (&(struct core_sets){CORE_SETS_LAST, 0, 0}), sizeof s);
}

static void each_set_has_its_files(void **state)
{
    static const struct {
        unsigned set;
        const char *name, *path;
    } rows[] = {
        {1, "bundle", "/d/bundle"},
        {1, "", "/d"},
        {2, "bundle", "/d/cores-2/bundle"},
        {9999, "", "/d/cores-9999"},
    };
    char out[PATH_MAX], longer[PATH_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(core_sets_path("/d", rows[i].set, rows[i].name, out), ERR_OK);
        assert_string_equal(out, rows[i].path);
    }
    assert_int_equal(core_sets_conf("/d", 1, out), ERR_OK);
    assert_string_equal(out, "/d/quorate-1.conf");
    memset(longer, 'x', sizeof longer);
    longer[PATH_MAX - 3] = '\0';
    assert_int_equal(core_sets_path(longer, 1, "a", out), ERR_OK); /* with the zero PATH_MAX */
    assert_int_equal(core_sets_path(longer, 1, "ab", out), ERR_NOSPACE);
    assert_int_equal(core_sets_path(longer, 2, "", out), ERR_NOSPACE);
    assert_int_equal(core_sets_conf(longer, 2, out), ERR_NOSPACE);
}

#define ID "0102030405060708090a0b0c0d0e0f10"

static enum err front(const char *text, struct front_state *out)
{
    return front_state_parse((struct view){(const uint8_t *)text, strlen(text)}, out);
}

static void a_front_says_which_epoch_and_who_leaves(void **state)
{
    static const char good[] =
        "HTTP/1.1 200 OK\r\n\r\n{\"cores\":[{\"epoch_id\":\"ff\"}],"
        "\"epoch\":{\"ceremony\":true,\"epoch_id\":\"" ID ID ID "\",\"threshold\":3},"
        "\"front\":{\"draining\":false,\"leaving\":1}}";
    uint8_t epoch[EPOCH_ID_LEN];
    struct front_state s;
    char text[sizeof good];

    (void)state;
    assert_int_equal(front(good, &s), ERR_OK);
    assert_true(s.has_epoch);
    assert_int_equal(s.epoch_id[0], 1);
    assert_int_equal(s.epoch_id[47], 0x10);
    assert_int_equal(s.leaving, 1);
    memcpy(epoch, s.epoch_id, sizeof epoch);
    assert_false(front_state_is(&s, epoch));
    s.leaving = 0;
    assert_true(front_state_is(&s, epoch));
    epoch[47] ^= 1;
    assert_false(front_state_is(&s, epoch));
    s.has_epoch = false;
    memcpy(epoch, s.epoch_id, sizeof epoch);
    assert_false(front_state_is(&s, epoch));
    for (size_t n = 0; n < sizeof good - 2; n++) {
        memcpy(text, good, n);
        text[n] = '\0';
        assert_int_equal(front(text, &s), ERR_ENCODING);
        assert_false(s.has_epoch);
    }
    assert_int_equal(front("HTTP/1.1 200 OK\r\n\r\n{\"front\":{\"leaving\":0}}", &s), ERR_OK);
    assert_false(s.has_epoch);
    assert_int_equal(front("HTTP/1.1 503 -\r\n\r\n{\"front\":{\"leaving\":0}}", &s),
                     ERR_ENCODING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(those_that_are_named_are_wanted),
        cmocka_unit_test(those_beside_the_first_have_supervisors),
        cmocka_unit_test(one_epoch_follows_another),
        cmocka_unit_test(each_set_has_its_files),
        cmocka_unit_test(a_front_says_which_epoch_and_who_leaves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
