/* The request of the classic key of several cores, whose shares are real. */
#include "unit/coord/classic_fixture.h"

#include "format/pem.h"
#include "host/csr/csr_classic.h"
#include "wire/csr_ask.h"

static struct shop *shop;
static uint8_t said[65536];
static unsigned refusals; /* of SIGN_CSR, before it is answered */
static unsigned pauses, asked_to_sign;

static enum err fill(void *self, uint8_t *out, size_t n)
{
    (void)self;
    tecdsa_noise(&shop->dealer.number, out, n);
    return ERR_OK;
}

static const struct entropy_source noise = {.fill = fill};

/* What this core signs of the request: it writes it itself. */
static enum err sign_csr(unsigned party, struct view body, struct writer *out)
{
    const struct csr_key k = {
        KEY_CLASSIC, shop->roster.epoch_id, {shop->dealer.public_key, P384_PUBLIC_LEN}};
    struct answer_call a = {.share = NULL};
    uint8_t bytes[CSR_INFO_MAX];
    uint8_t x[STAMP_X_LEN];
    struct csr_ask ask;
    struct view info;

    assert_int_equal(csr_ask_decode(body, &ask), ERR_OK);
    assert_int_equal(csr_ask_x(&ask, x), ERR_OK);
    assert_true(ask.key == KEY_CLASSIC && ask.t == TECDSA_T && ask.attempt > 0 &&
                ask.subject == CSR_SUBJECT_TSA);
    asked_to_sign++;
    a.share = shop_find(&shop->cores[party], ask.presign.p);
    if (refusals > 0) {
        refusals--;
        return ERR_STALE;
    }
    if (a.share == NULL) {
        return ERR_STALE;
    }
    assert_int_equal(csr_key_info(&k, bytes, &info), ERR_OK);
    hash_once(HASH_SHA384, info, a.digest);
    assert_int_equal(tecdsa_on_stack(answer_on_stack, &a), ERR_OK);
    a.answer.w[9] ^= shop->cores[party].manner == WRONG_W;
    wr_bytes(out, &a.answer, sizeof a.answer);
    return ERR_OK;
}

static enum err ask_core(void *user, unsigned party, enum frame_type type, struct view body,
                         struct view *answer)
{
    struct writer out = wr_init(said, sizeof said);

    (void)user;
    if (shop->cores[party].manner == SILENT) {
        return ERR_DEADLINE;
    }
    if (type == FRAME_PRESIGN_LIST) {
        write_listed(&shop->cores[party], body, &out);
    } else if (type == FRAME_R1) {
        write_r1s(shop, party, body, &out);
    } else {
        assert_int_equal(type, FRAME_SIGN_CSR);
        TRY(sign_csr(party, body, &out));
    }
    return wr_finish(&out, answer);
}

/* The first record comes after a while. */
static void rest(void *user, unsigned ms)
{
    (void)user;
    assert_int_equal(ms, CSR_CLASSIC_PAUSE_MS);
    if (++pauses == 5) {
        shop_deal(shop, 0x15);
    }
}

static enum err run(struct csr_classic *q)
{
    static uint8_t text[CSR_PEM_MAX];
    struct writer pem = wr_init(text, sizeof text);

    *q = (struct csr_classic){
        .roster = &shop->roster, .entropy = &noise, .ask = ask_core, .pause = rest};
    return csr_classic_sign(q, &pem); /* which verifies it */
}

static int begin(void **state)
{
    (void)state;
    refusals = 0;
    pauses = 0;
    asked_to_sign = 0;
    shop = shop_new(0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    shop_free(shop);
    return 0;
}

static void three_cores_sign_it(void **state)
{
    struct csr_classic q;

    (void)state;
    shop_deal(shop, 0x0b);
    assert_int_equal(run(&q), ERR_OK);
    assert_int_equal(q.attempts, 1);
    assert_int_equal(asked_to_sign, TECDSA_T);
}

static void the_first_presignature_is_waited_for(void **state)
{
    struct csr_classic q;

    (void)state;
    assert_int_equal(run(&q), ERR_OK);
    assert_int_equal(q.looks, 5);
    assert_int_equal(q.attempts, 1);
}

static void what_fails_is_begun_with_other_cores(void **state)
{
    struct csr_classic q;

    (void)state;
    shop_deal_all(shop, 1);
    shop->cores[0].manner = WRONG_W;
    shop->cores[3].manner = SILENT;
    refusals = 2;
    assert_int_equal(run(&q), ERR_OK);
    assert_true(q.attempts > 1 && q.attempts <= 8);
}

static void attempts_end(void **state)
{
    struct csr_classic q;

    (void)state;
    shop_deal_all(shop, 3);
    refusals = 1000;
    assert_int_equal(run(&q), ERR_STATE);
    assert_int_equal(q.attempts, CSR_ATTEMPTS_MAX);
}

static void without_a_presignature_there_is_none(void **state)
{
    struct csr_classic q;

    (void)state;
    pauses = 100;
    assert_int_equal(run(&q), ERR_NOSPACE);
    assert_int_equal(q.looks, CSR_CLASSIC_LOOKS_MAX);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(three_cores_sign_it),
        CASE(the_first_presignature_is_waited_for),
        CASE(what_fails_is_begun_with_other_cores),
        CASE(attempts_end),
        CASE(without_a_presignature_there_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
