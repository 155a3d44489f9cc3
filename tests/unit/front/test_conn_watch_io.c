#include "testing.h"

#include "host/front/conn_watch_io.h"

#include <sys/socket.h>
#include <unistd.h>

static void ends_slow_senders(void **state)
{
    struct conn_watch w;
    struct watched *c[3];
    int fds[3][2];
    char byte;

    (void)state;
    conn_watch_init(&w);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds[i]), 0);
        c[i] = conn_watch_add(&w, fds[i][0], 100);
        assert_non_null(c[i]);
    }
    watched_stop(c[1]);
    watched_start(c[2], 200);
    assert_int_equal(conn_watch_sweep(&w, 99), 0);
    assert_int_equal(conn_watch_sweep(&w, 100), 1);
    assert_int_equal(read(fds[0][1], &byte, 1), 0); /* closed */
    assert_int_equal(recv(fds[1][1], &byte, 1, MSG_DONTWAIT), -1);
    assert_int_equal(conn_watch_sweep(&w, 100), 0); /* once */
    assert_int_equal(conn_watch_sweep(&w, 1000), 1);
    assert_int_equal(conn_watch_count(&w), 3);
    conn_watch_remove(&w, c[1]);
    conn_watch_remove(&w, c[0]);
    conn_watch_remove(&w, NULL);
    conn_watch_remove(&w, c[2]);
    assert_int_equal(w.n, 0);
    watched_start(NULL, 1); /* a connection for which there was no memory */
    for (int i = 0; i < 3; i++) {
        (void)close(fds[i][0]);
        (void)close(fds[i][1]);
    }
}

static void hurries_when_places_are_rare(void **state)
{
    static const struct {
        size_t n, room;
        int64_t usual_ms, ms;
    } rows[] = {
        {0, 4096, 30000, 30000},   {3583, 4096, 30000, 30000}, {3584, 4096, 30000, 2000},
        {4096, 4096, 30000, 2000}, {4097, 4096, 30000, 2000},  {4096, 4096, 1000, 1000},
        {0, 1, 30000, 30000},      {1, 1, 30000, 2000},        {7, 8, 30000, 2000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(
            conn_watch_patience_ns(rows[i].n, rows[i].room, rows[i].usual_ms * 1000000),
            rows[i].ms * 1000000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_slow_senders),
        cmocka_unit_test(hurries_when_places_are_rare),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
