/* EVIDENCE of a core: what is bound, who is answered, and that nothing waits. */
#include "core_fixture.h"

#include "enclave/attest/tsm_desk.h"
#include "enclave/core/core_answer.h"

#include <stdlib.h>
#include <string.h>

static struct core_fixture *f;
static struct tsm_desk *desk;
static struct evidence_answer answer;

static int up(void **state)
{
    (void)state;
    f = core_fixture_serving();
    if (desk == NULL) {
        desk = calloc(1, sizeof *desk);
    }
    assert_non_null(desk);
    tsm_desk_init(desk, NULL);
    f->core.desk = desk;
    return 0;
}

static int end(void **state)
{
    (void)state;
    free(desk);
    return 0;
}

static enum err ask(uint8_t purpose, uint8_t nonce)
{
    struct evidence_ask a = {.purpose = purpose};
    uint8_t body[64];
    struct writer w = wr_init(body, sizeof body);

    memset(a.nonce, nonce, sizeof a.nonce);
    evidence_ask_encode(&w, &a);
    TRY(core_fixture_call(f, FRAME_EVIDENCE, (struct view){body, w.len}));
    assert_int_equal(evidence_answer_decode(f->body, &answer), ERR_OK);
    return ERR_OK;
}

/* What quorate-tsm is asked next; its id. */
static uint64_t next(uint8_t data[TSM_REPORT_DATA_LEN])
{
    uint64_t id;

    return tsm_desk_next(desk, f->core.now.mono_ns, &id, data) ? id : 0;
}

static void put(uint64_t id, enum err e, const char *block)
{
    assert_int_equal(tsm_desk_put(desk, f->core.now.mono_ns, id, e,
                                  (struct view){(const uint8_t *)block, strlen(block)}),
                     ERR_OK);
}

/* REPORT_DATA as whoever asked computes it, of HELLO and its own nonce. */
static void test_what_is_bound(void **state)
{
    struct report_binding b = {.purpose = REPORT_ASKED, .role = REPORT_CORE, .place = 1};
    uint8_t want[REPORT_DATA_LEN];
    uint8_t got[TSM_REPORT_DATA_LEN];
    struct hello h;
    uint64_t id;

    (void)state;
    assert_int_equal(ask(REPORT_ASKED, 0x42), ERR_OK);
    assert_false(answer.here);
    assert_int_equal(answer.incarnation, 0);
    id = next(got);
    assert_true(id != 0);
    assert_int_equal(core_fixture_call(f, FRAME_HELLO, (struct view){NULL, 0}), ERR_OK);
    report_context_asked(f->body, b.context);
    assert_int_equal(hello_decode(f->body, &h), ERR_OK);
    memcpy(b.epoch_id, h.epoch_id, sizeof b.epoch_id);
    memcpy(b.identity, h.identity, sizeof b.identity);
    memset(b.nonce, 0x42, sizeof b.nonce);
    b.audit_key = (struct view){h.audit_key, sizeof h.audit_key};
    report_data_make(&b, want);
    assert_memory_equal(got, want, sizeof want);
    assert_int_equal(ask(REPORT_ASKED, 0x42), ERR_OK); /* the same question: no second wish */
    assert_false(answer.here);
    put(id, ERR_OK, "evidence");
    assert_int_equal(next(got), 0);
    assert_int_equal(ask(REPORT_ASKED, 0x42), ERR_OK);
    assert_true(answer.here);
    assert_int_equal(answer.block.n, 8);
    assert_memory_equal(answer.block.p, "evidence", 8);
    assert_int_equal(ask(REPORT_ASKED, 0x42), ERR_OK); /* given once: it is made anew */
    assert_false(answer.here);
}

static void test_several_who_ask(void **state)
{
    uint8_t data[TSM_REPORT_DATA_LEN];
    uint64_t id;

    (void)state;
    for (uint8_t i = 0; i < LIMIT_EVIDENCE_NONCES; i++) {
        assert_int_equal(ask(REPORT_ASKED, i), ERR_OK);
    }
    assert_int_equal(ask(REPORT_ASKED, 99), ERR_BUSY);
    assert_int_equal(ask(REPORT_ASKED, 2), ERR_OK);
    id = next(data);
    put(id, ERR_OK, "zero");
    assert_int_equal(ask(REPORT_ASKED, 99), ERR_BUSY); /* not fetched yet */
    assert_int_equal(ask(REPORT_ASKED, 0), ERR_OK);
    assert_true(answer.here);
    assert_int_equal(ask(REPORT_ASKED, 99), ERR_OK);
    assert_false(answer.here);
}

static void test_refused_and_silent(void **state)
{
    uint8_t data[TSM_REPORT_DATA_LEN];

    (void)state;
    assert_int_equal(ask(REPORT_ASKED, 1), ERR_OK);
    put(next(data), ERR_POLICY, "");
    assert_int_equal(ask(REPORT_ASKED, 1), ERR_POLICY);
    assert_int_equal(ask(REPORT_ASKED, 1), ERR_OK); /* another attempt */
    (void)tsm_desk_tick(desk, f->core.now.mono_ns + TSM_LIFE_NS);
    assert_int_equal(ask(REPORT_ASKED, 1), ERR_IO);
}

static void test_longest(void **state)
{
    static char block[EVIDENCE_MAX + 1];
    uint8_t data[TSM_REPORT_DATA_LEN];
    struct evidence_ask a = {.purpose = REPORT_ASKED};
    uint8_t body[64];
    struct writer w = wr_init(body, sizeof body);
    struct core_call call = {.head = {FRAME_EVIDENCE, 33, 7}};
    struct writer out = wr_init(f->reply, LIMIT_ANSWER_EVIDENCE);

    (void)state;
    memset(block, 'x', EVIDENCE_MAX);
    assert_int_equal(ask(REPORT_ASKED, 0), ERR_OK);
    put(next(data), ERR_OK, block);
    evidence_ask_encode(&w, &a);
    call.body = (struct view){body, w.len};
    assert_null(core_step(&f->core, &call, &out));
    assert_false(out.full);
    assert_int_equal(out.len, LIMIT_ANSWER_EVIDENCE);
}

static void test_refuses(void **state)
{
    (void)state;
    assert_int_equal(ask(REPORT_CHANNEL, 0), ERR_RANGE);
    assert_int_equal(ask(REPORT_TLS, 0), ERR_RANGE);
    assert_int_equal(ask(REPORT_EPOCH, 1), ERR_RANGE);
    assert_int_equal(ask(REPORT_EPOCH, 0), ERR_STATE); /* this core signs alone */
    f->core.desk = NULL;
    assert_int_equal(ask(REPORT_ASKED, 1), ERR_STATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_what_is_bound, up),
        cmocka_unit_test_setup(test_several_who_ask, up),
        cmocka_unit_test_setup(test_refused_and_silent, up),
        cmocka_unit_test_setup(test_longest, up),
        cmocka_unit_test_setup(test_refuses, up),
    };

    return cmocka_run_group_tests(tests, NULL, end);
}
