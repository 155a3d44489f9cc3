#include "testing.h"

#include "base/hex.h"
#include "crypto/hash.h"
#include "wire/pq1_msg.h"

#include <string.h>

static uint8_t ek[PQ1_EK_LEN], ct[2][PQ1_CT_LEN];
static uint8_t buf[PQ1_RECORD_OVERHEAD + PQ1_PLAIN_MAX + 1];

static void is_hex(const uint8_t *p, size_t n, const char *hex)
{
    uint8_t want[256];
    size_t len = 0;

    assert_int_equal(hex_parse(hex, want, sizeof want, &len), ERR_OK);
    assert_int_equal(n, len);
    assert_memory_equal(p, want, n);
}

static struct pq1_hello sample_hello(uint8_t from, uint8_t to)
{
    struct pq1_hello h = {.ends = {.from = from, .to = to, .inc_from = 1, .inc_to = 0x01020304},
                          .ek = {ek, sizeof ek}};

    memset(h.ends.epoch_id, 0xe0, sizeof h.ends.epoch_id);
    memset(h.nonce, 0x40 + from, sizeof h.nonce);
    memset(ek, 0x50, sizeof ek);
    memset(h.ec, 0x60, sizeof h.ec);
    h.ec[0] = 0x04;
    return h;
}

/* docs/wire.md 5: a Hello from 2 to 5. */
static void hello_has_its_golden_bytes(void **state)
{
    const struct pq1_hello h = sample_hello(2, 5);
    struct writer w = wr_init(buf, sizeof buf);
    struct pq1_hello got;
    struct view out;

    (void)state;
    pq1_hello_encode(&w, &h);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(out.n, PQ1_HELLO_LEN);
    is_hex(out.p, 95,
           "01e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0"
           "e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e002050100000004030201"
           "424242424242424242424242424242424242424242424242424242424242424250505050");
    is_hex(out.p + 1275, 4, "04606060");
    assert_int_equal(pq1_hello_decode(out, &got), ERR_OK);
    assert_memory_equal(&got.ends, &h.ends, sizeof got.ends);
    assert_memory_equal(got.ec, h.ec, sizeof got.ec);
    assert_int_equal(got.ek.n, PQ1_EK_LEN);
    assert_ptr_equal(got.ek.p, out.p + 91);
}

static void kem_and_finished_have_their_golden_bytes(void **state)
{
    struct writer w = wr_init(buf, sizeof buf);
    struct pq1_finished f;
    struct pq1_finished got;
    struct view out;
    const struct pq1_kem k = {{ct[0], PQ1_CT_LEN}, {NULL, 0}};
    struct pq1_kem c;

    (void)state;
    memset(ct[0], 0x70, PQ1_CT_LEN);
    pq1_kem_encode(&w, &k);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(out.n, PQ1_KEM_LEN);
    is_hex(out.p, 4, "02707070");
    assert_int_equal(pq1_kem_decode(out, &c), ERR_OK);
    assert_ptr_equal(c.ct.p, out.p + 1);
    assert_int_equal(c.ct.n, PQ1_CT_LEN);
    assert_int_equal(c.evidence.n, 0);

    memset(f.signature, 0x80, sizeof f.signature);
    memset(f.mac, 0x90, sizeof f.mac);
    w = wr_init(buf, sizeof buf);
    pq1_finished_encode(&w, &f);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(out.n, PQ1_FINISHED_LEN);
    is_hex(out.p, 3, "038080");
    is_hex(out.p + 96, 2, "8090");
    assert_int_equal(pq1_finished_decode(out, &got), ERR_OK);
    assert_memory_equal(&got, &f, sizeof got);
}

/* Behind the KEM stands the block of an attested channel, of whatever length a block may have.
 */
static void a_kem_may_have_evidence(void **state)
{
    static uint8_t whole[PQ1_ATTESTED_MAX + 1] = {PQ1_KEM};
    static uint8_t block[EVIDENCE_MAX];
    struct pq1_kem k = {{ct[0], PQ1_CT_LEN}, {block, 3}};
    struct writer w = wr_init(whole, sizeof whole);
    struct pq1_kem got;
    struct view out;

    (void)state;
    memset(block, 0xb0, sizeof block);
    pq1_kem_encode(&w, &k);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(out.n, PQ1_KEM_LEN + 3);
    is_hex(&out.p[PQ1_KEM_LEN], 3, "b0b0b0");
    assert_int_equal(pq1_kem_decode(out, &got), ERR_OK);
    assert_ptr_equal(got.evidence.p, &out.p[PQ1_KEM_LEN]);
    assert_int_equal(got.evidence.n, 3);
    assert_int_equal(pq1_kem_decode((struct view){whole, PQ1_ATTESTED_MAX}, &got), ERR_OK);
    assert_int_equal(got.evidence.n, EVIDENCE_MAX);
    assert_int_equal(pq1_kem_decode((struct view){whole, sizeof whole}, &got), ERR_LENGTH);
    assert_int_equal(got.ct.n, 0);
}

/* Worked out by a second implementation: a script over hashlib. */
static void transcript_has_its_golden_hash(void **state)
{
    static uint8_t hello[2][PQ1_HELLO_LEN];
    uint8_t identity[2][P384_PUBLIC_LEN];
    uint8_t evidence[2][PQ1_HASH_LEN];
    uint8_t spki[PQ1_HASH_LEN];
    uint8_t th[PQ1_HASH_LEN];
    struct pq1_transcript t;

    (void)state;
    for (uint8_t i = 0; i < 2; i++) {
        const struct pq1_hello h = sample_hello(i == 0 ? 2 : 5, i == 0 ? 5 : 2);
        struct writer w = wr_init(hello[i], PQ1_HELLO_LEN);

        pq1_hello_encode(&w, &h);
        t.hello[i] = (struct view){hello[i], PQ1_HELLO_LEN};
        memset(ct[i], 0x70 + i, PQ1_CT_LEN);
        t.ct[i] = (struct view){ct[i], PQ1_CT_LEN};
        memset(identity[i], 0xa0 + i, P384_PUBLIC_LEN);
        t.identity[i] = identity[i];
        hash_once(HASH_SHA384, (struct view){NULL, 0}, evidence[i]);
        evidence[i][0] ^= i;
        t.evidence[i] = evidence[i];
    }
    pq1_spki_hash(identity[0], spki);
    is_hex(spki, sizeof spki,
           "6d5f361261f9aab975f3bda870040e6bfe9f727cd5a46571a79581a0543772e2"
           "b133c4e22ff6b4f4a5b050acd028ba81");
    pq1_transcript_hash(&t, th);
    is_hex(th, sizeof th,
           "74f74e976202a6c79651e13d01a932b46df1d92d68e8f2c4e8b3623815024549"
           "4f957a376ad166947f511d73a8286c53");
}

static void record_has_its_golden_bytes(void **state)
{
    struct pq1_record r = {.type = 0x21, .round = 0x06, .seq = 0x0000000001020304};
    struct pq1_ends ends = {.from = 2, .to = 5, .inc_from = 1, .inc_to = 7};
    struct writer w = wr_init(buf, sizeof buf);
    struct pq1_record got;
    struct view out;

    (void)state;
    memset(r.session, 0x55, sizeof r.session);
    memset(ends.epoch_id, 0xe0, sizeof ends.epoch_id);
    pq1_record_head_encode(&w, &r);
    wr_bytes(&w, ct[0], 20);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(out.n, PQ1_RECORD_HEAD_LEN + 20);
    is_hex(out.p, PQ1_RECORD_HEAD_LEN,
           "042106555555555555555555555555555555555555555555555555"
           "5555555555555555555555555555555555555555555555550403020100000000");
    assert_int_equal(pq1_record_decode(out, &got), ERR_OK);
    assert_int_equal(got.type, r.type);
    assert_int_equal(got.round, r.round);
    assert_int_equal(got.seq, r.seq);
    assert_int_equal(got.sealed.n, 20);

    w = wr_init(buf, sizeof buf);
    pq1_aad_encode(&w, &ends, &r);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(out.n, PQ1_AAD_LEN);
    is_hex(out.p, PQ1_AAD_LEN,
           "71756f726174652d7071312d726563e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0"
           "e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0020501000000070000002106"
           "555555555555555555555555555555555555555555555555"
           "5555555555555555555555555555555555555555555555550403020100000000");
}

/* Every prefix, another type, one byte too many. */
static void decoders_take_one_length_and_type(void **state)
{
    static const size_t lengths[] = {PQ1_HELLO_LEN, PQ1_KEM_LEN, PQ1_FINISHED_LEN};
    struct pq1_hello h;
    struct pq1_finished f;
    struct pq1_kem c;

    (void)state;
    for (uint8_t which = 0; which < 3; which++) {
        for (size_t n = 0; n <= lengths[which] + 1; n++) {
            const struct view v = {buf, n};
            const bool with_block = which == 1 && n > lengths[which];
            const enum err want = n == lengths[which] || with_block ? ERR_OK : ERR_LENGTH;

            buf[0] = (uint8_t)(which + 1);
            assert_int_equal(which == 0   ? pq1_hello_decode(v, &h)
                             : which == 1 ? pq1_kem_decode(v, &c)
                                          : pq1_finished_decode(v, &f),
                             want);
        }
        buf[0] = 0x14;
        assert_int_equal(which == 0   ? pq1_hello_decode((struct view){buf, lengths[0]}, &h)
                         : which == 1 ? pq1_kem_decode((struct view){buf, lengths[1]}, &c)
                                      : pq1_finished_decode((struct view){buf, lengths[2]}, &f),
                         ERR_TAG);
    }
}

static void records_have_their_limits(void **state)
{
    struct pq1_record r;

    (void)state;
    memset(buf, 0, sizeof buf);
    buf[0] = PQ1_RECORD;
    for (size_t n = 0; n < PQ1_RECORD_OVERHEAD; n++) {
        assert_int_equal(pq1_record_decode((struct view){buf, n}, &r), ERR_TRUNCATED);
    }
    assert_int_equal(pq1_record_decode((struct view){buf, PQ1_RECORD_OVERHEAD}, &r), ERR_OK);
    assert_int_equal(
        pq1_record_decode((struct view){buf, PQ1_RECORD_OVERHEAD + PQ1_PLAIN_MAX}, &r), ERR_OK);
    assert_int_equal(
        pq1_record_decode((struct view){buf, PQ1_RECORD_OVERHEAD + PQ1_PLAIN_MAX + 1}, &r),
        ERR_LENGTH);
    memset(buf + 51, 0xff, 4); /* seq 2^32 - 1: the last */
    assert_int_equal(pq1_record_decode((struct view){buf, PQ1_RECORD_OVERHEAD}, &r), ERR_OK);
    memset(buf + 51, 0, 4);
    buf[55] = 1;
    assert_int_equal(pq1_record_decode((struct view){buf, PQ1_RECORD_OVERHEAD}, &r), ERR_RANGE);
    buf[0] = PQ1_HELLO;
    assert_int_equal(pq1_record_decode((struct view){buf, PQ1_RECORD_OVERHEAD}, &r), ERR_TAG);
    assert_int_equal(r.sealed.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_has_its_golden_bytes),
        cmocka_unit_test(kem_and_finished_have_their_golden_bytes),
        cmocka_unit_test(a_kem_may_have_evidence),
        cmocka_unit_test(transcript_has_its_golden_hash),
        cmocka_unit_test(record_has_its_golden_bytes),
        cmocka_unit_test(decoders_take_one_length_and_type),
        cmocka_unit_test(records_have_their_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
