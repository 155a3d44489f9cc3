/* AUDIT_LOG of a core: every event is in the chain that its audit key signs, from its first
 * moment on, and who asks often does not make it sign often. */
#include "core_fixture.h"

#include "enclave/core/core_parts.h"

#include <string.h>

#define S SECOND

static struct core_fixture *f;
static struct audit_log_page page;

static int up(void **state)
{
    (void)state;
    f = core_fixture_serving();
    return 0;
}

static enum err ask(uint64_t from_seq, uint16_t max)
{
    const struct audit_ask a = {from_seq, max};
    uint8_t body[16];
    struct writer w = wr_init(body, sizeof body);

    audit_ask_encode(&w, &a);
    TRY(core_fixture_call(f, FRAME_AUDIT_LOG, (struct view){body, w.len}));
    assert_int_equal(audit_log_page_decode(f->body, &page), ERR_OK);
    assert_memory_equal(page.boot_nonce, f->core.boot_nonce, BOOT_NONCE_LEN);
    assert_memory_equal(page.audit_key, f->audit_key.public_key, AUDIT_KEY_LEN);
    return ERR_OK;
}

/* The chain up to the page's last entry goes on in c. */
static void follow(struct audit_chain *c)
{
    for (size_t i = 0; i < page.n; i++) {
        assert_int_equal(page.entries[i].seq, c->seq + 1);
        audit_chain_add(c, &page.entries[i]);
    }
}

static void assert_signed(const struct audit_chain *c)
{
    uint8_t digest[P384_DIGEST_LEN];

    assert_int_equal(c->seq, page.head.seq);
    assert_memory_equal(c->hash, page.head.hash, AUDIT_HASH_LEN);
    audit_chain_digest(c, digest);
    assert_int_equal(p384_verify(page.audit_key, digest, page.head.signature), ERR_OK);
}

static void later(int64_t ns)
{
    false_clock_go(&f->clock, ns);
    core_tick(&f->core);
}

static void test_all_of_it(void **state)
{
    struct audit_chain c;

    (void)state;
    assert_int_equal(ask(1, WIRE_AUDIT_MAX), ERR_OK);
    assert_int_equal(page.first_seq, 1);
    assert_int_equal(page.n, f->core.audit.last_seq);
    assert_int_equal(page.entries[0].event, AUDIT_BOOT); /* before there was a key */
    audit_chain_begin(&c, page.boot_nonce, page.audit_key);
    follow(&c);
    assert_signed(&c);
    for (size_t i = 0; i < page.n; i++) {
        const struct audit_entry *const e = &page.entries[i];

        assert_int_equal(e->data_len, e->event == AUDIT_ACTIVATED ? ACTIVATION_HASH_LEN : 0);
        assert_memory_equal(e->data, f->core.certs[0].activation, e->data_len);
    }
}

static void test_page_by_page(void **state)
{
    struct audit_chain c;

    (void)state;
    assert_int_equal(ask(1, 2), ERR_OK);
    audit_chain_begin(&c, page.boot_nonce, page.audit_key);
    follow(&c);
    assert_int_equal(c.seq, 2);
    while (c.seq < page.head.seq) {
        assert_int_equal(ask(c.seq + 1, 2), ERR_OK);
        follow(&c);
    }
    assert_signed(&c);
    assert_int_equal(ask(c.seq + 1, 2), ERR_OK);
    assert_int_equal(page.n, 0);
    assert_signed(&c);
}

/* Entries that came after the last signature wait for the next one. */
static void test_signs_five_times_a_second(void **state)
{
    struct audit_head head;
    uint64_t had;

    (void)state;
    assert_int_equal(ask(1, 1), ERR_OK);
    head = page.head;
    core_audit(&f->core, AUDIT_CLOCK, 0, 0);
    had = f->entropy.calls;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(ask(head.seq + 1, 9), ERR_OK);
        assert_int_equal(page.n, 0);
        assert_memory_equal(&page.head, &head, sizeof head);
    }
    assert_int_equal(f->entropy.calls, had);
    later(S / 5);
    assert_int_equal(ask(head.seq + 1, 9), ERR_OK);
    assert_true(page.head.seq > head.seq && page.n == page.head.seq - head.seq);
    head = page.head;
    later(3 * S); /* nothing new: the same head */
    assert_int_equal(ask(1, 1), ERR_OK);
    assert_memory_equal(&page.head, &head, sizeof head);
}

/* What was overwritten is not there, and the head says that it was. */
static void test_overwritten(void **state)
{
    struct audit_chain c;
    uint64_t last;

    (void)state;
    assert_int_equal(ask(1, 1), ERR_OK);
    audit_chain_begin(&c, page.boot_nonce, page.audit_key);
    for (unsigned i = 0; i < 2 * LIMIT_AUDIT_RING; i++) {
        core_audit(&f->core, AUDIT_CLOCK, i, 0);
    }
    last = f->core.audit.last_seq;
    assert_int_equal(ask(1, WIRE_AUDIT_MAX), ERR_OK); /* at once: no entry of the old is left */
    assert_int_equal(page.head.seq, last);
    assert_int_equal(page.first_seq, last - LIMIT_AUDIT_RING + 1);
    assert_int_equal(page.n, AUDIT_LOG_PAGE_MAX);
    assert_int_equal(page.entries[0].seq, page.first_seq);
    assert_int_equal(ask(last, 5), ERR_OK);
    assert_int_equal(page.n, 1);
    assert_int_equal(ask(UINT64_MAX, 5), ERR_OK);
    assert_int_equal(page.n, 0);
}

static void test_refuses(void **state)
{
    static const char *const policy = "1,classic,1.3.6.1.4.1.32473.3161.1.91,3,100,1000";

    (void)state;
    assert_int_equal(ask(1, 0), ERR_RANGE);
    assert_int_equal(ask(1, WIRE_AUDIT_MAX + 1), ERR_RANGE);
    assert_int_equal(core_fixture_call(f, FRAME_AUDIT_LOG, (struct view){NULL, 0}),
                     ERR_TRUNCATED);
    f->entropy.fail_at = f->entropy.calls + 1;
    later(S);
    core_audit(&f->core, AUDIT_CLOCK, 0, 0);
    assert_int_equal(ask(1, 1), ERR_IO);
    f = core_fixture_boot(CLOCK_TRUST_SYSTEM, &policy, 1);
    assert_int_equal(ask(1, 1), ERR_STATE); /* no key yet */
    assert_int_equal(core_start(&f->core, ERR_BUG, &f->public), ERR_BUG);
    assert_int_equal(ask(1, 1), ERR_STATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_all_of_it, up),
        cmocka_unit_test_setup(test_page_by_page, up),
        cmocka_unit_test_setup(test_signs_five_times_a_second, up),
        cmocka_unit_test_setup(test_overwritten, up),
        cmocka_unit_test_setup(test_refuses, up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
