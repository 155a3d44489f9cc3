/* A core's log as its host kept it, and every fault that a host can plant in it. */
#include "testing.h"

#include "client/audit/core_log.h"

#include <stdlib.h>
#include <string.h>

#define ENTRIES 10
#define PAGES 5

static struct p384_signer *signer;
static struct p384_key key, other_key;
static struct audit_log_page pages[PAGES + 1]; /* of two entries each */
static struct core_log_facts facts;
static uint8_t file[65536];

static int make(void **state)
{
    const uint8_t seed[DRBG_SEED_LEN] = {1};
    void *const memory = aligned_alloc(4096, p384_signer_size());

    (void)state;
    assert_non_null(memory);
    assert_int_equal(p384_signer_init(memory, seed, &signer), ERR_OK);
    assert_int_equal(p384_key_generate(signer, &key), ERR_OK);
    assert_int_equal(p384_key_generate(signer, &other_key), ERR_OK);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    free(signer);
    return 0;
}

static void sign(const struct p384_key *k, const struct audit_chain *c, struct audit_head *out)
{
    uint8_t digest[P384_DIGEST_LEN];

    audit_chain_digest(c, digest);
    out->seq = c->seq;
    memcpy(out->hash, c->hash, sizeof out->hash);
    assert_int_equal(p384_sign(signer, k, digest, out->signature), ERR_OK);
}

/* As a core gives it: the first head covers four entries, the others each their page's. */
static void fresh(const struct p384_key *k, uint8_t nonce)
{
    struct audit_chain c;
    uint8_t boot_nonce[BOOT_NONCE_LEN];

    memset(boot_nonce, nonce, sizeof boot_nonce);
    memset(pages, 0, sizeof pages);
    audit_chain_begin(&c, boot_nonce, k->public_key);
    for (size_t i = 0; i < PAGES; i++) {
        struct audit_log_page *const p = &pages[i];

        memcpy(p->boot_nonce, boot_nonce, sizeof boot_nonce);
        memcpy(p->audit_key, k->public_key, sizeof p->audit_key);
        p->first_seq = 1;
        p->n = 2;
        for (size_t j = 0; j < 2; j++) {
            p->entries[j] = (struct audit_entry){.seq = 2 * i + j + 1,
                                                 .time_ns = 1000 + (int64_t)(2 * i + j),
                                                 .event = AUDIT_STATE,
                                                 .b = CORE_SERVING,
                                                 .data_len = 3,
                                                 .data = {1, 2, 3}};
            audit_chain_add(&c, &p->entries[j]);
        }
        sign(k, &c, &p->head);
    }
    pages[0].head = pages[1].head;
}

static enum core_log_fault verify_file(struct view v)
{
    struct core_log l;

    core_log_begin(&l, &facts);
    return core_log_end(&l, core_log_take(&l, v));
}

/* Pages as a file of them. */
static struct view written(size_t first, size_t n)
{
    struct writer w = wr_init(file, sizeof file);

    wr_bytes(&w, AUDIT_FILE_MAGIC, sizeof AUDIT_FILE_MAGIC - 1);
    for (size_t i = first; i < first + n; i++) {
        const size_t at = w.len;

        wr_u32le(&w, 0);
        audit_log_page_encode(&w, &pages[i]);
        wr_patch_u32le(&w, at, (uint32_t)(w.len - at - 4));
    }
    assert_false(w.full);
    return (struct view){file, w.len};
}

static enum core_log_fault verify(size_t first, size_t n)
{
    return verify_file(written(first, n));
}

static int up(void **state)
{
    (void)state;
    fresh(&key, 0xb0);
    return 0;
}

static void test_all_of_it(void **state)
{
    (void)state;
    assert_int_equal(verify(0, PAGES), CORE_LOG_OK);
    assert_int_equal(facts.proven, ENTRIES);
    assert_int_equal(facts.signed_until, ENTRIES);
    assert_int_equal(facts.from_ns, 1000);
    assert_int_equal(facts.until_ns, 1000 + ENTRIES - 1);
    assert_false(facts.retired);
    assert_memory_equal(facts.audit_key, key.public_key, sizeof facts.audit_key);
    pages[PAGES] = pages[PAGES - 1]; /* a page that was asked for once more, with nothing new */
    pages[PAGES].n = 0;
    assert_int_equal(verify(0, PAGES + 1), CORE_LOG_OK);
    assert_int_equal(verify(0, 2), CORE_LOG_OK); /* what it was before */
    assert_int_equal(facts.proven, 4);
}

/* Each field of each entry, and the head, whichever it is. */
static void test_altered(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAGES; i++) {
        for (unsigned what = 0; what < 6; what++) {
            struct audit_entry *e;

            fresh(&key, 0xb0);
            e = &pages[i].entries[1];
            e->time_ns ^= what == 0;
            e->event = (uint16_t)(e->event ^ (what == 1));
            e->a ^= what == 2;
            e->b ^= what == 3;
            e->data[2] ^= what == 4;
            e->data_len = (uint8_t)(e->data_len - (what == 5));
            assert_int_equal(verify(0, PAGES), CORE_LOG_ALTERED);
            assert_true(facts.proven <= 2 * i); /* what was before it stands */
        }
    }
}

static void test_missing(void **state)
{
    (void)state;
    pages[2].entries[0] = pages[2].entries[1]; /* entry 5 */
    pages[2].n = 1;
    assert_int_equal(verify(0, PAGES), CORE_LOG_MISSING);
    assert_int_equal(facts.at, 4);
    assert_int_equal(facts.proven, 4);
    fresh(&key, 0xb0);
    pages[2].n = 1; /* entry 6 */
    assert_int_equal(verify(0, PAGES), CORE_LOG_MISSING);
    assert_int_equal(facts.at, 5);
    fresh(&key, 0xb0);
    pages[3] = pages[4]; /* a page */
    assert_int_equal(verify(0, PAGES - 1), CORE_LOG_MISSING);
    fresh(&key, 0xb0);
    assert_int_equal(verify(1, PAGES - 1), CORE_LOG_MISSING); /* from the start on */
    assert_int_equal(facts.at, 0);
}

static void test_reordered(void **state)
{
    struct audit_log_page p;
    struct audit_entry e;

    (void)state;
    p = pages[2];
    pages[2] = pages[3];
    pages[3] = p;
    assert_int_equal(verify(0, PAGES), CORE_LOG_MISSING);
    fresh(&key, 0xb0);
    pages[PAGES] = pages[1]; /* once more at the end */
    assert_int_equal(verify(0, PAGES + 1), CORE_LOG_ORDER);
    fresh(&key, 0xb0);
    e = pages[2].entries[0]; /* two change places, and take each other's number */
    e.a = 7;
    e.seq = 6;
    pages[2].entries[0] = pages[2].entries[1];
    pages[2].entries[0].seq = 5;
    pages[2].entries[1] = e;
    assert_int_equal(verify(0, PAGES), CORE_LOG_ALTERED);
}

/* Signed entries are missing at the end; unsigned ones cannot stand there. */
static void test_truncated(void **state)
{
    (void)state;
    assert_int_equal(verify(0, 1), CORE_LOG_CUT); /* its head names entry 4 */
    assert_int_equal(facts.at, 2);
    assert_int_equal(facts.signed_until, 4);
    assert_int_equal(facts.proven, 0);
    fresh(&key, 0xb0);
    pages[4].n = 1;
    assert_int_equal(verify(0, PAGES), CORE_LOG_CUT);
    assert_int_equal(facts.at, 9);
    assert_int_equal(facts.proven, 8);
    fresh(&key, 0xb0);
    pages[4].head = pages[3].head; /* entries that no head covers */
    assert_int_equal(verify(0, PAGES), CORE_LOG_FORM);
    fresh(&key, 0xb0);
    (void)verify(0, PAGES);
    for (size_t n = 0; n < 1000; n += 37) { /* in the middle of a page */
        struct view cut = {file, n};

        assert_true(verify_file(cut) != CORE_LOG_OK);
    }
}

/* Pages, or a head, of another start, of another key, or of nobody. */
static void test_of_others(void **state)
{
    static struct audit_log_page others[PAGES];

    (void)state;
    fresh(&key, 0xb1);
    memcpy(others, pages, sizeof others);
    fresh(&key, 0xb0);
    pages[2] = others[2];
    assert_int_equal(verify(0, PAGES), CORE_LOG_BOOT);
    fresh(&key, 0xb0);
    pages[2].head = others[2].head; /* genuine there */
    assert_int_equal(verify(0, PAGES), CORE_LOG_SIGNATURE);
    fresh(&other_key, 0xb0);
    memcpy(others, pages, sizeof others);
    fresh(&key, 0xb0);
    pages[4] = others[4];
    assert_int_equal(verify(0, PAGES), CORE_LOG_KEY);
    fresh(&key, 0xb0);
    pages[4].head = others[4].head;
    assert_int_equal(verify(0, PAGES), CORE_LOG_SIGNATURE);
    fresh(&key, 0xb0);
    pages[4].head.signature[5] ^= 1;
    assert_int_equal(verify(0, PAGES), CORE_LOG_SIGNATURE);
    fresh(&key, 0xb0);
    pages[0].head.hash[0] ^= 1;
    assert_int_equal(verify(0, PAGES), CORE_LOG_SIGNATURE);
    assert_int_equal(core_log_fault_err(CORE_LOG_SIGNATURE), ERR_SIGNATURE);
}

/* A core that was copied told two things of one number: one file has only one of them. */
static void test_two_histories(void **state)
{
    struct audit_log_page p;
    struct audit_chain c;

    (void)state;
    audit_chain_begin(&c, pages[0].boot_nonce, pages[0].audit_key);
    for (size_t i = 0; i < PAGES; i++) {
        pages[i].entries[1].a = 9;
        audit_chain_add(&c, &pages[i].entries[0]);
        audit_chain_add(&c, &pages[i].entries[1]);
        sign(&key, &c, &pages[i].head);
    }
    p = pages[4];
    fresh(&key, 0xb0);
    pages[4] = p;
    assert_int_equal(verify(0, PAGES), CORE_LOG_ALTERED);
}

static void test_retired(void **state)
{
    struct audit_chain c;

    (void)state;
    pages[4].entries[1].b = CORE_RETIRED;
    audit_chain_begin(&c, pages[0].boot_nonce, pages[0].audit_key);
    for (size_t i = 0; i < PAGES; i++) {
        audit_chain_add(&c, &pages[i].entries[0]);
        audit_chain_add(&c, &pages[i].entries[1]);
    }
    sign(&key, &c, &pages[4].head);
    assert_int_equal(verify(0, PAGES), CORE_LOG_OK);
    assert_true(facts.retired);
    assert_int_equal(verify(0, PAGES - 1), CORE_LOG_OK);
    assert_false(facts.retired);
}

/* Both entries of each order, as far as they are proven. */
static void test_reenrolled(void **state)
{
    struct audit_chain c;
    struct audit_entry *const e = pages[2].entries;

    (void)state;
    e[0].event = AUDIT_REENROL;
    e[0].a = 5;
    e[0].b = 2;
    e[0].data_len = AUDIT_HASH_LEN;
    memset(e[0].data, 0x0d, AUDIT_HASH_LEN);
    e[1].event = AUDIT_REENROL_BY;
    e[1].a = 5;
    e[1].b = 7;
    e[1].data_len = PLAN_PLATFORM_LEN;
    memset(e[1].data, 0x3c, PLAN_PLATFORM_LEN);
    pages[3].entries[0].event = AUDIT_REENROL; /* of a plan without a policy, and missed */
    pages[3].entries[0].a = 1;
    pages[3].entries[0].b = 9;
    pages[3].entries[0].data_len = AUDIT_HASH_LEN;
    pages[3].entries[1].event = AUDIT_REENROL_BY;
    pages[3].entries[1].a = 1;
    pages[3].entries[1].b = 0;
    pages[3].entries[1].data_len = 0;
    audit_chain_begin(&c, pages[0].boot_nonce, pages[0].audit_key);
    for (size_t i = 0; i < PAGES; i++) {
        audit_chain_add(&c, &pages[i].entries[0]);
        audit_chain_add(&c, &pages[i].entries[1]);
        sign(&key, &c, &pages[i].head);
    }
    assert_int_equal(verify(0, PAGES), CORE_LOG_OK);
    assert_int_equal(facts.n_reenrols, 2);
    assert_int_equal(facts.reenrols[0].seq, 6);
    assert_int_equal(facts.reenrols[0].index, 5);
    assert_int_equal(facts.reenrols[0].incarnation, 2);
    assert_int_equal(facts.reenrols[0].helpers, 7);
    assert_memory_equal(facts.reenrols[0].order, e[0].data, AUDIT_HASH_LEN);
    assert_memory_equal(facts.reenrols[0].machine, e[1].data, PLAN_PLATFORM_LEN);
    assert_int_equal(facts.reenrols[1].index, 1);
    assert_int_equal(facts.reenrols[1].incarnation, 9);
    assert_int_equal(facts.reenrols[1].helpers, 0);
    assert_int_equal(verify(0, 2), CORE_LOG_OK);
    assert_int_equal(facts.n_reenrols, 0);
    e[1].b ^= 1; /* what is not proven is not told */
    assert_int_equal(verify(0, PAGES), CORE_LOG_ALTERED);
    assert_int_equal(facts.n_reenrols, 0);
}

static void test_no_file(void **state)
{
    (void)state;
    assert_int_equal(verify_file((struct view){NULL, 0}), CORE_LOG_FORM);
    assert_int_equal(verify(0, 0), CORE_LOG_FORM);
    assert_string_equal(core_log_fault_text(CORE_LOG_OK), "ok");
    assert_int_equal(core_log_fault_err(CORE_LOG_OK), ERR_OK);
}

/* A log that goes on in another file, at any page: as if it were one. */
static void test_several_files(void **state)
{
    struct core_log l;
    enum core_log_fault f;

    (void)state;
    for (size_t cut = 1; cut < PAGES; cut++) {
        core_log_begin(&l, &facts);
        assert_int_equal(core_log_take(&l, written(0, cut)), CORE_LOG_OK);
        f = core_log_take(&l, written(cut, PAGES - cut));
        assert_int_equal(core_log_end(&l, f), CORE_LOG_OK);
        assert_int_equal(facts.proven, ENTRIES);
        assert_int_equal(facts.until_ns, 1000 + ENTRIES - 1);
        core_log_begin(&l, &facts); /* the other way round */
        f = core_log_take(&l, written(cut, PAGES - cut));
        assert_int_equal(core_log_end(&l, f), CORE_LOG_MISSING);
        core_log_begin(&l, &facts); /* the same one twice */
        assert_int_equal(core_log_take(&l, written(0, cut)), CORE_LOG_OK);
        assert_int_equal(core_log_take(&l, written(0, cut)), CORE_LOG_ORDER);
    }
    core_log_begin(&l, &facts); /* one in between is gone */
    assert_int_equal(core_log_take(&l, written(0, 2)), CORE_LOG_OK);
    assert_int_equal(core_log_take(&l, written(3, 2)), CORE_LOG_MISSING);
    core_log_begin(&l, &facts); /* the rest of what a head covers is in a file not given */
    f = core_log_take(&l, written(0, 1));
    assert_int_equal(core_log_end(&l, f), CORE_LOG_CUT);
    core_log_begin(&l, &facts); /* of another start */
    assert_int_equal(core_log_take(&l, written(0, 3)), CORE_LOG_OK);
    fresh(&key, 0xb1);
    assert_int_equal(core_log_take(&l, written(3, 2)), CORE_LOG_BOOT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_all_of_it, up),
        cmocka_unit_test_setup(test_altered, up),
        cmocka_unit_test_setup(test_missing, up),
        cmocka_unit_test_setup(test_reordered, up),
        cmocka_unit_test_setup(test_truncated, up),
        cmocka_unit_test_setup(test_of_others, up),
        cmocka_unit_test_setup(test_two_histories, up),
        cmocka_unit_test_setup(test_retired, up),
        cmocka_unit_test_setup(test_reenrolled, up),
        cmocka_unit_test_setup(test_no_file, up),
        cmocka_unit_test_setup(test_several_files, up),
    };

    return cmocka_run_group_tests(tests, make, drop);
}
