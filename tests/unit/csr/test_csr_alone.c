/* The request of one core's key, whose answers are made here. */
#include "csr_kit.h"

#include "host/csr/csr_alone.h"

static struct csr_alone run;
static struct csr_kit_key *key;
static struct csr_scratch *scratch;
static uint8_t epoch_id[EPOCH_ID_LEN];
static uint8_t text[CSR_PEM_MAX];
static struct writer pem;

static void start(enum sign_alg alg)
{
    static const uint8_t sid0[SID0_LEN] = {0x5d};

    memset(epoch_id, 0xe0, sizeof epoch_id);
    scratch = aligned_alloc(64, (sizeof *scratch + 63) / 64 * 64);
    assert_non_null(scratch);
    key = csr_kit_key_new(alg, 3);
    pem = wr_init(text, sizeof text);
    const struct csr_key k = {alg == SIGN_ML_DSA_65 ? KEY_PQ : KEY_CLASSIC, epoch_id,
                              csr_kit_public(key)};

    csr_alone_begin(&run, &k, 4, 7, sid0);
}

static void stop(void)
{
    csr_kit_key_free(key);
    free(scratch);
}

/* The core's answer to what is asked. */
static struct view answer(enum frame_type type, struct view body, uint8_t *out)
{
    struct writer w = wr_init(out, 4096);
    struct r1_body b = {.key = run.key.key, .index = 4, .hi_ns = 1};
    uint8_t info[CSR_INFO_MAX];
    uint8_t der[CSR_MAX];
    struct writer dw = wr_init(der, sizeof der);
    struct r1_ask r1;
    struct csr_ask ask;
    uint8_t x[STAMP_X_LEN];
    struct csr c;

    if (type == FRAME_R1) {
        assert_int_equal(r1_ask_decode(body, &r1), ERR_OK);
        assert_true(r1.key == run.key.key && r1.sid0.n == SID0_LEN && r1.sid0.p[0] == 0x5d);
        memcpy(b.epoch_id, r1.epoch_id, EPOCH_ID_LEN);
        memcpy(b.sid0, r1.sid0.p, SID0_LEN);
        wr_u8(&w, 1);
        r1_body_encode(&w, &b);
        return (struct view){out, w.len};
    }
    assert_int_equal(type, FRAME_SIGN_CSR);
    assert_int_equal(csr_ask_decode(body, &ask), ERR_OK);
    assert_int_equal(csr_ask_x(&ask, x), ERR_OK);
    assert_true(ask.attempt == 7 && ask.signers[0] == 4 && ask.subject == CSR_SUBJECT_TSA);
    csr_kit_sign(key, csr_kit_info(key->alg, csr_kit_public(key), info), &dw);
    assert_int_equal(csr_parse((struct view){der, dw.len}, &c), ERR_OK);
    if (key->alg == SIGN_ML_DSA_65) {
        wr_view(&w, c.signature);
    } else {
        uint8_t digest[HASH_MAX];

        hash_once(HASH_SHA384, c.info, digest);
        assert_int_equal(p384_sign(key->signer, &key->classic, digest, out), ERR_OK);
        w.len = P384_SIG_LEN;
    }
    return (struct view){out, w.len};
}

static enum err step(size_t spoilt)
{
    uint8_t body[CSR_ALONE_ASK_MAX];
    uint8_t said[4096];
    struct writer w = wr_init(body, sizeof body);
    const enum frame_type type = csr_alone_ask(&run, &w);
    struct view asked;
    struct view back;

    assert_int_equal(wr_finish(&w, &asked), ERR_OK);
    back = answer(type, asked, said);
    if (spoilt != 0) {
        said[spoilt] ^= 1;
    }
    return csr_alone_take(&run, back, scratch, &pem);
}

static void makes_a_request(void **state)
{
    static const enum sign_alg algs[] = {SIGN_ECDSA_P384_SHA384, SIGN_ML_DSA_65};

    for (size_t i = 0; i < 2; i++) {
        uint8_t der[CSR_MAX];
        struct view all;
        struct reader r;
        struct csr c;

        (void)state;
        start(algs[i]);
        assert_int_equal(step(0), ERR_OK);
        assert_false(run.done);
        assert_int_equal(step(0), ERR_OK);
        assert_true(run.done);
        r = rd_init((struct view){text, pem.len});
        assert_int_equal(pem_parse(&r, CSR_PEM_LABEL, der, sizeof der, &all), ERR_OK);
        assert_int_equal(csr_parse(all, &c), ERR_OK);
        assert_true(c.alg == algs[i] && r.n == 0);
        assert_int_equal(csr_verify(&c, scratch), ERR_OK);
        stop();
    }
}

static void takes_no_wrong_signature(void **state)
{
    (void)state;
    start(SIGN_ML_DSA_65);
    assert_int_equal(step(0), ERR_OK);
    assert_int_not_equal(step(100), ERR_OK);
    assert_true(!run.done && pem.len == 0);
    stop();
    start(SIGN_ECDSA_P384_SHA384);
    assert_int_equal(step(0), ERR_OK);
    assert_int_equal(csr_alone_take(&run, (struct view){text, 95}, scratch, &pem), ERR_LENGTH);
    assert_int_equal(step(50), ERR_SIGNATURE);
    assert_int_equal(csr_alone_take(&run, (struct view){text, 0}, scratch, &pem), ERR_LENGTH);
    assert_false(run.done);
    stop();
}

static void takes_one_r1(void **state)
{
    uint8_t two[1 + 2 * R1_BODY_LEN] = {2};

    (void)state;
    start(SIGN_ECDSA_P384_SHA384);
    assert_int_equal(csr_alone_take(&run, (struct view){two, sizeof two}, scratch, &pem),
                     ERR_RANGE);
    assert_int_equal(csr_alone_take(&run, (struct view){two, 5}, scratch, &pem), ERR_TRUNCATED);
    assert_false(run.promised);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_a_request),
        cmocka_unit_test(takes_no_wrong_signature),
        cmocka_unit_test(takes_one_r1),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
