/* Cores that answer as they should, wrongly, for ever, or not at all. */
#include "testing.h"

#include "host/front/time_poll_io.h"
#include "os/endpoint.h"
#include "wire/frame.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CORES 3
#define PATIENCE_MS 20000

static char folder[] = "/tmp/quorate-poll-XXXXXX";
static char uris[CORES][64];
static int listeners[CORES];
static struct time_history *history;
static struct time_poll *poller;

static int begin(void **state)
{
    const char *given[CORES];

    (void)state;
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < CORES; i++) {
        struct endpoint e;

        (void)snprintf(uris[i], sizeof uris[i], "unix:%s/%zu", folder, i);
        assert_int_equal(endpoint_parse(uris[i], &e), ERR_OK);
        assert_int_equal(endpoint_listen(&e, 4, &listeners[i]), ERR_OK);
        given[i] = uris[i];
    }
    history = time_history_new(CORES);
    poller = time_poll_start(given, CORES, history);
    return history == NULL || poller == NULL;
}

static int end(void **state)
{
    (void)state;
    time_poll_stop(poller);
    time_history_free(history);
    for (size_t i = 0; i < CORES; i++) {
        (void)close(listeners[i]);
        (void)unlink(uris[i] + strlen("unix:"));
    }
    return rmdir(folder);
}

/* Takes a question of a core; the connection stays open. */
static int question(size_t core, struct frame_header *h)
{
    struct pollfd p = {.fd = listeners[core], .events = POLLIN};
    uint8_t bytes[FRAME_HEADER_LEN];
    int fd;

    assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
    fd = accept(listeners[core], NULL, NULL);
    assert_true(fd >= 0);
    p.fd = fd;
    assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
    assert_int_equal(recv(fd, bytes, sizeof bytes, MSG_WAITALL), sizeof bytes);
    assert_int_equal(frame_header_decode((struct view){bytes, sizeof bytes}, h), ERR_OK);
    assert_int_equal(h->type, FRAME_TIME_STATUS);
    assert_int_equal(h->body_len, 0);
    return fd;
}

static void answer(int fd, const struct frame_header *h, bool good)
{
    const struct time_status s = {.clock = CLOCK_KERNEL, .state = CORE_SERVING, .index = 1};
    uint8_t bytes[FRAME_HEADER_LEN + TIME_STATUS_LEN_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    const size_t mark = frame_begin(&w, FRAME_TIME_STATUS | FRAME_ANSWER, h->request_id);

    time_status_encode(&w, &s);
    if (!good) {
        wr_u8(&w, 0);
    }
    frame_end(&w, mark);
    assert_int_equal(send(fd, w.p, w.len, MSG_NOSIGNAL), w.len);
}

static void look(struct time_views *views)
{
    struct timespec t;

    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
    time_history_look(history, (int64_t)t.tv_sec * 1000000000 + t.tv_nsec, views);
}

/* While one answers, one sends without end and one is silent. */
static void one_that_answers_is_heard(void **state)
{
    static const uint8_t flood[65536];
    static struct time_views views;
    struct frame_header h;
    int silent;
    int endless;

    (void)state;
    silent = question(1, &h);
    endless = question(2, &h);
    (void)send(endless, flood, sizeof flood, MSG_NOSIGNAL | MSG_DONTWAIT);
    do {
        const int fd = question(0, &h);

        answer(fd, &h, true);
        (void)close(fd);
        look(&views);
    } while (!views.at[0].known || views.at[1].err != ERR_DEADLINE);
    assert_int_equal(views.at[0].status.state, CORE_SERVING);
    assert_false(views.at[1].known || views.at[2].known);
    assert_int_not_equal(views.at[2].err, ERR_OK);
    (void)close(silent);
    (void)close(endless);
}

static void one_that_says_nonsense_is_counted(void **state)
{
    static struct time_views views;
    struct frame_header h;

    (void)state;
    do {
        const int fd = question(0, &h);

        answer(fd, &h, false);
        (void)close(fd);
        look(&views);
    } while (views.at[0].bad == 0 || views.at[0].err != ERR_TRAILING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_answers_is_heard),
        cmocka_unit_test(one_that_says_nonsense_is_counted),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
