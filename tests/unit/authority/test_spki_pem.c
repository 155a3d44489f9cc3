#include "testing.h"

#include "host/authority/openssl_api.h"
#include "host/authority/spki_pem.h"

#include <string.h>

static void public_key_is_written_as_openssl_does(void **state)
{
    EVP_PKEY *core_key = EVP_EC_gen("P-384");
    uint8_t point[P384_PUBLIC_LEN];
    size_t n = 0;
    uint8_t ours[SPKI_PEM_MAX];
    struct writer w = wr_init(ours, sizeof ours);
    BIO *bio = BIO_new(BIO_s_mem());
    char *theirs = NULL;
    struct view got;

    (void)state;
    assert_int_equal(EVP_PKEY_get_octet_string_param(core_key, OSSL_PKEY_PARAM_PUB_KEY, point,
                                                     sizeof point, &n),
                     1);
    assert_int_equal(spki_pem_write(point, &w), ERR_OK);
    assert_int_equal(wr_finish(&w, &got), ERR_OK);
    assert_int_equal(PEM_write_bio_PUBKEY(bio, core_key), 1);
    assert_int_equal(BIO_get_mem_data(bio, &theirs), got.n);
    assert_memory_equal(got.p, theirs, got.n);
    BIO_free(bio);
    EVP_PKEY_free(core_key);

    uint8_t off_curve[P384_PUBLIC_LEN];

    memcpy(off_curve, point, sizeof point);
    off_curve[96] ^= 1;
    w = wr_init(ours, sizeof ours);
    assert_int_equal(spki_pem_write(off_curve, &w), ERR_RANGE);
    w = wr_init(ours, 10);
    assert_int_equal(spki_pem_write(point, &w), ERR_NOSPACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(public_key_is_written_as_openssl_does)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
