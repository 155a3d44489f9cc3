#include "testing.h"

#include "base/hex.h"
#include "crypto/hash.h"
#include "wire/ceremony_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A record of a ceremony of three nodes, two to sign, whose identity keys are 1, 2 and 3. */
static uint8_t good[CEREMONY_RECORD_MAX];
static uint8_t bytes[CEREMONY_RECORD_MAX + 1];
static size_t len;
static struct ceremony_record record;
static struct ceremony_scratch scratch;

static int load_file(const char *path)
{
    FILE *f = fopen(path, "rb");

    assert_non_null(f);
    len = fread(good, 1, sizeof good, f);
    assert_int_equal(fclose(f), 0);
    return len > 0 ? 0 : -1;
}

static int load(void **state)
{
    (void)state;
    return load_file(QUORATE_SOURCE "/fuzz/corpus/ceremony_record/two_of_three");
}

/* Three of three, who share a P-384 key, too. */
static int load_shared(void **state)
{
    (void)state;
    return load_file(QUORATE_SOURCE "/fuzz/corpus/ceremony_record/three_shared");
}

static struct view fresh(void)
{
    memcpy(bytes, good, len);
    return (struct view){bytes, len};
}

static void a_good_record(void **state, size_t want, const char *want_id)
{
    struct ceremony_finding findings[CEREMONY_CHECKS];
    uint8_t id[CEREMONY_HASH_LEN];
    char text[2 * CEREMONY_HASH_LEN + 1];

    (void)state;
    assert_int_equal(ceremony_record_decode(fresh(), &record), ERR_OK);
    assert_true(ceremony_record_verify(&record, &scratch, findings));
    for (size_t i = 0; i < CEREMONY_CHECKS; i++) {
        assert_int_equal(findings[i].err, ERR_OK);
    }
    ceremony_record_id(fresh(), id);
    hex_write((struct view){id, sizeof id}, text);
    assert_string_equal(text, want_id);
    assert_int_equal(len, want);
}

static void a_good_record_holds(void **state)
{
    a_good_record(state, 31784,
                  "5bc950850d52d4aa7726d122aa2136bff060ed846d862eba"
                  "7c79fd77bf3e3717cbaeac0690b7b491a1fb449906dbd523");
}

static void it_has_one_encoding(void **state)
{
    static uint8_t again[CEREMONY_RECORD_MAX];
    struct writer w = wr_init(again, sizeof again);
    struct view out;

    (void)state;
    assert_int_equal(ceremony_record_decode(fresh(), &record), ERR_OK);
    ceremony_record_encode(&w, &record.known, record.pk.p, record.classic);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_true(view_equal(out, fresh()));
}

static void it_is_read_exactly(void **state)
{
    (void)state;
    (void)fresh();
    for (size_t n = 0; n < len; n += 1 + n / 97) {
        assert_int_equal(ceremony_record_decode((struct view){bytes, n}, &record),
                         ERR_TRUNCATED);
        assert_int_equal(record.plan.total, 0);
    }
    bytes[len] = 0;
    assert_int_equal(ceremony_record_decode((struct view){bytes, len + 1}, &record),
                     ERR_TRAILING);
    bytes[0] = 2;
    assert_int_equal(ceremony_record_decode((struct view){bytes, len}, &record), ERR_VERSION);
}

static enum err of(const struct ceremony_msg *m, size_t at, uint8_t flip)
{
    bytes[m->whole.p - bytes + (ptrdiff_t)at] ^= flip;
    return ceremony_record_decode((struct view){bytes, len}, &record);
}

/* Each message has its place, and the body of its round. */
static void each_message_stands_where_it_must(void **state)
{
    static struct ceremony_record was;
    const struct ceremony_msg *const echo = was.known.msg[CEREMONY_ECHO];
    struct plan plan;

    (void)state;
    assert_int_equal(ceremony_record_decode(fresh(), &was), ERR_OK);
    assert_int_equal(of(&echo[1], 0, CEREMONY_ECHO ^ CEREMONY_RHO), ERR_TAG);
    (void)fresh();
    assert_int_equal(of(&echo[1], 1, 1 ^ 2), ERR_TAG);
    (void)fresh();
    assert_int_equal(of(&was.known.msg[CEREMONY_COMMIT][1], CEREMONY_HEADER_LEN + 48, 0x80),
                     ERR_ENCODING);
    (void)fresh();
    bytes[5] ^= 0x80; /* the plan is none */
    assert_int_equal(ceremony_record_decode((struct view){bytes, len}, &record),
                     plan_decode((struct view){&bytes[5], was.known.plan_bytes.n}, &plan));
}

/* Whatever byte is changed: it is no record any more, or it does not hold. */
static void no_byte_may_change(void **state)
{
    struct ceremony_finding findings[CEREMONY_CHECKS];
    unsigned read = 0;

    (void)state;
    for (size_t at = 0; at < len; at += 1 + len / 200) {
        (void)fresh();
        bytes[at] ^= 0x10;
        if (ceremony_record_decode((struct view){bytes, len}, &record) == ERR_OK) {
            read++;
            assert_false(ceremony_record_verify(&record, &scratch, findings));
        }
    }
    assert_true(read > 50);
}

/* ---- a record whose every signature is genuine, and which does not hold ---- */

static struct p384_signer *signer;
static struct p384_key keys[3];

static void make_keys(void)
{
    static const uint8_t seed[DRBG_SEED_LEN] = {9};
    void *memory = aligned_alloc(4096, p384_signer_size());

    assert_int_equal(p384_signer_init(memory, seed, &signer), ERR_OK);
    for (size_t i = 0; i < 3; i++) {
        uint8_t d[P384_SCALAR_LEN] = {0};

        d[sizeof d - 1] = (uint8_t)(i + 1);
        assert_int_equal(p384_key_from_scalar(signer, d, &keys[i]), ERR_OK);
    }
}

/* Changes the byte at an offset of a message's body, and signs it again. */
static void forge(uint8_t round, size_t node, size_t at)
{
    const struct ceremony_msg *m = &record.known.msg[round][node];
    uint8_t *body = &bytes[m->body.p - bytes];
    uint8_t *signature = &bytes[m->signature.p - bytes];
    uint8_t digest[P384_DIGEST_LEN];

    body[at] ^= 1;
    ceremony_msg_digest(record.known.epoch_id, m, digest);
    assert_int_equal(p384_sign(signer, &keys[node], digest, signature), ERR_OK);
    ceremony_msg_lower(signature);
}

struct forged {
    uint8_t round;
    size_t node, at;
    enum ceremony_check check;
    uint8_t accused;
};

/* One message is forged: this check fails, and no other is made after it. */
static void must_find(const struct forged *row)
{
    struct ceremony_finding findings[CEREMONY_CHECKS];

    assert_int_equal(ceremony_record_decode(fresh(), &record), ERR_OK);
    forge(row->round, row->node, row->at);
    assert_int_equal(ceremony_record_decode((struct view){bytes, len}, &record), ERR_OK);
    assert_false(ceremony_record_verify(&record, &scratch, findings));
    for (unsigned k = 0; k < CEREMONY_CHECKS; k++) {
        if (k < row->check) {
            assert_int_equal(findings[k].err, ERR_OK);
        } else if (k > row->check) {
            assert_int_equal(findings[k].err, ERR_STATE);
        }
    }
    assert_true(findings[row->check].err == ERR_MISMATCH ||
                findings[row->check].err == ERR_SIGNATURE);
    assert_int_equal(findings[row->check].accused, row->accused);
}

static void each_check_finds_its_own(void **state)
{
    static const struct forged rows[] = {
        {CEREMONY_ECHO, 1, 3, CEREMONY_CHECK_ECHO, 1},
        {CEREMONY_RHO, 2, 3, CEREMONY_CHECK_RHO, 2},
        {CEREMONY_T_COMMIT, 0, 1, CEREMONY_CHECK_T, CEREMONY_NOBODY},
        {CEREMONY_T_REVEAL, 1, 1, CEREMONY_CHECK_T, 1},
        {CEREMONY_DONE, 2, 0, CEREMONY_CHECK_DONE, 2},
        {CEREMONY_DONE, 0, 100, CEREMONY_CHECK_DONE, 0},
        {CEREMONY_TEST, 0, 60, CEREMONY_CHECK_TEST, 0},
    };
    struct ceremony_finding findings[CEREMONY_CHECKS];

    (void)state;
    make_keys();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        must_find(&rows[i]);
    }
    /* The key alone, which no message names. */
    (void)fresh();
    bytes[len - 1] ^= 1;
    assert_int_equal(ceremony_record_decode((struct view){bytes, len}, &record), ERR_OK);
    assert_false(ceremony_record_verify(&record, &scratch, findings));
    assert_int_equal(findings[CEREMONY_CHECK_KEY].err, ERR_MISMATCH);
    free(signer);
}

/* ---- a record with a P-384 key ---- */

static void a_shared_key_is_in_the_record(void **state)
{
    static const struct forged rows[] = {
        {CEREMONY_RHO, 2, 64 + 70, CEREMONY_CHECK_RHO, 2},  /* a point of the opening */
        {CEREMONY_RHO, 1, 64 + 170, CEREMONY_CHECK_RHO, 1}, /* its proof */
        {CEREMONY_COMMIT, 0, 60, CEREMONY_CHECK_ECHO, 0},   /* the commitment */
        {CEREMONY_TEST, 0, 50, CEREMONY_CHECK_TEST, 0},     /* who holds a share */
    };
    struct ceremony_finding findings[CEREMONY_CHECKS];

    a_good_record(state, 26377,
                  "47aeef76d84e7d7ec42411ea1d24028e2a1fb5adeda50c92"
                  "de45a8e607409a7f7b8a5690d9751a1da9620a68015d850c");
    it_has_one_encoding(state);
    assert_int_equal(
        ceremony_record_decode((struct view){bytes, len - record.classic.n}, &record),
        ERR_TRUNCATED);
    make_keys();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        must_find(&rows[i]);
    }
    for (size_t back = 1; back < record.classic.n; back += 48) { /* every point of it */
        (void)fresh();
        bytes[len - back] ^= 1;
        assert_int_equal(ceremony_record_decode((struct view){bytes, len}, &record), ERR_OK);
        assert_false(ceremony_record_verify(&record, &scratch, findings));
        assert_int_equal(findings[CEREMONY_CHECK_CLASSIC].err, ERR_MISMATCH);
    }
    free(signer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_record_holds),
        cmocka_unit_test(it_has_one_encoding),
        cmocka_unit_test(it_is_read_exactly),
        cmocka_unit_test(each_message_stands_where_it_must),
        cmocka_unit_test(no_byte_may_change),
        cmocka_unit_test(each_check_finds_its_own),
        cmocka_unit_test_setup(a_shared_key_is_in_the_record, load_shared),
    };

    return cmocka_run_group_tests(tests, load, NULL);
}
