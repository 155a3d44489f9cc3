/* A quote of a TPM: its form, who signed it, and that the values beside it are those of which
 * it speaks. */
#include "azure_kit.h"

static uint8_t buf[TPM_QUOTE_MAX];

static enum attest_fault parse_n(const uint8_t *p, size_t n)
{
    static const struct tpm_quote zero;
    uint8_t *const copy = malloc(n > 0 ? n : 1);
    struct tpm_quote q;

    assert_non_null(copy);
    memcpy(copy, p, n);
    const enum attest_fault f = tpm_quote_parse((struct view){copy, n}, &q);

    free(copy);
    if (f != ATTEST_OK) {
        assert_memory_equal(&q, &zero, sizeof zero);
    }
    return f;
}

static enum attest_fault verify(struct view v, const char *pem)
{
    uint8_t modulus[RSA_2048_LEN];
    struct tpm_quote q;

    azure_kit_modulus(pem, modulus);
    assert_int_equal(tpm_quote_parse(v, &q), ATTEST_OK);
    return tpm_quote_verify(&q, modulus);
}

static void fields_are_read(void **state)
{
    const struct azure_kit_quote k = azure_kit_quote_good();
    const struct view v = azure_kit_quote(&k, buf);
    uint8_t value[TPM_PCR_LEN];
    struct tpm_quote q;

    (void)state;
    assert_int_equal(tpm_quote_parse(v, &q), ATTEST_OK);
    assert_true(view_equal(q.extra_data, k.extra_data));
    assert_int_equal(q.qualified_signer.n, 34);
    assert_true(q.clock_ms == 0x12345678 && q.firmware_version == 0x2020031200120003);
    assert_true(q.reset_count == 3 && q.restart_count == 4 && !q.clock_safe);
    assert_int_equal(q.pcr_mask, k.pcr_mask);
    assert_int_equal(q.scheme, RSA_SCHEME_PKCS1);
    for (unsigned i = 0; i < TPM_PCRS + 2; i++) {
        const struct view pcr = tpm_quote_pcr(&q, i);

        if (i >= TPM_PCRS || (k.pcr_mask >> i & 1U) == 0) {
            assert_int_equal(pcr.n, 0);
            continue;
        }
        azure_kit_pcr(i, value);
        assert_true(view_equal(pcr, (struct view){value, sizeof value}));
    }
}

static void forms_are_checked(void **state)
{
    static const uint8_t long_data[TPM_EXTRA_DATA_MAX + 1];
    struct azure_kit_quote k;

    (void)state;
#define REFUSES(field, value, fault)                    \
    k = azure_kit_quote_good();                         \
    k.field = (value);                                  \
    {                                                   \
        const struct view v = azure_kit_quote(&k, buf); \
                                                        \
        assert_int_equal(parse_n(v.p, v.n), fault);     \
    }
    REFUSES(magic, 0xff544346, ATTEST_QUOTE_MAGIC)
    REFUSES(type, 0x8017, ATTEST_QUOTE_TYPE)
    REFUSES(safe, 1, ATTEST_OK)
    REFUSES(safe, 2, ATTEST_QUOTE_FORM)
    REFUSES(selections, 0, ATTEST_QUOTE_SELECTION)
    REFUSES(selections, 2, ATTEST_QUOTE_SELECTION)
    REFUSES(bank, 0x0004, ATTEST_QUOTE_SELECTION)
    REFUSES(pcr_mask, 0, ATTEST_QUOTE_SELECTION)
    REFUSES(select_len, 2, ATTEST_QUOTE_SELECTION)
    REFUSES(select_len, 4, ATTEST_QUOTE_SELECTION)
    REFUSES(pcr_mask, 0xffffff, ATTEST_OK)
    REFUSES(digest_len, 33, ATTEST_QUOTE_FORM)
    REFUSES(alg, 0x0016, ATTEST_OK)
    REFUSES(alg, 0x0018, ATTEST_QUOTE_ALGORITHM)
    REFUSES(hash, 0x0004, ATTEST_QUOTE_ALGORITHM)
    REFUSES(hash, 0x000c, ATTEST_QUOTE_ALGORITHM)
    REFUSES(more, true, ATTEST_QUOTE_FORM)
    REFUSES(extra_data, ((struct view){long_data, TPM_EXTRA_DATA_MAX}), ATTEST_OK)
    REFUSES(extra_data, ((struct view){long_data, TPM_EXTRA_DATA_MAX + 1}), ATTEST_QUOTE_FORM)
    REFUSES(extra_data, ((struct view){NULL, 0}), ATTEST_OK)
#undef REFUSES
}

static void bytes_are_counted(void **state)
{
    const struct azure_kit_quote k = azure_kit_quote_good();
    const struct view v = azure_kit_quote(&k, buf);
    static uint8_t longer[TPM_QUOTE_MAX + 1];

    (void)state;
    memcpy(longer, v.p, v.n);
    for (size_t n = 0; n < v.n; n++) {
        assert_int_not_equal(parse_n(v.p, n), ATTEST_OK);
    }
    assert_int_equal(parse_n(v.p, v.n), ATTEST_OK);
    assert_int_equal(parse_n(v.p, v.n - 1), ATTEST_QUOTE_PCRS);
    assert_int_equal(parse_n(longer, v.n + 1), ATTEST_QUOTE_PCRS);
    assert_int_equal(parse_n(longer, v.n + TPM_PCR_LEN), ATTEST_QUOTE_PCRS);
    assert_int_equal(parse_n(longer, TPM_QUOTE_MAX), ATTEST_QUOTE_PCRS);
    assert_int_equal(parse_n(longer, TPM_QUOTE_MAX + 1), ATTEST_QUOTE_SIZE);
    buf[v.n - (size_t)4 * TPM_PCR_LEN - RSA_2048_LEN - 1] ^= 1;
    assert_int_equal(parse_n(buf, v.n), ATTEST_QUOTE_ALGORITHM); /* the signature's length */
}

static void who_signed_is_known(void **state)
{
    struct azure_kit_quote k = azure_kit_quote_good();
    struct view v = azure_kit_quote(&k, buf);

    (void)state;
    assert_int_equal(verify(v, azure_kit_ak_pem), ATTEST_OK);
    assert_int_equal(verify(v, azure_kit_other_pem), ATTEST_QUOTE_SIGNATURE);
    k.alg = 0x0016; /* says PSS, and is not */
    v = azure_kit_quote(&k, buf);
    assert_int_equal(verify(v, azure_kit_ak_pem), ATTEST_QUOTE_SIGNATURE);
    k.salt = 32;
    v = azure_kit_quote(&k, buf);
    assert_int_equal(verify(v, azure_kit_ak_pem), ATTEST_OK);
    k.alg = 0x0014;
    v = azure_kit_quote(&k, buf);
    assert_int_equal(verify(v, azure_kit_ak_pem), ATTEST_QUOTE_SIGNATURE);
}

/* Every bit of what is signed, and of the values. */
static void no_bit_may_differ(void **state)
{
    const struct azure_kit_quote k = azure_kit_quote_good();
    const struct view v = azure_kit_quote(&k, buf);
    uint8_t modulus[RSA_2048_LEN];
    struct tpm_quote q;

    (void)state;
    azure_kit_modulus(azure_kit_ak_pem, modulus);
    for (size_t i = 0; i < v.n; i++) {
        for (unsigned bit = 0; bit < 8; bit += 3) {
            buf[i] ^= (uint8_t)(1U << bit);
            if (tpm_quote_parse(v, &q) == ATTEST_OK) {
                assert_int_equal(tpm_quote_verify(&q, modulus),
                                 i >= v.n - (size_t)4 * TPM_PCR_LEN ? ATTEST_QUOTE_DIGEST
                                                                    : ATTEST_QUOTE_SIGNATURE);
            }
            buf[i] ^= (uint8_t)(1U << bit);
        }
    }
    assert_int_equal(tpm_quote_parse(v, &q), ATTEST_OK);
    modulus[0] &= 0x7f;
    assert_int_equal(tpm_quote_verify(&q, modulus), ATTEST_QUOTE_KEY);
}

/* A digest that is shorter than one, of a key that signs it: the values are not looked up. */
static void digests_have_a_length(void **state)
{
    struct azure_kit_quote k = azure_kit_quote_good();

    (void)state;
    k.digest_len = 31;
    assert_int_equal(verify(azure_kit_quote(&k, buf), azure_kit_ak_pem), ATTEST_QUOTE_DIGEST);
    k.digest_len = 0;
    assert_int_equal(verify(azure_kit_quote(&k, buf), azure_kit_ak_pem), ATTEST_QUOTE_DIGEST);
}

/* Every bit of it: form, what is signed, signature and values. */
static void every_flipped_bit_is_refused(void **state)
{
    const struct azure_kit_quote k = azure_kit_quote_good();
    const struct view v = azure_kit_quote(&k, buf);
    uint8_t modulus[RSA_2048_LEN];
    struct tpm_quote q;

    (void)state;
    azure_kit_modulus(k.pem, modulus);
    for (size_t bit = 0; bit < 8 * v.n; bit++) {
        buf[bit / 8] ^= (uint8_t)(1U << bit % 8);
        if (tpm_quote_parse(v, &q) == ATTEST_OK && tpm_quote_verify(&q, modulus) == ATTEST_OK) {
            fail_msg("bit %zu of byte %zu", bit % 8, bit / 8);
        }
        buf[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_int_equal(verify(v, k.pem), ATTEST_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_read),
        cmocka_unit_test(forms_are_checked),
        cmocka_unit_test(bytes_are_counted),
        cmocka_unit_test(who_signed_is_known),
        cmocka_unit_test(no_bit_may_differ),
        cmocka_unit_test(digests_have_a_length),
        cmocka_unit_test(every_flipped_bit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
