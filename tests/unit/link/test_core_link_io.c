#include "testing.h"

#include "host/link/core_link_io.h"
#include "os/endpoint.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT_MS 20000
#define QUESTION_MAX 1024
#define ANSWER_MAX 8192

/* A core made of what each test writes. */
static char folder[] = "/tmp/quorate-link-XXXXXX";
static char uri[64];
static int listener;
static int peer = -1;
static struct core_link link_;
static uint8_t out_room[QUESTION_MAX], in_room[FRAME_HEADER_LEN + ANSWER_MAX];

static int set_up(void **state)
{
    struct endpoint e;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(uri, sizeof uri, "unix:%s/s", folder);
    assert_int_equal(endpoint_parse(uri, &e), ERR_OK);
    assert_int_equal(endpoint_listen(&e, 4, &listener), ERR_OK);
    core_link_init(&link_, out_room, sizeof out_room, in_room, sizeof in_room);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)close(listener);
    assert_int_equal(unlink(uri + strlen("unix:")), 0);
    assert_int_equal(rmdir(folder), 0);
    return 0;
}

static void wait_for(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};

    assert_int_equal(poll(&p, 1, WAIT_MS), 1);
}

/* Puts HELLO and takes it on the other side. */
static void ask(void)
{
    struct view answer;
    uint8_t got[FRAME_HEADER_LEN];
    bool done = false;

    assert_int_equal(core_link_ask(&link_, uri, FRAME_HELLO, (struct view){NULL, 0}), ERR_OK);
    wait_for(listener, POLLIN);
    peer = accept(listener, NULL, NULL);
    assert_true(peer >= 0);
    assert_int_equal(core_link_events(&link_), POLLOUT);
    assert_int_equal(core_link_step(&link_, &done, &answer), ERR_OK);
    assert_int_equal(core_link_events(&link_), POLLIN);
    assert_int_equal(recv(peer, got, sizeof got, MSG_WAITALL), sizeof got);
    assert_int_equal(got[0], FRAME_MAGIC);
    assert_int_equal(got[2], FRAME_HELLO);
}

static void tell(const void *bytes, size_t n)
{
    assert_int_equal(send(peer, bytes, n, 0), n);
    wait_for(link_.fd, POLLIN);
}

/* A frame with n bytes of 'b'. */
static struct view frame(uint8_t type, uint64_t id, size_t n)
{
    static uint8_t space[FRAME_HEADER_LEN + ANSWER_MAX + 1];
    struct writer w = wr_init(space, sizeof space);
    const size_t mark = frame_begin(&w, type, id);
    struct view out;

    for (size_t i = 0; i < n; i++) {
        wr_u8(&w, 'b');
    }
    frame_end(&w, mark);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    return out;
}

/* The one step after the core wrote these bytes and, if so, went away. */
static enum err answered(struct view bytes, bool goes, struct view *answer)
{
    bool done = false;

    ask();
    if (bytes.n > 0) {
        tell(bytes.p, bytes.n);
    }
    if (goes) {
        (void)close(peer);
        wait_for(link_.fd, POLLIN);
    }
    const enum err e = core_link_step(&link_, &done, answer);

    assert_true(done == (e == ERR_OK));
    assert_int_equal(link_.fd, -1);
    if (!goes) {
        (void)close(peer);
    }
    return e;
}

static void gives_the_answer(void **state)
{
    struct view answer;

    (void)state;
    assert_int_equal(answered(frame(FRAME_HELLO | FRAME_ANSWER, 1, 300), false, &answer),
                     ERR_OK);
    assert_int_equal(answer.n, 300);
    assert_int_equal(answer.p[299], 'b');
    assert_int_equal(answered(frame(FRAME_HELLO | FRAME_ANSWER, 1, ANSWER_MAX), false, &answer),
                     ERR_OK);
    assert_int_equal(answer.n, ANSWER_MAX);
}

static void takes_it_byte_by_byte(void **state)
{
    const struct view all = frame(FRAME_HELLO | FRAME_ANSWER, 1, 5);
    struct view answer;
    bool done = false;

    (void)state;
    ask();
    for (size_t i = 0; i < all.n; i++) {
        assert_false(done);
        tell(all.p + i, 1);
        assert_int_equal(core_link_step(&link_, &done, &answer), ERR_OK);
    }
    assert_true(done);
    assert_int_equal(answer.n, 5);
    (void)close(peer);
}

static void refuses_what_is_no_answer(void **state)
{
    uint8_t bad[FRAME_HEADER_LEN] = {0};
    struct view answer;

    (void)state;
    assert_int_equal(answered((struct view){bad, sizeof bad}, false, &answer), ERR_TAG);
    assert_int_equal(answered(frame(FRAME_STATE | FRAME_ANSWER, 1, 3), false, &answer),
                     ERR_TYPE);
    assert_int_equal(answered(frame(FRAME_HELLO | FRAME_ANSWER, 2, 3), false, &answer),
                     ERR_TYPE);
    assert_int_equal(
        answered(frame(FRAME_HELLO | FRAME_ANSWER, 1, ANSWER_MAX + 1), false, &answer),
        ERR_NOSPACE);
    assert_int_equal(answered(frame(FRAME_ERROR, 1, 3), false, &answer), ERR_TRAILING);
}

static void gives_the_error_that_the_core_gave(void **state)
{
    uint8_t space[64];
    struct writer w = wr_init(space, sizeof space);
    struct view out;
    struct view answer;

    (void)state;
    frame_write_error(&w, 1, ERR_STALE);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(answered(out, false, &answer), ERR_STALE);
    assert_true(link_.refused);
}

static void a_core_that_goes_is_io(void **state)
{
    const struct view all = frame(FRAME_HELLO | FRAME_ANSWER, 1, 5);
    struct view answer;

    (void)state;
    assert_int_equal(answered((struct view){NULL, 0}, true, &answer), ERR_IO);
    ask();
    tell(all.p, all.n - 1);
    bool done = false;

    assert_int_equal(core_link_step(&link_, &done, &answer), ERR_OK);
    assert_false(done);
    (void)close(peer);
    wait_for(link_.fd, POLLIN);
    assert_int_equal(core_link_step(&link_, &done, &answer), ERR_IO);
    assert_int_equal(link_.fd, -1);
    assert_false(link_.refused);
}

static void what_cannot_be_asked_is_refused(void **state)
{
    static const uint8_t big[QUESTION_MAX];
    const struct view none = {NULL, 0};

    (void)state;
    assert_int_equal(core_link_ask(&link_, "unix:/nonexistent/s", FRAME_HELLO, none), ERR_IO);
    assert_int_equal(core_link_ask(&link_, "nothing", FRAME_HELLO, none), ERR_ENCODING);
    assert_int_equal(core_link_ask(&link_, uri, FRAME_ACTIVATE, (struct view){big, sizeof big}),
                     ERR_NOSPACE);
    assert_int_equal(link_.fd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_answer),
        cmocka_unit_test(takes_it_byte_by_byte),
        cmocka_unit_test(refuses_what_is_no_answer),
        cmocka_unit_test(gives_the_error_that_the_core_gave),
        cmocka_unit_test(a_core_that_goes_is_io),
        cmocka_unit_test(what_cannot_be_asked_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
