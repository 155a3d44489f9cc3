#include "pq_certs.h"

#include "host/authority/openssl_api.h"
#include "host/authority/spki_pem.h"

#include <string.h>

static void public_key_is_written_as_openssl_does(void **state)
{
    EVP_PKEY *core_key = EVP_EC_gen("P-384");
    uint8_t point[CERT_WRITE_P384_LEN];
    const struct view key = {point, sizeof point};
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
    assert_int_equal(spki_pem_write(KEY_CLASSIC, key, &w), ERR_OK);
    assert_int_equal(wr_finish(&w, &got), ERR_OK);
    assert_int_equal(PEM_write_bio_PUBKEY(bio, core_key), 1);
    assert_int_equal(BIO_get_mem_data(bio, &theirs), got.n);
    assert_memory_equal(got.p, theirs, got.n);
    BIO_free(bio);
    EVP_PKEY_free(core_key);

    w = wr_init(ours, 10);
    assert_int_equal(spki_pem_write(KEY_CLASSIC, key, &w), ERR_NOSPACE);
    w = wr_init(ours, sizeof ours);
    assert_int_equal(spki_pem_write(KEY_CLASSIC, (struct view){point, 96}, &w), ERR_LENGTH);
    assert_int_equal(spki_pem_write(KEY_PQ, key, &w), ERR_LENGTH);
    point[96] ^= 1;
    assert_int_equal(spki_pem_write(KEY_CLASSIC, key, &w), ERR_RANGE);
    assert_int_equal(w.len, 0);
}

static void ml_dsa_key_is_written_as_rfc_9881_says(void **state)
{
    static uint8_t pk[PQ_CERTS_PK_LEN], text[SPKI_PEM_MAX], der[SPKI_PEM_MAX];
    struct writer w = wr_init(text, sizeof text);
    const struct view key = pq_certs_public_key(5, pk);
    struct view pem;
    struct view spki;

    (void)state;
    assert_int_equal(spki_pem_write(KEY_PQ, key, &w), ERR_OK);
    assert_int_equal(wr_finish(&w, &pem), ERR_OK);
    struct reader r = rd_init(pem);

    assert_int_equal(pem_parse(&r, "PUBLIC KEY", der, sizeof der, &spki), ERR_OK);
    assert_int_equal(r.n, 0);
    /* SEQUENCE { SEQUENCE { id-ml-dsa-65 }, BIT STRING } */
    static const uint8_t head[] = {0x30, 0x82, 0x07, 0xb2, 0x30, 0x0b, 0x06, 0x09,
                                   0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03,
                                   0x12, 0x03, 0x82, 0x07, 0xa1, 0x00};

    assert_int_equal(spki.n, sizeof head + key.n);
    assert_memory_equal(spki.p, head, sizeof head);
    assert_memory_equal(spki.p + sizeof head, key.p, key.n);
    assert_int_equal(spki_pem_write(KEY_PQ, (struct view){pk, sizeof pk - 1}, &w), ERR_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(public_key_is_written_as_openssl_does),
        cmocka_unit_test(ml_dsa_key_is_written_as_rfc_9881_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
