#include "chain_fixture.h"
#include "testing.h"

#include "crypto/hash.h"
#include "host/chain/tsa_chain.h"

#include <string.h>

static uint8_t pem_space[FIXTURE_PEM_MAX];
static struct tsa_chain chain;

static enum err parse(const struct fixture_leaf *leaf, const char *which, int64_t now_s,
                      char *why)
{
    struct fixture *f = fixture_new(leaf);
    const struct view pem = fixture_pem(f, which, pem_space);
    const enum err e = tsa_chain_parse(pem, KEY_CLASSIC, now_s, &chain, why);

    fixture_free(f);
    return e;
}

static void cuts_a_good_chain(void **state)
{
    const struct fixture_leaf leaf = FIXTURE_GOOD;
    char why[TSA_CHAIN_WHY_MAX];
    uint8_t hash[CERT_HASH_LEN];
    uint8_t activation[ACTIVATION_HASH_LEN];

    (void)state;
    assert_int_equal(parse(&leaf, "lcr", FIXTURE_NOW, why), ERR_OK);
    assert_string_equal(why, "");
    assert_int_equal(chain.n, 3);
    assert_int_equal(chain.public_key.p[0], 4);
    assert_int_equal(chain.not_before_s, FIXTURE_NOW - 100);
    assert_int_equal(chain.not_after_s, FIXTURE_NOW + 1000);
    assert_true(chain.pem_chain.n == strlen((const char *)pem_space) ||
                memcmp(chain.pem_chain.p, pem_space, chain.pem_chain.n) == 0);
    assert_memory_equal(chain.pem_leaf.p, pem_space, chain.pem_leaf.n);
    assert_memory_equal(chain.pem_ca.p, "-----BEGIN CERT", 15);
    assert_true(chain.pem_ca.p + chain.pem_ca.n == chain.pem_chain.p + chain.pem_chain.n);
    assert_int_equal(chain.activation.serial.n, 3);
    assert_int_equal(chain.activation.issuer.p[0], 0x30);
    activation_hash(&chain.activation, activation);
    assert_memory_equal(activation, chain.activation_hash, sizeof activation);
    /* leaf and CA for tokens, in the order of their bytes; not the root */
    assert_int_equal(chain.certificates.p[0], 0x30);
    const size_t first = 4 + ((size_t)chain.certificates.p[2] << 8) + chain.certificates.p[3];
    const size_t second =
        4 + ((size_t)chain.certificates.p[first + 2] << 8) + chain.certificates.p[first + 3];
    const size_t least = first < second ? first : second;

    assert_int_equal(first + second, chain.certificates.n);
    assert_true(memcmp(chain.certificates.p, chain.certificates.p + first, least) < 0);
    hash_once(HASH_SHA256, (struct view){chain.certificates.p, first}, hash);
    if (memcmp(hash, chain.activation.cert_hash, sizeof hash) != 0) {
        hash_once(HASH_SHA256, (struct view){chain.certificates.p + first, second}, hash);
    }
    assert_memory_equal(hash, chain.activation.cert_hash, sizeof hash);
}

static void takes_a_chain_without_root(void **state)
{
    const struct fixture_leaf leaf = FIXTURE_GOOD;
    char why[TSA_CHAIN_WHY_MAX];

    (void)state;
    assert_int_equal(parse(&leaf, "lc", FIXTURE_NOW, why), ERR_OK);
    assert_int_equal(chain.n, 2);
    const size_t both = chain.certificates.n;

    assert_int_equal(parse(&leaf, "l", FIXTURE_NOW, why), ERR_OK);
    assert_true(chain.certificates.n < both);
}

static void says_what_is_wrong(void **state)
{
    static const struct {
        struct fixture_leaf leaf;
        const char *which;
        enum err want;
        const char *says;
    } rows[] = {
        {{"P-256", "critical,timeStamping", "critical,digitalSignature", NULL, -1, 1},
         "lcr",
         ERR_EVIDENCE,
         "P-384"},
        {{"P-384", "timeStamping", "critical,digitalSignature", NULL, -1, 1},
         "lcr",
         ERR_EVIDENCE,
         "extendedKeyUsage"},
        {{"P-384", "critical,timeStamping,codeSigning", "critical,digitalSignature", NULL, -1,
          1},
         "lcr",
         ERR_EVIDENCE,
         "extendedKeyUsage"},
        {{"P-384", "critical,codeSigning", "critical,digitalSignature", NULL, -1, 1},
         "lcr",
         ERR_EVIDENCE,
         "extendedKeyUsage"},
        {{"P-384", NULL, "critical,digitalSignature", NULL, -1, 1},
         "lcr",
         ERR_EVIDENCE,
         "extendedKeyUsage"},
        {{"P-384", "critical,timeStamping", NULL, NULL, -1, 1},
         "lcr",
         ERR_EVIDENCE,
         "keyUsage"},
        {{"P-384", "critical,timeStamping", "digitalSignature", NULL, -1, 1},
         "lcr",
         ERR_EVIDENCE,
         "keyUsage"},
        {{"P-384", "critical,timeStamping", "critical,keyAgreement", NULL, -1, 1},
         "lcr",
         ERR_EVIDENCE,
         "keyUsage"},
        {{"P-384", "critical,timeStamping", "critical,digitalSignature", NULL, 1, 2},
         "lcr",
         ERR_TIME,
         "certificate 1: not valid now"},
        {{"P-384", "critical,timeStamping", "critical,digitalSignature", NULL, -2, -1},
         "lcr",
         ERR_TIME,
         "certificate 1: not valid now"},
        /* privateKeyUsagePeriod { [1] notAfter 20100101000000Z } */
        {{"P-384", "critical,timeStamping", "critical,digitalSignature",
          "DER:30:11:81:0F:32:30:31:30:30:31:30:31:30:30:30:30:30:30:5A", -1, 1},
         "lcr",
         ERR_TIME,
         "certificate 1: not valid now"},
        {FIXTURE_GOOD, "lrc", ERR_EVIDENCE, "certificate 1: not issued"},
        {FIXTURE_GOOD, "lco", ERR_EVIDENCE, "certificate 2: not issued"},
        {FIXTURE_GOOD, "clr", ERR_EVIDENCE, "extendedKeyUsage"},
        {FIXTURE_GOOD, "", ERR_ENCODING, "none is there"},
        {FIXTURE_GOOD, "lcrrrrrrr", ERR_NOSPACE, "certificate 9: too many"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static const struct tsa_chain zero;
        char why[TSA_CHAIN_WHY_MAX];
        const enum err e = parse(&rows[i].leaf, rows[i].which, FIXTURE_NOW, why);

        if (e != rows[i].want || strstr(why, rows[i].says) == NULL) {
            fail_msg("row %zu: %s, \"%s\"", i, err_name(e), why);
        }
        assert_memory_equal(&chain, &zero, sizeof chain);
    }
}

static void refuses_other_text(void **state)
{
    static const char key[] = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    static const char junk[] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    static uint8_t large[TSA_CHAIN_PEM_MAX + 1];
    char why[TSA_CHAIN_WHY_MAX];

    (void)state;
    assert_int_equal(tsa_chain_parse((struct view){(const uint8_t *)key, sizeof key - 1},
                                     KEY_CLASSIC, FIXTURE_NOW, &chain, why),
                     ERR_ENCODING);
    assert_int_equal(tsa_chain_parse((struct view){(const uint8_t *)junk, sizeof junk - 1},
                                     KEY_CLASSIC, FIXTURE_NOW, &chain, why),
                     ERR_ENCODING);
    assert_int_equal(tsa_chain_parse((struct view){large, sizeof large}, KEY_CLASSIC,
                                     FIXTURE_NOW, &chain, why),
                     ERR_NOSPACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_a_good_chain),
        cmocka_unit_test(takes_a_chain_without_root),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(refuses_other_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
