/* The public area of a key that signs quotes: only one that signs nothing else is believed. */
#include "azure_kit.h"

#include "attest/tpm_public.h"

/* fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, restricted, sign */
#define GOOD 0x00050072U

struct area {
    uint16_t type, name_alg, policy_len, symmetric, scheme, hash, bits, n;
    uint32_t attributes, exponent;
    bool more;
};

static struct area good(void)
{
    return (struct area){.type = 1,
                         .name_alg = 0x0b,
                         .symmetric = 0x10,
                         .scheme = 0x14,
                         .hash = 0x0b,
                         .bits = 2048,
                         .n = RSA_2048_LEN,
                         .attributes = GOOD};
}

static struct view write_area(const struct area *a, uint8_t out[TPM_PUBLIC_MAX])
{
    static const uint8_t policy[128];
    uint8_t modulus[RSA_2048_LEN];
    struct writer w = wr_init(out, TPM_PUBLIC_MAX);
    struct view v;

    azure_kit_modulus(azure_kit_ak_pem, modulus);
    wr_u16be(&w, 0);
    wr_u16be(&w, a->type);
    wr_u16be(&w, a->name_alg);
    wr_u32be(&w, a->attributes);
    wr_u16be(&w, a->policy_len);
    wr_bytes(&w, policy, a->policy_len);
    wr_u16be(&w, a->symmetric);
    wr_u16be(&w, a->scheme);
    if (a->scheme != 0x10) {
        wr_u16be(&w, a->hash);
    }
    wr_u16be(&w, a->bits);
    wr_u32be(&w, a->exponent);
    wr_u16be(&w, a->n);
    wr_bytes(&w, modulus, a->n);
    if (a->more) {
        wr_u8(&w, 0);
    }
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    out[0] = (uint8_t)((v.n - 2) >> 8);
    out[1] = (uint8_t)(v.n - 2);
    return v;
}

static enum attest_fault parse(struct view v)
{
    static const struct tpm_public zero;
    uint8_t *const copy = malloc(v.n + 1);
    struct tpm_public p;

    assert_non_null(copy);
    memcpy(copy, v.p, v.n);
    const enum attest_fault f = tpm_public_parse((struct view){copy, v.n}, &p);

    free(copy);
    if (f != ATTEST_OK) {
        assert_memory_equal(&p, &zero, sizeof zero);
    }
    return f;
}

static void fields_are_read(void **state)
{
    const struct area a = good();
    uint8_t buf[TPM_PUBLIC_MAX];
    uint8_t modulus[RSA_2048_LEN];
    uint8_t name[TPM_PUBLIC_NAME_LEN] = {0, 0x0b};
    struct tpm_public p;
    const struct view v = write_area(&a, buf);

    (void)state;
    assert_int_equal(tpm_public_parse(v, &p), ATTEST_OK);
    azure_kit_modulus(azure_kit_ak_pem, modulus);
    assert_memory_equal(p.modulus, modulus, sizeof modulus);
    assert_int_equal(p.attributes, GOOD);
    assert_int_equal(p.scheme, RSA_SCHEME_PKCS1);
    hash_once(HASH_SHA256, (struct view){v.p + 2, v.n - 2}, name + 2);
    assert_memory_equal(p.name, name, sizeof name);
    for (size_t n = 0; n < v.n; n++) {
        assert_int_equal(parse((struct view){v.p, n}), ATTEST_AK_PUBLIC);
    }
    assert_int_equal(parse((struct view){v.p, v.n + 1}), ATTEST_AK_PUBLIC);
    assert_int_equal(parse((struct view){buf, TPM_PUBLIC_MAX}), ATTEST_AK_PUBLIC);
}

static void others_are_refused(void **state)
{
    uint8_t buf[TPM_PUBLIC_MAX];
    struct area a;

    (void)state;
#define GIVES(field, value, fault) \
    a = good();                    \
    a.field = (value);             \
    assert_int_equal(parse(write_area(&a, buf)), fault);
    GIVES(type, 0x23, ATTEST_AK_KEY)
    GIVES(name_alg, 0x0c, ATTEST_AK_KEY)
    GIVES(symmetric, 0x06, ATTEST_AK_KEY)
    GIVES(scheme, 0x16, ATTEST_OK)
    GIVES(scheme, 0x10, ATTEST_OK)
    GIVES(scheme, 0x15, ATTEST_AK_KEY)
    GIVES(hash, 0x04, ATTEST_AK_KEY)
    GIVES(bits, 1024, ATTEST_AK_KEY)
    GIVES(exponent, 65537, ATTEST_OK)
    GIVES(exponent, 3, ATTEST_AK_KEY)
    GIVES(n, 255, ATTEST_AK_KEY)
    GIVES(policy_len, 64, ATTEST_OK)
    GIVES(policy_len, 65, ATTEST_AK_PUBLIC)
    GIVES(more, true, ATTEST_AK_PUBLIC)
    GIVES(attributes, GOOD | 0x00020000U, ATTEST_AK_ATTRIBUTES)
    GIVES(attributes, GOOD | 0x00000400U, ATTEST_OK)
    for (unsigned bit = 0; bit < 32; bit++) {
        const uint32_t left = GOOD & ~(1U << bit);

        GIVES(attributes, left, left == GOOD || bit == 6 ? ATTEST_OK : ATTEST_AK_ATTRIBUTES)
    }
#undef GIVES
}

/* A certificate of that key, self-signed. */
static struct view write_cert(const char *pem, uint8_t *out)
{
    X509 *const x = X509_new();
    uint8_t *p = out;

    assert_non_null(x);
    assert_int_equal(X509_set_version(x, 2), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x), 7), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(x), 0);
    (void)X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                                                (const uint8_t *)"AK", -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(x, X509_get_subject_name(x)), 1);
    assert_int_equal(X509_set_pubkey(x, azure_kit_key(pem)), 1);
    assert_true(X509_sign(x, azure_kit_key(pem), EVP_sha256()) > 0);
    const int n = i2d_X509(x, &p);

    assert_true(n > 0);
    X509_free(x);
    return (struct view){out, (size_t)n};
}

static void certificates_are_of_the_key(void **state)
{
    static uint8_t der[AK_CERT_MAX + 1];
    uint8_t modulus[RSA_2048_LEN];
    struct view v = write_cert(azure_kit_ak_pem, der);

    (void)state;
    azure_kit_modulus(azure_kit_ak_pem, modulus);
    assert_int_equal(ak_cert_check(v, modulus), ATTEST_OK);
    assert_int_equal(ak_cert_check((struct view){v.p, v.n - 1}, modulus), ATTEST_AK_CERT);
    assert_int_equal(ak_cert_check((struct view){der, AK_CERT_MAX + 1}, modulus),
                     ATTEST_AK_CERT);
    modulus[9] ^= 1;
    assert_int_equal(ak_cert_check(v, modulus), ATTEST_AK_CERT);
    modulus[9] ^= 1;
    v = write_cert(azure_kit_other_pem, der);
    assert_int_equal(ak_cert_check(v, modulus), ATTEST_AK_CERT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_read),
        cmocka_unit_test(others_are_refused),
        cmocka_unit_test(certificates_are_of_the_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
