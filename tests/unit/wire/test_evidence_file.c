#include "testing.h"

#include "wire/evidence_file.h"

#include <stdlib.h>
#include <string.h>

static uint8_t buf[EVIDENCE_FILE_MAX + 1];

static struct view text(const char *t)
{
    return (struct view){(const uint8_t *)t, strlen(t)};
}

static struct view a_file(size_t n)
{
    struct evidence_file f = {.n = n};
    struct writer w = wr_init(buf, sizeof buf);

    memset(f.nonce, 0x42, sizeof f.nonce);
    for (size_t i = 0; i < n; i++) {
        f.nodes[i] = (struct evidence_file_node){(uint32_t)i + 1, text("hello"), text("block")};
    }
    evidence_file_encode(&w, &f);
    return (struct view){buf, w.len};
}

static enum err decode(struct view in)
{
    struct evidence_file f;
    uint8_t *const cut = malloc(in.n + 1);
    enum err e;

    assert_non_null(cut);
    memcpy(cut, in.p, in.n);
    e = evidence_file_decode((struct view){cut, in.n}, &f);
    free(cut);
    assert_true(e == ERR_OK || f.n == 0);
    return e;
}

static void test_there_and_back(void **state)
{
    static const char golden[] = "QUORATE-EVIDENCE-1\n"
                                 "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
                                 "\x01\x01\0\0\0\x05\0hello\x05\0\0\0block";
    struct evidence_file f;
    struct view whole = a_file(1);

    (void)state;
    assert_int_equal(whole.n, sizeof golden - 1);
    assert_memory_equal(whole.p, golden, whole.n);
    whole = a_file(EVIDENCE_FILE_NODES_MAX);
    assert_int_equal(evidence_file_decode(whole, &f), ERR_OK);
    assert_int_equal(f.n, EVIDENCE_FILE_NODES_MAX);
    assert_int_equal(f.nodes[7].incarnation, 8);
    assert_true(view_equal(f.nodes[7].hello, text("hello")));
    assert_true(view_equal(f.nodes[7].block, text("block")));
    for (size_t n = 0; n < whole.n; n++) {
        assert_int_equal(decode((struct view){whole.p, n}), n < 19 ? ERR_TAG : ERR_TRUNCATED);
    }
    assert_int_equal(decode((struct view){whole.p, whole.n + 1}), ERR_TRAILING);
}

static void test_refuses(void **state)
{
    struct view whole = a_file(2);

    (void)state;
    buf[17] ^= 1; /* of another version */
    assert_int_equal(decode(whole), ERR_TAG);
    buf[17] ^= 1;
    buf[51] = 0;
    assert_int_equal(decode(whole), ERR_RANGE);
    buf[51] = EVIDENCE_FILE_NODES_MAX + 1;
    assert_int_equal(decode(whole), ERR_RANGE);
    whole = a_file(1);
    buf[56] = 0; /* no HELLO */
    assert_int_equal(decode(whole), ERR_LENGTH);
    buf[58] = 10; /* though the rest is a block then */
    memset(buf + 59, 0, 3);
    assert_int_equal(decode(whole), ERR_LENGTH);
    buf[57] = 0x11;
    assert_int_equal(decode(whole), ERR_LENGTH);
    whole = a_file(1);
    buf[63] = 0; /* no block */
    assert_int_equal(decode(whole), ERR_LENGTH);
    buf[63] = 1;
    buf[64] = 0x80;
    assert_int_equal(decode(whole), ERR_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
