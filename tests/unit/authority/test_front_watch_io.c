#include "testing.h"

#include "host/authority/front_watch_io.h"
#include "os/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT_MS 20000

static char folder[] = "/tmp/quorate-watch-XXXXXX";
static char file[64];
static int listener;
static struct front_watch w;

static int set_up(void **state)
{
    struct endpoint e;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(file, sizeof file, "%s/addr", folder);
    assert_int_equal(endpoint_parse("tcp:127.0.0.1:0", &e), ERR_OK);
    assert_int_equal(endpoint_listen(&e, 4, &listener), ERR_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)close(listener);
    (void)unlink(file);
    assert_int_equal(rmdir(folder), 0);
    return 0;
}

static void write_address(const char *text)
{
    FILE *f = fopen(file, "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void write_own_address(void)
{
    struct sockaddr_in a;
    socklen_t n = sizeof a;
    char text[64];

    assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &n), 0);
    (void)snprintf(text, sizeof text, "127.0.0.1:%u\n[::1]:1\n", ntohs(a.sin_port));
    write_address(text);
}

static void wait_for(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};

    assert_int_equal(poll(&p, 1, WAIT_MS), 1);
}

/* One probe at now_ms that is answered so; NULL: hung up on. Gives what the last step gave. */
static bool probe(int64_t now_ms, const char *answer)
{
    char request[128] = "";
    struct pollfd p;
    int peer = -1;

    assert_false(front_watch_step(&w, now_ms));
    wait_for(listener, POLLIN);
    peer = accept(listener, NULL, NULL);
    assert_true(peer >= 0);
    while (w.sent == 0) {
        assert_int_equal(front_watch_fds(&w, &p), 1);
        wait_for(p.fd, p.events);
        assert_false(front_watch_step(&w, now_ms));
    }
    assert_true(recv(peer, request, sizeof request - 1, 0) > 0);
    assert_non_null(strstr(request, "GET /readyz HTTP/1.1\r\nHost: "));
    if (answer != NULL) {
        assert_int_equal(send(peer, answer, strlen(answer), 0), strlen(answer));
    }
    (void)close(peer);
    assert_int_equal(front_watch_fds(&w, &p), 1);
    wait_for(p.fd, POLLIN);
    return front_watch_step(&w, now_ms);
}

static void asks_until_it_is_ready(void **state)
{
    (void)state;
    front_watch_init(&w, file, true);
    assert_int_equal(front_watch_next_ms(&w), INT64_MAX);
    write_address("127.0.0.1:9\n"); /* of an earlier front */
    front_watch_start(&w, 100);
    assert_int_equal(front_watch_next_ms(&w), 100);
    assert_false(front_watch_step(&w, 100));
    assert_string_equal(w.address, "");
    assert_int_equal(front_watch_next_ms(&w), 100 + FRONT_WATCH_EVERY_MS);
    write_own_address();
    assert_false(front_watch_step(&w, 101)); /* not due yet */
    assert_string_equal(w.address, "");

    assert_false(probe(120, "HTTP/1.1 503 Service Unavailable\r\n\r\n"));
    assert_int_equal(front_watch_next_ms(&w), 120 + FRONT_WATCH_EVERY_MS);
    assert_false(probe(140, NULL));
    assert_false(probe(160, "SSH-2.0-OpenSSH_9.2"));
    assert_true(probe(180, "HTTP/1.1 200 OK\r\n\r\n"));
    assert_non_null(strstr(w.address, "127.0.0.1:"));
    assert_int_equal(front_watch_next_ms(&w), INT64_MAX);
    assert_false(front_watch_step(&w, 1000)); /* once */
}

static void a_probe_without_an_answer_ends(void **state)
{
    struct pollfd p;

    (void)state;
    front_watch_start(&w, 0);
    write_own_address();
    assert_false(front_watch_step(&w, 0));
    assert_int_equal(front_watch_fds(&w, &p), 1);
    assert_int_equal(front_watch_next_ms(&w), FRONT_WATCH_ANSWER_MS);
    assert_false(front_watch_step(&w, FRONT_WATCH_ANSWER_MS));
    assert_int_equal(front_watch_fds(&w, &p), 0);
    assert_int_equal(front_watch_next_ms(&w), FRONT_WATCH_ANSWER_MS + FRONT_WATCH_EVERY_MS);
    front_watch_stop(&w);
    assert_int_equal(front_watch_next_ms(&w), INT64_MAX);
}

static void without_a_probe_the_file_is_enough(void **state)
{
    (void)state;
    front_watch_init(&w, file, false);
    front_watch_start(&w, 0);
    assert_false(front_watch_step(&w, 0));
    write_address("[::]:3161\n");
    assert_true(front_watch_step(&w, FRONT_WATCH_EVERY_MS));
    assert_string_equal(w.address, "[::]:3161");

    front_watch_init(&w, "", false);
    front_watch_start(&w, 0);
    assert_true(front_watch_step(&w, 0));
    assert_string_equal(w.address, "");
}

static void a_url_is_one_that_can_be_reached(void **state)
{
    static const char *const rows[][2] = {
        {"127.0.0.1:3161", "http://127.0.0.1:3161"},
        {"0.0.0.0:80", "http://127.0.0.1:80"},
        {"[::]:80", "http://[::1]:80"},
        {"[2001:db8::1]:80", "http://[2001:db8::1]:80"},
    };
    char url[64];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        front_watch_url(rows[i][0], url, sizeof url);
        assert_string_equal(url, rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_until_it_is_ready),
        cmocka_unit_test(a_probe_without_an_answer_ends),
        cmocka_unit_test(without_a_probe_the_file_is_enough),
        cmocka_unit_test(a_url_is_one_that_can_be_reached),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
