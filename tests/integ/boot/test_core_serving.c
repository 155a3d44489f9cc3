/* The real quorate-core over its unix socket: from HELLO to verified signatures. */
#include "core_process.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct core_process core;

static int start(void **state)
{
    (void)state;
    return core_process_start(&core, core_usual) ? 0 : -1;
}

static int stop(void **state)
{
    const int code = core_process_stop(&core);

    (void)state;
    core_process_clean(&core);
    return code;
}

static void ask_status(int fd, struct core_status *s)
{
    static struct core_reply r;

    assert_int_equal(core_ask(fd, FRAME_STATE, (struct view){NULL, 0}, &r), ERR_OK);
    assert_int_equal(core_status_decode((struct view){r.body, r.head.body_len}, s), ERR_OK);
}

static void test_waits_for_activation_then_serves(void **state)
{
    const int fd = core_connect(core.uri);
    static struct core_session s;
    struct core_status st;
    static uint8_t buf[FRAME_BODY_MAX];
    static struct core_reply reply;
    enum err errs[STAMP_BATCH_MAX];
    struct core_rounds r;

    (void)state;
    core_hello(fd, &s);
    assert_int_equal(s.hello.n_keys, 1);
    assert_int_equal(s.hello.keys[0].public_key.n, P384_PUBLIC_LEN);
    assert_int_equal(p384_check_public(s.hello.keys[0].public_key.p), ERR_OK);
    assert_int_equal(s.hello.n_policies, 1);
    ask_status(fd, &st);
    assert_int_equal(st.state, CORE_WAITING);
    /* An R1 is for the certificate request: no stamp comes of it. */
    assert_int_equal(core_r1(fd, &s, 1, &r), ERR_OK);
    assert_int_equal(core_ask(fd, FRAME_R2, core_r2_body(&r, buf, sizeof buf), &reply), ERR_OK);
    assert_int_equal(core_check_answer(&s, &r, &reply, errs), 0);
    assert_int_equal(errs[0], ERR_STATE);

    assert_int_equal(core_activate(fd, &s, 1), ERR_OK);
    ask_status(fd, &st);
    assert_int_equal(st.state, CORE_SERVING);
    assert_int_equal(st.reason, ERR_OK);
    assert_int_equal(st.time_valid, 1);
    assert_memory_equal(st.activation[0], s.certs[0].activation, ACTIVATION_HASH_LEN);
    assert_int_equal(core_activate(fd, &s, 1), ERR_OK); /* the same again */
    assert_int_equal(core_activate(fd, &s, 2), ERR_STALE);
    (void)close(fd);
}

static void test_signs_batches_that_verify(void **state)
{
    static const size_t sizes[] = {1, 2, 17, STAMP_BATCH_MAX};
    const int fd = core_connect(core.uri);
    enum err errs[STAMP_BATCH_MAX];
    static uint8_t buf[FRAME_BODY_MAX];
    static struct core_session s;
    struct core_rounds r;
    static struct core_reply reply;

    (void)state;
    core_hello(fd, &s);
    assert_int_equal(core_activate(fd, &s, 1), ERR_OK);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_int_equal(core_stamp(fd, &s, KEY_CLASSIC, sizes[i], &r), sizes[i]);
        /* One R1 serves one R2. */
        assert_int_equal(core_ask(fd, FRAME_R2, core_r2_body(&r, buf, sizeof buf), &reply),
                         ERR_OK);
        assert_int_equal(core_check_answer(&s, &r, &reply, errs), 0);
        assert_int_equal(errs[0], ERR_STALE);
    }
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits_for_activation_then_serves),
        cmocka_unit_test(test_signs_batches_that_verify),
    };

    if (!core_can_serve()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, start, stop);
}
