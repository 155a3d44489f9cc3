/* A core's connection to its quorate-tsm: wishes go out, evidence comes back, and whoever talks
 * otherwise is cut off without a wish being lost. */
#include "testing.h"

#include "enclave/core/core_tsm_io.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define S INT64_C(1000000000)
#define TAG tsm_tag(TSM_OUTSIDER, 0)

static struct core_tsm tsm;
static struct tsm_desk desk;
static int other = -1; /* the end of quorate-tsm */
static int wake_fd = -1;

static void dial(void)
{
    int fds[2];

    if (other >= 0) {
        (void)close(other);
    }
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    core_tsm_take_in(&tsm, fds[0]);
    other = fds[1];
}

static int up(void **state)
{
    (void)state;
    wake_fd = eventfd(0, EFD_NONBLOCK);
    memset(&desk, 0, sizeof desk);
    assert_int_equal(core_tsm_init(&tsm, &desk, wake_fd), ERR_OK);
    dial();
    return 0;
}

static int down(void **state)
{
    (void)state;
    if (tsm.fd >= 0) {
        (void)close(tsm.fd);
    }
    (void)close(other);
    (void)close(wake_fd);
    other = -1;
    return 0;
}

static void serve(void)
{
    tsm.readable = tsm.writable = true; /* as the kernel says */
    core_tsm_serve(&tsm, S);
}

static void wish(uint8_t data)
{
    uint8_t report_data[TSM_REPORT_DATA_LEN];

    memset(report_data, data, sizeof report_data);
    assert_int_equal(tsm_desk_ask(&desk, S, TAG, report_data), ERR_OK);
}

/* The wish that came to quorate-tsm: its id; 0: none did. */
static uint64_t heard(uint8_t data)
{
    uint8_t frame[FRAME_HEADER_LEN + TSM_REPORT_DATA_LEN + 1];
    const ssize_t n = read(other, frame, sizeof frame);
    struct frame_header h;

    if (n < 0) {
        assert_int_equal(errno, EAGAIN);
        return 0;
    }
    assert_int_equal(n, FRAME_HEADER_LEN + TSM_REPORT_DATA_LEN);
    assert_int_equal(frame_header_decode((struct view){frame, FRAME_HEADER_LEN}, &h), ERR_OK);
    assert_int_equal(h.type, FRAME_TSM_REPORT);
    assert_int_equal(frame[FRAME_HEADER_LEN], data);
    assert_int_equal(frame[n - 1], data);
    return h.request_id;
}

static void say(uint8_t type, uint64_t id, const char *text)
{
    uint8_t frame[256];
    struct writer w = wr_init(frame, sizeof frame);
    const size_t mark = frame_begin(&w, type, id);

    wr_bytes(&w, text, strlen(text));
    frame_end(&w, mark);
    assert_int_equal(write(other, frame, w.len), w.len);
}

static enum err got(void)
{
    struct view block;

    return tsm_desk_answer(&desk, TAG, &block);
}

static bool cut_off(void)
{
    uint8_t byte;

    return tsm.fd < 0 && read(other, &byte, 1) == 0;
}

static void test_there_and_back(void **state)
{
    uint64_t count = 0;
    struct view block;
    uint64_t id;

    (void)state;
    serve();
    assert_int_equal(heard(0), 0);
    wish(7);
    assert_int_equal(read(wake_fd, &count, sizeof count), sizeof count);
    serve();
    id = heard(7);
    serve();
    assert_int_equal(heard(7), 0); /* once */
    assert_int_equal(got(), ERR_BUSY);
    say(FRAME_TSM_REPORT | FRAME_ANSWER, id, "evidence");
    serve();
    assert_int_equal(tsm_desk_answer(&desk, TAG, &block), ERR_OK);
    assert_int_equal(block.n, 8);
    assert_memory_equal(block.p, "evidence", 8);
}

static void test_in_pieces(void **state)
{
    static uint8_t frame[FRAME_HEADER_LEN + TSM_BLOCK_MAX];
    struct writer w = wr_init(frame, sizeof frame);
    static const uint8_t block[TSM_BLOCK_MAX];
    uint64_t id;
    size_t mark;

    (void)state;
    wish(1);
    serve();
    id = heard(1);
    mark = frame_begin(&w, FRAME_TSM_REPORT | FRAME_ANSWER, id);
    wr_bytes(&w, block, sizeof block);
    frame_end(&w, mark);
    for (size_t at = 0; at < w.len; at += 1000) {
        const size_t n = w.len - at < 1000 ? w.len - at : 1000;

        assert_int_equal(got(), ERR_BUSY);
        assert_int_equal(write(other, frame + at, n), n);
        serve();
    }
    assert_int_equal(got(), ERR_OK);
    assert_true(tsm.fd >= 0);
}

static void test_an_error(void **state)
{
    uint64_t id;

    (void)state;
    wish(1);
    serve();
    id = heard(1);
    say(FRAME_ERROR, id, "\x03\x02");
    serve();
    assert_int_equal(got(), ERR_POLICY);
    assert_true(tsm.fd >= 0);
}

static void test_nonsense(void **state)
{
    static const struct {
        uint8_t type;
        uint64_t skew; /* of the id */
        const char *text;
    } bad[] = {
        {FRAME_TSM_REPORT, 0, "evidence"},
        {FRAME_TSM_REPORT | FRAME_ANSWER, 1, "evidence"},
        {FRAME_TSM_REPORT | FRAME_ANSWER, 0, ""},
        {FRAME_HELLO, 0, ""},
        {FRAME_ERROR, 0, "x"},
        {FRAME_ERROR, 0, "xyz"},
    };

    (void)state;
    wish(1);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint64_t id;

        serve();
        id = heard(1); /* the same wish, again */
        assert_true(id != 0);
        say(bad[i].type, id + bad[i].skew, bad[i].text);
        serve();
        assert_true(cut_off());
        assert_int_equal(got(), ERR_BUSY);
        dial();
    }
    assert_int_equal(write(other, "\x51\x01\xf0\x01", 4), 4);
    assert_int_equal(write(other, "000000000000", 12), 12);
    serve();
    assert_true(cut_off());
    dial();
    say(FRAME_TSM_REPORT | FRAME_ANSWER, 1, "nobody asked");
    serve();
    assert_true(cut_off());
}

/* Two answers at once, or one that is too long: there is no place for either. */
static void test_too_much(void **state)
{
    static const uint8_t head[] = {0x51, 1, 0xf0, 0, 1, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};
    uint64_t id;

    (void)state;
    assert_int_equal(write(other, head, sizeof head), sizeof head); /* 32769 bytes follow */
    serve();
    assert_true(cut_off());
    dial();
    wish(1);
    serve();
    id = heard(1);
    say(FRAME_TSM_REPORT | FRAME_ANSWER, id, "first");
    say(FRAME_TSM_REPORT | FRAME_ANSWER, id, "second");
    serve();
    assert_true(cut_off());
}

static void test_the_newest_is_the_one(void **state)
{
    int first;

    (void)state;
    wish(1);
    serve();
    (void)heard(1);
    first = dup(other);
    dial();
    serve();
    say(FRAME_TSM_REPORT | FRAME_ANSWER, heard(1), "of the second");
    serve();
    assert_int_equal(got(), ERR_OK);
    assert_true(write(first, "x", 1) < 0); /* EPIPE */
    (void)close(first);
}

static void test_silence(void **state)
{
    (void)state;
    wish(1);
    serve();
    (void)heard(1);
    core_tsm_tick(&tsm, S + TSM_LIFE_NS - 1);
    assert_true(tsm.fd >= 0);
    core_tsm_tick(&tsm, S + TSM_LIFE_NS);
    assert_true(cut_off());
    assert_int_equal(got(), ERR_IO);
}

static void test_no_endpoint(void **state)
{
    static struct core_tsm none;

    (void)state;
    assert_int_equal(core_tsm_init(&none, NULL, -1), ERR_OK);
    core_tsm_serve(&none, S);
    core_tsm_tick(&none, S);
    assert_int_equal(none.fd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_there_and_back, up, down),
        cmocka_unit_test_setup_teardown(test_in_pieces, up, down),
        cmocka_unit_test_setup_teardown(test_an_error, up, down),
        cmocka_unit_test_setup_teardown(test_nonsense, up, down),
        cmocka_unit_test_setup_teardown(test_too_much, up, down),
        cmocka_unit_test_setup_teardown(test_the_newest_is_the_one, up, down),
        cmocka_unit_test_setup_teardown(test_silence, up, down),
        cmocka_unit_test(test_no_endpoint),
    };

    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
