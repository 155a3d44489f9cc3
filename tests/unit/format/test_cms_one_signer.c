#include "sample_token.h"
#include "testing.h"

#include "format/cms_one_signer.h"
#include "format/cms_parse.h"

/* The sample's token with its SignerInfo twice: the second has another last byte. */
static struct view two_signers(const struct sample *s, uint8_t *out, size_t cap)
{
    struct signed_data sd;
    struct writer w = wr_init(out, cap);
    struct view der;
    const size_t info = der_begin(&w, DER_SEQUENCE);

    assert_int_equal(cms_parse(s->token, &sd), ERR_OK);
    der_write(&w, DER_OID, oid_body(OID_SIGNED_DATA));
    const size_t explicit_0 = der_begin(&w, DER_CONTEXT_0);
    const size_t data = der_begin(&w, DER_SEQUENCE);

    der_write(&w, DER_INTEGER, (struct view){(const uint8_t[]){3}, 1});
    der_write(&w, DER_SET, sd.digest_algs);
    const size_t encap = der_begin(&w, DER_SEQUENCE);

    der_write(&w, DER_OID, sd.content_type);
    const size_t content = der_begin(&w, DER_CONTEXT_0);

    der_write(&w, DER_OCTETS, sd.content);
    der_end(&w, content);
    der_end(&w, encap);
    der_write(&w, DER_CONTEXT_0, sd.certificates);
    const size_t set = der_begin(&w, DER_SET);

    wr_view(&w, sd.signer_infos);
    wr_view(&w, sd.signer_infos);
    der_end(&w, set);
    der_end(&w, data);
    der_end(&w, explicit_0);
    der_end(&w, info);
    assert_int_equal(wr_finish(&w, &der), ERR_OK);
    out[der.n - 1] ^= 1;
    return der;
}

static void each_stands_alone(void **state)
{
    static struct sample s;
    uint8_t both[4096];
    uint8_t one[4096];
    struct view out;

    (void)state;
    sample_make(&s);
    const struct view in = two_signers(&s, both, sizeof both);

    for (size_t i = 0; i < 2; i++) {
        struct writer w = wr_init(one, in.n);

        assert_int_equal(cms_one_signer(&w, in, i), ERR_OK);
        assert_int_equal(wr_finish(&w, &out), ERR_OK);
        one[out.n - 1] ^= (uint8_t)i;
        assert_true(view_equal(out, s.token));
    }
}

static void there_is_no_third(void **state)
{
    static struct sample s;
    uint8_t both[4096];
    uint8_t one[4096];
    struct writer w = wr_init(one, sizeof one);

    (void)state;
    sample_make(&s);
    const struct view in = two_signers(&s, both, sizeof both);

    assert_int_equal(cms_one_signer(&w, in, 2), ERR_RANGE);
    assert_int_equal(cms_one_signer(&w, s.token, 1), ERR_RANGE);
    assert_int_equal(cms_one_signer(&w, s.tst_info, 0), ERR_TAG);
    assert_int_equal(w.len, 0);
    w = wr_init(one, s.token.n - 1);
    assert_int_equal(cms_one_signer(&w, s.token, 0), ERR_OK);
    assert_true(w.full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_stands_alone),
        cmocka_unit_test(there_is_no_third),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
