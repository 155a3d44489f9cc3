#include "testing.h"

#include "enclave/timed/names_io.h"

#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>

/* The next answer, 30 s at most. */
static struct names_answer await(struct names *n)
{
    struct pollfd fd = {.fd = n->fd, .events = POLLIN};
    struct names_answer a;

    assert_int_equal(poll(&fd, 1, 30000), 1);
    assert_int_equal(names_take(n, &a), ERR_OK);
    return a;
}

static void answers_carry_their_number(void **state)
{
    struct names n;
    struct names_answer a;
    struct endpoint at;
    struct endpoint want;
    char host[ENDPOINT_HOST_MAX + 1];

    (void)state;
    assert_int_equal(names_start(&n), ERR_OK);
    assert_int_equal(names_take(&n, &a), ERR_DEADLINE);
    assert_int_equal(names_ask(&n, 7, 255, "127.0.0.9"), ERR_OK); /* needs no lookup */
    assert_int_equal(names_ask(&n, 8, 0, "not a name"), ERR_OK);
    assert_int_equal(names_ask(&n, 9, 1, "::1"), ERR_OK);
    assert_int_equal(endpoint_host("time.test:4460", &at, host), ERR_OK);
    a = await(&n);
    assert_int_equal(a.number, 7);
    assert_int_equal(names_apply(&a, &at), ERR_OK);
    assert_int_equal(endpoint_parse("tcp:127.0.0.9:4460", &want), ERR_OK);
    assert_true(at.addr_len == want.addr_len && memcmp(&at.addr, &want.addr, 8) == 0);
    a = await(&n);
    assert_int_equal(a.number, 8);
    assert_int_equal(names_apply(&a, &at), ERR_IO);
    assert_true(memcmp(&at.addr, &want.addr, 8) == 0); /* as it was */
    a = await(&n);
    assert_int_equal(names_apply(&a, &at), ERR_OK);
    assert_int_equal(endpoint_parse("tcp:[::1]:4460", &want), ERR_OK);
    assert_int_equal(at.addr_len, want.addr_len);
    assert_memory_equal(&at.addr, &want.addr, want.addr_len);
    names_end(&n);
    assert_int_equal(names_ask(&n, 1, 0, "127.0.0.1"), ERR_IO);
    assert_true(wait(NULL) > 0); /* it ends with its other side */
}

static void strange_answers_are_refused(void **state)
{
    struct names_answer a;
    struct names n;
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    n.fd = pair[0];
    assert_int_equal(send(pair[1], "short", 5, 0), 5);
    assert_int_equal(names_take(&n, &a), ERR_IO);
    assert_int_equal(a.addr_len, 0);
    names_end(&n);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    n.fd = pair[0];
    (void)shutdown(pair[1], SHUT_RDWR);
    assert_int_equal(names_take(&n, &a), ERR_IO); /* gone */
    names_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_carry_their_number),
        cmocka_unit_test(strange_answers_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
