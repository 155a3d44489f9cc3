/* The signed log's bytes: entries, the chain, pages, and files of pages. */
#include "testing.h"

#include "base/hex.h"
#include "wire/audit_log.h"
#include "wire/frame.h"

#include <stdlib.h>
#include <string.h>

static uint8_t boot_nonce[BOOT_NONCE_LEN], audit_key[P384_PUBLIC_LEN];
static uint8_t buf[FRAME_BODY_MAX];

static void is_golden(struct view got, const char *want)
{
    char text[512];

    assert_true(2 * got.n < sizeof text);
    hex_write(got, text);
    assert_string_equal(text, want);
}

static struct audit_entry entry(uint64_t seq, uint8_t data_len)
{
    struct audit_entry e = {.seq = seq,
                            .time_ns = 1790000000000000000,
                            .event = AUDIT_ATTESTED,
                            .a = 2,
                            .b = 5,
                            .data_len = data_len};

    memset(e.data, 0xda, data_len);
    return e;
}

static int up(void **state)
{
    (void)state;
    memset(boot_nonce, 0xb0, sizeof boot_nonce);
    memset(audit_key, 0xad, sizeof audit_key);
    return 0;
}

static void test_golden(void **state)
{
    struct writer w = wr_init(buf, sizeof buf);
    const struct audit_entry e = entry(1, 2);
    struct audit_chain c;
    uint8_t digest[P384_DIGEST_LEN];

    (void)state;
    audit_entry_encode(&w, &e);
    is_golden((struct view){buf, w.len}, "0100000000000000"
                                         "0000f323845bd718"
                                         "1500"
                                         "0200000000000000"
                                         "0500000000000000"
                                         "0200dada");
    audit_chain_begin(&c, boot_nonce, audit_key);
    is_golden((struct view){c.hash, sizeof c.hash},
              "a81a11677b65d5a7bfe65f16961a84335701143d8197d4cda9734508daf04f89f0e67ccea31ebab5"
              "2871dcc012ac92b7");
    audit_chain_add(&c, &e);
    assert_int_equal(c.seq, 1);
    is_golden((struct view){c.hash, sizeof c.hash},
              "a330b423875cd5954b4232cc863530aed58e1354da6f7cb3948edabc96062cbf40c68552f880186f"
              "cd98377342d89f7a");
    audit_chain_digest(&c, digest);
    is_golden((struct view){digest, sizeof digest},
              "5ead235333e245b39c33b1b302a218a94cf8c4ca1a85f9aaddefb6ca71a1292e6f52e911e997949e"
              "b416b840dc608d31");
}

/* Nothing of an entry, and no earlier entry, can change without the hash. */
static void test_chain_covers_all(void **state)
{
    const struct audit_entry good = entry(1, 64);
    struct audit_chain want;
    struct audit_chain c;

    (void)state;
    audit_chain_begin(&want, boot_nonce, audit_key);
    audit_chain_add(&want, &good);
    for (unsigned i = 0; i < 7; i++) {
        struct audit_entry e = good;
        uint8_t nonce[BOOT_NONCE_LEN];

        memcpy(nonce, boot_nonce, sizeof nonce);
        nonce[31] ^= i == 0;
        e.time_ns ^= i == 1;
        e.event = (uint16_t)(e.event ^ (i == 2));
        e.a ^= i == 3;
        e.b ^= i == 4;
        e.data[63] ^= i == 5;
        e.data_len = (uint8_t)(e.data_len - (i == 6));
        audit_chain_begin(&c, nonce, audit_key);
        audit_chain_add(&c, &e);
        assert_memory_not_equal(c.hash, want.hash, sizeof c.hash);
    }
    audit_key[96] ^= 1;
    audit_chain_begin(&c, boot_nonce, audit_key);
    audit_chain_add(&c, &good);
    assert_memory_not_equal(c.hash, want.hash, sizeof c.hash);
}

static struct view a_page(size_t n, uint64_t first, uint64_t head)
{
    static struct audit_log_page p;
    struct writer w = wr_init(buf, sizeof buf);

    memset(&p, 0, sizeof p);
    memcpy(p.boot_nonce, boot_nonce, sizeof boot_nonce);
    memcpy(p.audit_key, audit_key, sizeof audit_key);
    p.first_seq = first;
    p.head.seq = head;
    p.n = n;
    for (size_t i = 0; i < n; i++) {
        p.entries[i] = entry(3 + i, (uint8_t)(i % (AUDIT_DATA_MAX + 1)));
    }
    audit_log_page_encode(&w, &p);
    assert_false(w.full);
    return (struct view){buf, w.len};
}

static enum err decode(struct view body)
{
    static struct audit_log_page p;
    static const struct audit_log_page none;
    uint8_t *const cut = malloc(body.n + 1); /* a block of its own: a read past it is seen */
    enum err e;

    assert_non_null(cut);
    memcpy(cut, body.p, body.n);
    e = audit_log_page_decode((struct view){cut, body.n}, &p);
    free(cut);
    if (e != ERR_OK) {
        assert_memory_equal(&p, &none, sizeof p);
    }
    return e;
}

static void test_pages(void **state)
{
    struct view body = a_page(AUDIT_LOG_PAGE_MAX, 3, 130);

    (void)state;
    assert_int_equal(decode(body), ERR_OK);
    for (size_t n = 0; n < body.n; n++) {
        assert_int_equal(decode((struct view){body.p, n}), ERR_TRUNCATED);
    }
    buf[body.n] = 0;
    assert_int_equal(decode((struct view){buf, body.n + 1}), ERR_TRAILING);
    assert_int_equal(decode(a_page(0, 1, 1)), ERR_OK);
    assert_int_equal(decode(a_page(2, 3, 4)), ERR_OK);
    assert_int_equal(decode(a_page(2, 3, 3)), ERR_RANGE); /* after the head */
    assert_int_equal(decode(a_page(2, 4, 9)), ERR_RANGE); /* before what is left */
    assert_int_equal(decode(a_page(0, 0, 9)), ERR_RANGE);
    assert_int_equal(decode(a_page(0, 4, 3)), ERR_RANGE);
    body = a_page(2, 3, 9);
    buf[body.n - 37] = 7; /* the second entry's number */
    assert_int_equal(decode(body), ERR_RANGE);
    body = a_page(1, 3, 9);
    buf[body.n - 2] = AUDIT_DATA_MAX + 1;
    assert_int_equal(decode(body), ERR_LENGTH);
    body = a_page(0, 3, 9);
    buf[body.n - 2] = AUDIT_LOG_PAGE_MAX + 1;
    assert_int_equal(decode(body), ERR_RANGE);
}

static void test_files(void **state)
{
    static const char text[] = AUDIT_FILE_MAGIC "\x03\0\0\0abc\0\0\0\0\x02\0\0\0a";
    struct view file = {(const uint8_t *)text, sizeof text - 1};
    struct reader r;
    struct view page;

    (void)state;
    assert_int_equal(audit_file_begin(file, &r), ERR_OK);
    assert_int_equal(audit_file_next(&r, &page), ERR_OK);
    assert_int_equal(page.n, 3);
    assert_memory_equal(page.p, "abc", 3);
    assert_int_equal(audit_file_next(&r, &page), ERR_OK);
    assert_int_equal(page.n, 0);
    assert_int_equal(audit_file_next(&r, &page), ERR_TRUNCATED);
    file.n = 15;
    assert_int_equal(audit_file_begin(file, &r), ERR_TAG);
    file = (struct view){(const uint8_t *)"QUORATE-AUDIT-2\n", 16};
    assert_int_equal(audit_file_begin(file, &r), ERR_TAG);
    file.n = AUDIT_FILE_MAX + 1;
    assert_int_equal(audit_file_begin(file, &r), ERR_LENGTH);
    r = rd_init((struct view){(const uint8_t *)"\1\0\1\0", 4});
    assert_int_equal(audit_file_next(&r, &page), ERR_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_golden, up),
        cmocka_unit_test_setup(test_chain_covers_all, up),
        cmocka_unit_test_setup(test_pages, up),
        cmocka_unit_test_setup(test_files, up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
