#include "testing.h"

#include "host/config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD                                                                              \
    "[front]\ncore = unix:core.sock\nchain = chain.pem\n[journal]\ndir = journal\n"       \
    "[policy classic]\noid = 1.3.6.1.4.1.32473.3161.1.91\nnumber = 1\n[authority]\nclock" \
    " = nts\n"
#define A "server = a.test,192.0.2.1:4460,one,de\n"
#define B "server = b.test,[2001:db8::1]:4460,two,se\n"
#define C "server = c.test,192.0.2.3:4460,three,de\n"
#define D "server = d.test,192.0.2.4:4460,four,nl\n"
#define KEY "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
#define FENCE "roughtime = [2001:db8::7]:2002," KEY "\n"
#define FOUR "[time]\n" A B C D

static struct config c;
static char error[CONFIG_ERROR_MAX];

static enum err parse(const char *text)
{
    return config_parse((struct view){(const uint8_t *)text, strlen(text)}, "q.conf", "/etc/q",
                        &c, error);
}

static void servers_are_independent(void **state)
{
    char item[CONFIG_TEXT_MAX];

    (void)state;
    assert_int_equal(parse(HEAD FOUR "poll = 0\nca = ca.pem\n"), ERR_OK);
    assert_int_equal(c.authority.clock, CONFIG_CLOCK_NTS);
    assert_int_equal(config_items(c.time.server), 4);
    config_item(c.time.server, 1, item);
    assert_string_equal(item, "b.test,[2001:db8::1]:4460,two,se");
    assert_string_equal(c.time.ca, "/etc/q/ca.pem");
    assert_string_equal(c.time.leap_table, "/usr/share/zoneinfo/leap-seconds.list");
    assert_int_equal(c.time.poll, 0);
    assert_int_equal(parse(HEAD FOUR FENCE FENCE FENCE FENCE), ERR_OK);
    assert_int_equal(config_items(c.time.roughtime), 4);
    config_item(c.time.roughtime, 3, item);
    assert_string_equal(item, "[2001:db8::7]:2002," KEY);
    /* Two of seven may be wrong, so one operator may have two. */
    assert_int_equal(parse(HEAD FOUR "server = e.test,192.0.2.5:1,one,fr\n"
                                     "server = f.test,192.0.2.6:1,five,fr\n"
                                     "server = g.test,g.test:4460,six,fr\n"),
                     ERR_OK);
}

static void says_what_is_wrong(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {HEAD, "[time] server: clock = nts needs 4 to 16"},
        {HEAD "[time]\n" A B C, "needs 4 to 16"},
        {HEAD "[time]\n" A B C "server = d.test,192.0.2.4:4460,one,nl\n",
         "a.test,192.0.2.1:4460,one,de: its operator"},
        {HEAD "[time]\n" A "server = b.test,192.0.2.1:1,2,de\n" C
              "server = d.test,192.0.2.1:1,4,de\n",
         "jurisdiction"},
        {HEAD FOUR "server = a.test,192.0.2.9:4460,five,se\n", "a.test,192.0.2.9:4460"},
        {HEAD FOUR "server = e.test,192.0.2.9:4460,five,se,smeared\n", "smears"},
        {HEAD FOUR "server = e.test,192.0.2.9:4460,five,se,x\n", "is not NAME"},
        {HEAD FOUR "server = e.test,192.0.2.9:4460,five,se,\n", "is not NAME"},
        {HEAD FOUR "server = e.test,192.0.2.9:4460,five,\n", "is not NAME"},
        {HEAD FOUR "server = e.test,192.0.2.9:4460,five\n", "is not NAME"},
        {HEAD FOUR "server = e.test,192.0.2.9:4460,fi ve,se\n", "is not NAME"},
        {HEAD FOUR "server = e.test,e_test:4460,five,se\n", "is not NAME"},
        {HEAD FOUR "server = e.test,192.0.2.9,five,se\n", "is not NAME"},
        {HEAD FOUR "server = ,192.0.2.9:4460,five,se\n", "is not NAME"},
        {HEAD "core_listen = tcp:127.0.0.1:1\n" FOUR,
         "[authority] clock: nts needs cores at unix sockets"},
        {HEAD FOUR "poll = 11\n", "poll: out of range"},
        {HEAD FOUR "roughtime = 192.0.2.1:2002\n", "192.0.2.1:2002: is not ADDR:PORT,KEY"},
        {HEAD FOUR "roughtime = rough.test:2002," KEY "\n", "is not ADDR:PORT,KEY"},
        {HEAD FOUR "roughtime = 192.0.2.1:2002," KEY "0\n", "is not ADDR:PORT,KEY"},
        {HEAD FOUR "roughtime = 192.0.2.1:2002," KEY "00\n", "is not ADDR:PORT,KEY"},
        {HEAD FOUR "roughtime = 192.0.2.1:2002,0102\n", "is not ADDR:PORT,KEY"},
        {HEAD FOUR FENCE FENCE FENCE FENCE FENCE, "[time] roughtime: at most 4"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_not_equal(parse(rows[i].text), ERR_OK);
        if (strstr(error, rows[i].says) == NULL) {
            fail_msg("row %zu: %s", i, error);
        }
    }
    assert_int_equal(parse("[front]\ncore = unix:core.sock\nchain = chain.pem\n[journal]\n"
                           "dir = journal\n[policy classic]\noid = 1.2.3\nnumber = 1\n" FOUR),
                     ERR_STATE);
    assert_non_null(strstr(error, "needs clock = nts"));
}

static void too_many_are_refused(void **state)
{
    char text[4096];
    int n = snprintf(text, sizeof text, "%s[time]\n", HEAD);

    (void)state;
    for (int i = 0; i < 17; i++) {
        n += snprintf(text + n, sizeof text - (size_t)n, "server = s%d,192.0.2.1:1,o%d,j%d\n",
                      i, i, i);
        assert_int_equal(parse(text), i >= 3 && i < 16 ? ERR_OK : ERR_STATE);
    }
}

static void prints_what_it_reads(void **state)
{
    static uint8_t text[CONFIG_FILE_MAX];
    static struct config again;
    struct writer w = wr_init(text, sizeof text);
    struct view out;

    (void)state;
    assert_int_equal(parse(HEAD FOUR), ERR_OK);
    config_print(&c, &w);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(config_parse(out, "again", "", &again, error), ERR_OK);
    assert_memory_equal(&c, &again, sizeof c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers_are_independent),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(prints_what_it_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
