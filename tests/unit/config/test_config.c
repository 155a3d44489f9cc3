#include "testing.h"

#include "host/config/config_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEAST                 \
    "[front]\n"               \
    "core = unix:core.sock\n" \
    "chain = chain.pem\n"     \
    "[journal]\n"             \
    "dir = journal\n"
#define POLICY                            \
    "[policy classic]\n"                  \
    "oid = 1.3.6.1.4.1.32473.3161.1.91\n" \
    "number = 1\n"

static enum err parse(const char *text, struct config *c, char *error)
{
    return config_parse((struct view){(const uint8_t *)text, strlen(text)}, "q.conf", "/etc/q",
                        c, error);
}

static void gives_presets(void **state)
{
    static const uint8_t oid[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0x81,
                                  0xfd, 0x59, 0x98, 0x59, 0x01, 0x5b};
    static struct config c;
    char error[CONFIG_ERROR_MAX];

    (void)state;
    assert_int_equal(parse(LEAST POLICY, &c, error), ERR_OK);
    assert_string_equal(error, "");
    assert_string_equal(c.front.listen, "127.0.0.1:3161");
    assert_string_equal(c.front.core, "unix:/etc/q/core.sock");
    assert_string_equal(c.front.chain, "/etc/q/chain.pem");
    assert_string_equal(c.front.tls_key, "");
    assert_int_equal(c.front.deadline_ms, 2000);
    assert_int_equal(c.front.log_level, 1);
    assert_false(c.front.data_stamping);
    assert_string_equal(c.journal.dir, "/etc/q/journal");
    assert_int_equal(c.journal.max_rows, 10000000);
    assert_int_equal(c.n_policies, 1);
    assert_string_equal(c.policies[0].name, "classic");
    assert_int_equal(c.policies[0].oid.body_len, sizeof oid);
    assert_memory_equal(c.policies[0].oid.body, oid, sizeof oid);
    assert_true(c.policies[0].is_default);
    assert_int_equal(c.authority.clock, CONFIG_CLOCK_KERNEL);
}

static void reads_every_type(void **state)
{
    static struct config c;
    char error[CONFIG_ERROR_MAX];

    (void)state;
    assert_int_equal(parse("; a comment\n# another\n\n [front] ; x\r\n"
                           "  listen =  127.0.0.1:1   [::1]:2 ; inline\n"
                           "\tlisten = 127.0.0.1:3\n"
                           "core=tcp:127.0.0.1:9\nchain=/abs/chain.pem\n"
                           "admin_on_main = on\nlog_format = json\nlog_level: error\n"
                           "query_max = 1024\n[authority]\nclock = trust-system\n"
                           "certify = sh -c 'a | b'\n" POLICY "digits = 0\ndefault = no\n"
                           "[policy b]\noid = 2.999.3\nnumber = 2\ndefault = yes\n"
                           "[journal]\ndir = /j\nsynchronous = normal",
                           &c, error),
                     ERR_OK);
    assert_string_equal(c.front.listen, "127.0.0.1:1 [::1]:2 127.0.0.1:3");
    assert_string_equal(c.front.chain, "/abs/chain.pem");
    assert_true(c.front.admin_on_main);
    assert_int_equal(c.front.log_format, CONFIG_LOG_JSON);
    assert_int_equal(c.front.log_level, 3);
    assert_int_equal(c.authority.clock, CONFIG_CLOCK_TRUST_SYSTEM);
    assert_string_equal(c.authority.certify, "sh -c 'a | b'");
    assert_int_equal(c.journal.synchronous, CONFIG_SYNC_NORMAL);
    assert_int_equal(c.policies[0].digits, 0);
    assert_false(c.policies[0].is_default);
    assert_int_equal(c.policies[1].oid.body_len, 3);
    assert_memory_equal(c.policies[1].oid.body, "\x88\x37\x03", 3);
}

/* Each row: what is added to a good file, the error, and what its text must say. */
static void says_what_is_wrong(void **state)
{
    static const struct {
        const char *text;
        enum err want;
        const char *says;
    } rows[] = {
        {LEAST POLICY "[frnt]\n", ERR_TYPE, "q.conf:9: [frnt]: unknown section"},
        {LEAST POLICY "[policy]\n", ERR_TYPE, "q.conf:9: [policy]: unknown section"},
        {LEAST POLICY "[front] listen = x\n", ERR_TYPE, "q.conf:9: [front] listen"},
        {LEAST POLICY "[front]x\n", ERR_TYPE, "unknown section"},
        {LEAST POLICY "[front\n", ERR_TYPE, "unknown section"},
        {LEAST POLICY "digits =; x\n", ERR_ENCODING, "cannot begin with ;"},
        {LEAST POLICY "nubmer = 1\n", ERR_TYPE, "q.conf:9: nubmer: unknown key"},
        {LEAST POLICY "number = 1\n", ERR_STATE, "q.conf:9: number: set twice"},
        {LEAST POLICY "digits = 4\n", ERR_RANGE, "q.conf:9: digits: out of range"},
        {LEAST POLICY "digits = -1\n", ERR_ENCODING, "q.conf:9: digits: not a number"},
        {LEAST POLICY "digits =\n", ERR_ENCODING, "q.conf:9: digits: not a number"},
        {LEAST POLICY "digits = 99999999999999999999\n", ERR_RANGE, ":9: digits: out of range"},
        {LEAST POLICY "default = maybe\n", ERR_ENCODING, "q.conf:9: default: not yes or no"},
        {LEAST POLICY "profile = qp\n", ERR_ENCODING, "q.conf:9: profile: not one of classic"},
        {LEAST POLICY "junk\n", ERR_ENCODING, "q.conf:9: line: neither [section] nor key"},
        {LEAST POLICY "[front\n", ERR_TYPE, "q.conf:9: [front: unknown section"},
        {LEAST POLICY "min_accuracy_ms = 2000\n", ERR_STATE,
         "classic: min_accuracy_ms is over"},
        {"listen = x\n", ERR_TYPE, "q.conf:1: key: stands before any section"},
        {LEAST, ERR_STATE, "q.conf: [policy NAME]: none is configured"},
        {POLICY, ERR_STATE, "q.conf: [front] core: missing"},
        {LEAST "[policy a]\nnumber = 1\n", ERR_STATE, "q.conf: [policy a] oid: missing"},
        {LEAST "[policy a/b]\nnumber = 1\n", ERR_ENCODING, "q.conf:7: a/b: not a policy name"},
        {LEAST "[policy a]\noid = 1.3.6.\n", ERR_ENCODING, "q.conf:7: oid: not an OID"},
        {LEAST "[policy a]\noid = 1..6\n", ERR_ENCODING, "not an OID"},
        {LEAST "[policy a]\noid = 1\n", ERR_ENCODING, "not an OID"},
        {LEAST "[policy a]\noid = 1.03.1\n", ERR_ENCODING, "not an OID"},
        {LEAST "[policy a]\noid = x\n", ERR_ENCODING, "not an OID"},
        {LEAST "[policy a]\noid = 3.1.1\n", ERR_RANGE, "q.conf:7: oid: out of range"},
        {LEAST "[policy a]\noid = 1.40.1\n", ERR_RANGE, "out of range"},
        {LEAST "[policy a]\noid = 2.25.2147483648\n", ERR_RANGE, "out of range"},
        {LEAST POLICY "[policy b]\noid = 1.2.3\nnumber = 1\n", ERR_STATE,
         "b: two policies have its number"},
        {LEAST POLICY "[policy b]\noid = 1.3.6.1.4.1.32473.3161.1.91\nnumber = 2\n", ERR_STATE,
         "b: two policies have its oid"},
        {LEAST POLICY "[policy b]\noid = 1.2.3\nnumber = 2\n", ERR_STATE,
         "exactly one must have default"},
        {LEAST "tls_key = k\n" POLICY, ERR_TYPE, "q.conf:6: tls_key: unknown key"},
        {LEAST "[front]\ntls_key = k\n" POLICY, ERR_STATE, "needs tls_certificate and tls_key"},
        {LEAST "[front]\nlisten =\n" POLICY, ERR_STATE, "may not be empty"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct config c;
        const struct config zero = {0};
        char error[CONFIG_ERROR_MAX];

        assert_int_equal(parse(rows[i].text, &c, error), rows[i].want);
        if (strstr(error, rows[i].says) == NULL) {
            fail_msg("row %zu: \"%s\" does not say \"%s\"", i, error, rows[i].says);
        }
        assert_memory_equal(&c, &zero, sizeof c);
    }
}

#define PQ "[front]\nchain_pq = pq.pem\n"
#define HYBRID "[policy h]\noid = 1.2.3\nnumber = 2\nprofile = hybrid\n"
#define EVIDENCE "[policy e]\noid = 1.2.4\nnumber = 3\nprofile = pq\nevidence = yes\n"

static void knows_profiles(void **state)
{
    static struct config c;
    char error[CONFIG_ERROR_MAX];

    (void)state;
    assert_int_equal(parse(LEAST PQ POLICY "default = yes\n" HYBRID
                                           "pq_failure = degrade\ndegrade_policy = classic\n"
                                           "digits = 0\n" EVIDENCE "digits = 0\n"
                                           "window_ms = 7\ncount = 12\n",
                           &c, error),
                     ERR_OK);
    assert_string_equal(c.front.chain_pq, "/etc/q/pq.pem");
    assert_int_equal(config_policy_key(&c.policies[0]), KEY_CLASSIC);
    assert_int_equal(config_policy_key(&c.policies[1]), KEY_CLASSIC);
    assert_int_equal(config_policy_key(&c.policies[2]), KEY_PQ);
    assert_ptr_equal(config_evidence(&c, &c.policies[1]), &c.policies[2]);
    assert_null(config_evidence(&c, &c.policies[0]));
    assert_ptr_equal(config_degraded(&c, &c.policies[1]), &c.policies[0]);
    assert_null(config_degraded(&c, &c.policies[0]));
    assert_int_equal(c.policies[2].window_ms, 7);
    assert_int_equal(c.policies[2].count, 12);
    assert_true(config_uses_key(&c, KEY_PQ));
    assert_int_equal(parse(LEAST POLICY, &c, error), ERR_OK);
    assert_false(config_uses_key(&c, KEY_PQ));
    assert_true(config_uses_key(&c, KEY_CLASSIC));
    assert_int_equal(c.policies[0].window_ms, 50);
    assert_int_equal(c.policies[0].count, 4096);
    assert_int_equal(c.policies[0].pq_failure, CONFIG_PQ_REQUIRE);
}

#define DUAL "[policy d]\noid = 1.2.5\nnumber = 4\nprofile = dual\n"

static void a_dual_policy_takes_both_keys(void **state)
{
    static struct config c;
    char error[CONFIG_ERROR_MAX];

    (void)state;
    assert_int_equal(parse(LEAST PQ DUAL, &c, error), ERR_OK);
    assert_int_equal(config_policy_key(&c.policies[0]), KEY_DUAL);
    assert_true(config_uses_key(&c, KEY_PQ) && config_uses_key(&c, KEY_CLASSIC));
    assert_string_equal(config_profile_name(&c.policies[0]), "dual");
    assert_true(c.policies[0].is_default);
    assert_null(config_evidence(&c, &c.policies[0]));
    assert_null(config_degraded(&c, &c.policies[0]));
}

static void says_which_policies_do_not_go_together(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {LEAST HYBRID "default = yes\n" EVIDENCE, "h: its profile needs chain_pq"},
        {LEAST PQ HYBRID, "h: profile = hybrid needs a policy with evidence"},
        {LEAST DUAL, "d: its profile needs chain_pq"},
        {LEAST PQ DUAL "evidence = yes\n", "d: evidence = yes needs profile = pq"},
        {LEAST PQ DUAL "pq_failure = degrade\n",
         "d: pq_failure = degrade needs profile = hybrid"},
        {LEAST PQ "[front]\nceremony = c\n" DUAL, "d: profile = dual needs a single core"},
        {LEAST "[front]\nceremony = c\n" POLICY "ordering = yes\n",
         "classic: ordering needs a key"},
        {LEAST PQ HYBRID "default = yes\n" EVIDENCE "ordering = yes\n", "e: ordering needs"},
        {LEAST PQ HYBRID "default = yes\n" EVIDENCE "digits = 2\n",
         "h: profile = hybrid needs"},
        {LEAST PQ EVIDENCE, "e: an evidence policy cannot be the default"},
        {LEAST PQ POLICY "evidence = yes\n", "classic: evidence = yes needs profile = pq"},
        {LEAST PQ POLICY "default = yes\n" EVIDENCE
                         "[policy f]\noid = 1.2.5\nnumber = 5\nprofile = pq\nevidence = yes\n",
         "f: another evidence policy has as many digits"},
        {LEAST PQ HYBRID "default = yes\npq_failure = degrade\n" EVIDENCE,
         "h: pq_failure = degrade needs degrade_policy"},
        {LEAST PQ HYBRID "default = yes\npq_failure = degrade\ndegrade_policy = e\n" EVIDENCE,
         "h: pq_failure = degrade needs degrade_policy"},
        {LEAST PQ HYBRID "default = yes\ndegrade_policy = e\n" EVIDENCE,
         "h: degrade_policy needs pq_failure"},
        {LEAST POLICY "pq_failure = degrade\n", "classic: pq_failure = degrade needs profile"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct config c;
        char error[CONFIG_ERROR_MAX];

        assert_int_equal(parse(rows[i].text, &c, error), ERR_STATE);
        if (strstr(error, rows[i].says) == NULL) {
            fail_msg("row %zu: \"%s\" does not say \"%s\"", i, error, rows[i].says);
        }
    }
}

/* Just too long and just not: a line, a text, a list, an OID, a policy's name, the file. */
static void knows_its_limits(void **state)
{
    static char text[CONFIG_FILE_MAX + 2];
    static const struct {
        const char *head;
        int fill;
        char with;
        const char *tail;
        enum err want;
    } rows[] = {
        {LEAST POLICY ";", CONFIG_LINE_MAX - 4, 'x', "\n", ERR_OK},
        {LEAST POLICY ";", CONFIG_LINE_MAX - 2, 'x', "\n", ERR_NOSPACE},
        {LEAST POLICY "[authority]\ncertify = ", CONFIG_TEXT_MAX - 1, 'x', "\n", ERR_OK},
        {LEAST POLICY "[authority]\ncertify = ", CONFIG_TEXT_MAX, 'x', "\n", ERR_NOSPACE},
        {LEAST POLICY "[authority]\ncore_program = ", CONFIG_TEXT_MAX - 7, 'x', "\n",
         ERR_NOSPACE},
        {LEAST POLICY "[front]\nlisten = a\nlisten = ", CONFIG_TEXT_MAX - 3, 'x', "\n", ERR_OK},
        {LEAST POLICY "[front]\nlisten = a\nlisten = ", CONFIG_TEXT_MAX - 2, 'x', "\n",
         ERR_NOSPACE},
        {LEAST "[policy ", CONFIG_NAME_MAX - 1, 'x', "]\noid = 1.2.3\nnumber = 1\n", ERR_OK},
        {LEAST "[policy ", CONFIG_NAME_MAX, 'x', "]\noid = 1.2.3\nnumber = 1\n", ERR_ENCODING},
        {LEAST "[policy a]\nnumber = 1\noid = 1.2.3.", CONFIG_OID_TEXT_MAX, '1', "\n",
         ERR_NOSPACE},
        {LEAST POLICY, CONFIG_FILE_MAX + 1 - (int)sizeof(LEAST POLICY), '\n', "", ERR_OK},
        {LEAST POLICY, CONFIG_FILE_MAX + 2 - (int)sizeof(LEAST POLICY), '\n', "", ERR_NOSPACE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct config c;
        char error[CONFIG_ERROR_MAX];
        const size_t at = strlen(rows[i].head);

        memcpy(text, rows[i].head, at);
        memset(text + at, rows[i].with, (size_t)rows[i].fill);
        memcpy(text + at + rows[i].fill, rows[i].tail, strlen(rows[i].tail) + 1);
        const enum err e = parse(text, &c, error);

        if (e != rows[i].want) {
            fail_msg("row %zu: %s (%s)", i, err_name(e), error);
        }
    }
}

static void refuses_too_many_policies(void **state)
{
    static char text[CONFIG_FILE_MAX];
    static struct config c;
    char error[CONFIG_ERROR_MAX];
    size_t n = (size_t)snprintf(text, sizeof text, "%s", LEAST);

    (void)state;
    for (int i = 0; i <= CONFIG_POLICIES_MAX; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n,
                              "[policy p%d]\noid = 1.2.%d\nnumber = %d\ndefault = %s\n", i, i,
                              i + 1, i == 0 ? "yes" : "no");
        assert_int_equal(parse(text, &c, error),
                         i < CONFIG_POLICIES_MAX ? ERR_OK : ERR_NOSPACE);
    }
}

static void refuses_a_zero_byte(void **state)
{
    static const char text[] = LEAST POLICY "[front]\nnode_id = a\0b\n";
    static struct config c;
    char error[CONFIG_ERROR_MAX];

    (void)state;
    assert_int_equal(config_parse((struct view){(const uint8_t *)text, sizeof text - 1},
                                  "q.conf", "", &c, error),
                     ERR_ENCODING);
    assert_string_equal(error, "q.conf:10: line: a zero byte");
}

static void prints_what_it_reads(void **state)
{
    static uint8_t first[CONFIG_FILE_MAX];
    static uint8_t second[CONFIG_FILE_MAX];
    static struct config a;
    static struct config b;
    struct view one;
    struct view two;
    char error[CONFIG_ERROR_MAX];
    struct writer w = wr_init(first, sizeof first);

    (void)state;
    assert_int_equal(parse(LEAST POLICY "[front]\nlisten = a b\ntrusted_proxies = c\n"
                                        "core = unix:b\nceremony = r\n"
                                        "[policy z]\noid = 1.2.3\nnumber = 9\ndefault = yes\n",
                           &a, error),
                     ERR_OK);
    config_print(&a, &w);
    assert_int_equal(wr_finish(&w, &one), ERR_OK);
    assert_int_equal(config_parse(one, "printed", "/elsewhere", &b, error), ERR_OK);
    assert_memory_equal(&a, &b, sizeof a);
    w = wr_init(second, sizeof second);
    config_print(&b, &w);
    assert_int_equal(wr_finish(&w, &two), ERR_OK);
    assert_true(view_equal(one, two));
}

static void a_cluster_has_one_core_a_line(void **state)
{
    static struct config c;
    char error[CONFIG_ERROR_MAX];
    char item[CONFIG_TEXT_MAX];

    (void)state;
    assert_int_equal(parse(LEAST POLICY "[front]\ncore = unix:b c.sock\ncore = tcp:[::1]:1\n"
                                        "chain = two.pem\nceremony = ceremony.qcr\n",
                           &c, error),
                     ERR_OK);
    assert_int_equal(config_items(c.front.core), 3);
    config_item(c.front.core, 0, item);
    assert_string_equal(item, "unix:/etc/q/core.sock");
    config_item(c.front.core, 1, item);
    assert_string_equal(item, "unix:/etc/q/b c.sock");
    config_item(c.front.core, 2, item);
    assert_string_equal(item, "tcp:[::1]:1");
    config_item(c.front.core, 3, item);
    assert_string_equal(item, "");
    assert_int_equal(config_items(c.front.chain), 2);
    assert_string_equal(c.front.ceremony, "/etc/q/ceremony.qcr");
    assert_int_equal(config_items(""), 0);
}

static void a_cluster_is_refused(void **state)
{
    static const struct {
        const char *more, *why;
        enum err err;
    } cases[] = {
        {"core = unix:b\n", "several cores need their ceremony", ERR_STATE},
        {"chain = b\n", "several cores need their ceremony", ERR_STATE},
        {"ceremony = c\ncore = unix:b\ncore = unix:b\ncore = unix:b\ncore = unix:b\n"
         "core = unix:b\ncore = unix:b\n",
         "too many lines", ERR_NOSPACE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024];
        static struct config c;
        char error[CONFIG_ERROR_MAX];

        (void)snprintf(text, sizeof text, LEAST POLICY "[front]\n%s", cases[i].more);
        assert_int_equal(parse(text, &c, error), cases[i].err);
        assert_non_null(strstr(error, cases[i].why));
    }
}

static void explains_every_key(void **state)
{
    static uint8_t text[CONFIG_FILE_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct view help;

    (void)state;
    config_help(&w);
    wr_u8(&w, 0);
    assert_int_equal(wr_finish(&w, &help), ERR_OK);
    for (size_t i = 0; i < CONFIG_ROWS; i++) {
        assert_non_null(config_rows[i].key);
        assert_true(strlen(config_rows[i].help) > 10);
    }
    assert_non_null(
        strstr((const char *)text, "## [policy NAME]\n\n*oid* = _OID_ (required)\n"));
    assert_non_null(strstr((const char *)text,
                           "*query\\_max* = _1024 to 1048576_ (preset: 65536)\n\tBytes"));
}

static void loads_a_file(void **state)
{
    char path[] = "/tmp/quorate-config-XXXXXX";
    static struct config c;
    char error[CONFIG_ERROR_MAX];
    const int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, LEAST POLICY, strlen(LEAST POLICY)), strlen(LEAST POLICY));
    (void)close(fd);
    assert_int_equal(config_load(path, &c, error), ERR_OK);
    assert_string_equal(c.front.chain, "/tmp/chain.pem");
    assert_int_equal(chdir("/tmp"), 0);
    assert_int_equal(config_load(path + strlen("/tmp/"), &c, error), ERR_OK);
    assert_string_equal(c.front.chain, "./chain.pem");
    (void)unlink(path);
    assert_int_equal(config_load(path, &c, error), ERR_IO);
    assert_non_null(strstr(error, "No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_presets),
        cmocka_unit_test(reads_every_type),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(knows_profiles),
        cmocka_unit_test(a_dual_policy_takes_both_keys),
        cmocka_unit_test(says_which_policies_do_not_go_together),
        cmocka_unit_test(knows_its_limits),
        cmocka_unit_test(refuses_too_many_policies),
        cmocka_unit_test(refuses_a_zero_byte),
        cmocka_unit_test(prints_what_it_reads),
        cmocka_unit_test(explains_every_key),
        cmocka_unit_test(a_cluster_has_one_core_a_line),
        cmocka_unit_test(a_cluster_is_refused),
        cmocka_unit_test(loads_a_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
