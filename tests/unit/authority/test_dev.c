#include "testing.h"

#include "crypto/p384.h"
#include "format/oid.h"
#include "host/authority/core_args.h"
#include "host/authority/dev_ca.h"
#include "host/authority/dev_conf.h"
#include "host/authority/openssl_api.h"
#include "host/chain/tsa_chain.h"

#include <stdio.h>
#include <string.h>

#if defined(QUORATE_SIMULATED)

#define NOW_S 1795000000 /* 2026-11-18 */
#define DAY_S INT64_C(86400)

static uint8_t key_text[DEV_CA_TEXT_MAX];
static uint8_t cert_text[DEV_CA_TEXT_MAX];
static struct view key_pem, cert_pem;

static struct dev_ca *new_ca(void)
{
    struct dev_ca *ca = NULL;
    struct writer key = wr_init(key_text, sizeof key_text);
    struct writer cert = wr_init(cert_text, sizeof cert_text);

    assert_int_equal(dev_ca_new(NOW_S, &ca), ERR_OK);
    assert_int_equal(dev_ca_key_pem(ca, &key), ERR_OK);
    assert_int_equal(dev_ca_cert_pem(ca, &cert), ERR_OK);
    assert_int_equal(wr_finish(&key, &key_pem), ERR_OK);
    assert_int_equal(wr_finish(&cert, &cert_pem), ERR_OK);
    return ca;
}

/* A new core key; its point and its SubjectPublicKeyInfo. */
static struct view new_spki(uint8_t point[P384_PUBLIC_LEN])
{
    static uint8_t der[256];
    EVP_PKEY *key = EVP_EC_gen("P-384");
    uint8_t *at = der;
    size_t n = 0;

    assert_int_equal(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point,
                                                     P384_PUBLIC_LEN, &n),
                     1);
    const int len = i2d_PUBKEY(key, &at);

    EVP_PKEY_free(key);
    assert_true(len > 0);
    return (struct view){der, (size_t)len};
}

static struct view some_binding(void)
{
    static uint8_t bytes[QUORATE_BINDING_ROOM];
    static const uint8_t hash[QUORATE_BINDING_HASH_LEN] = {7};
    struct writer w = wr_init(bytes, sizeof bytes);
    const struct quorate_binding b = {.epoch_id = {hash, sizeof hash},
                                      .n_other_keys = 1,
                                      .other_keys = {{hash, sizeof hash}},
                                      .threshold = 1,
                                      .total = 1,
                                      .assurance = ASSURANCE_SIMULATED};

    assert_int_equal(quorate_binding_write(&w, &b), ERR_OK);
    return (struct view){bytes, w.len};
}

static enum err issue(const struct dev_ca *ca, struct view spki, int64_t now_s,
                      struct writer *w)
{
    return dev_ca_issue(ca, spki, some_binding(), now_s, w);
}

static void issues_what_the_supervisor_accepts(void **state)
{
    static uint8_t text[DEV_CA_TEXT_MAX];
    static struct tsa_chain chain;
    struct writer w = wr_init(text, sizeof text);
    uint8_t point[P384_PUBLIC_LEN];
    struct dev_ca *ca = new_ca();
    char why[TSA_CHAIN_WHY_MAX];
    struct view pem;

    (void)state;
    assert_int_equal(issue(ca, new_spki(point), NOW_S + 5 * DAY_S, &w), ERR_OK);
    assert_int_equal(wr_finish(&w, &pem), ERR_OK);
    assert_int_equal(tsa_chain_parse(pem, KEY_CLASSIC, NOW_S + 6 * DAY_S, &chain, why), ERR_OK);
    assert_memory_equal(chain.public_key.p, point, sizeof point);
    assert_true(chain.has_root);
    assert_true(chain.has_binding);
    assert_true(quorate_binding_names(&chain.binding, chain.binding.epoch_id));
    assert_string_equal(why, "");

    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    X509 *leaf = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    PKEY_USAGE_PERIOD *period =
        X509_get_ext_d2i(leaf, NID_private_key_usage_period, NULL, NULL);
    char name[128];

    assert_non_null(period);
    assert_non_null(period->notAfter);
    assert_int_equal(ASN1_TIME_compare(period->notAfter, X509_get0_notAfter(leaf)), -1);
    assert_true(X509_get_ext_by_NID(leaf, NID_subject_key_identifier, -1) >= 0);
    assert_true(X509_get_ext_by_NID(leaf, NID_authority_key_identifier, -1) >= 0);
    assert_true(X509_NAME_get_text_by_NID(X509_get_subject_name(leaf), NID_commonName, name,
                                          sizeof name) > 0);
    assert_string_equal(name, DEV_TSA_NAME);
    PKEY_USAGE_PERIOD_free(period);
    X509_free(leaf);
    BIO_free(bio);
    dev_ca_free(ca);
}

static void is_read_back(void **state)
{
    struct dev_ca *ca = new_ca();
    struct dev_ca *again = NULL;

    (void)state;
    assert_non_null(strstr((const char *)key_pem.p, "BEGIN PRIVATE KEY"));
    assert_int_equal(dev_ca_load(key_pem, cert_pem, NOW_S, &again), ERR_OK);
    dev_ca_free(again);
    assert_int_equal(dev_ca_load(cert_pem, cert_pem, NOW_S, &again), ERR_ENCODING);
    assert_null(again);
    assert_int_equal(dev_ca_load((struct view){NULL, 0}, cert_pem, NOW_S, &again),
                     ERR_ENCODING);
    assert_int_equal(dev_ca_load(key_pem, cert_pem, NOW_S + (DEV_CA_DAYS + 1) * DAY_S, &again),
                     ERR_TIME);
    assert_int_equal(dev_ca_load(key_pem, cert_pem, NOW_S - DAY_S, &again), ERR_TIME);
    dev_ca_free(ca);

    static uint8_t old_key[DEV_CA_TEXT_MAX];
    const struct view old = {old_key, key_pem.n};

    memcpy(old_key, key_pem.p, key_pem.n);
    dev_ca_free(new_ca());
    assert_int_equal(dev_ca_load(old, cert_pem, NOW_S, &again), ERR_MISMATCH);
}

static void refuses_what_is_no_key(void **state)
{
    static uint8_t text[DEV_CA_TEXT_MAX];
    struct writer w = wr_init(text, sizeof text);
    uint8_t point[P384_PUBLIC_LEN];
    struct dev_ca *ca = new_ca();
    struct view longer = new_spki(point);

    (void)state;
    longer.n++;
    assert_int_equal(issue(ca, longer, NOW_S, &w), ERR_ENCODING);
    assert_int_equal(issue(ca, (struct view){NULL, 0}, NOW_S, &w), ERR_ENCODING);
    assert_int_equal(issue(ca, cert_pem, NOW_S, &w), ERR_ENCODING);
    w = wr_init(text, 100);
    assert_int_equal(issue(ca, new_spki(point), NOW_S, &w), ERR_NOSPACE);
    dev_ca_free(ca);
}

static void configuration_is_one_that_the_front_reads(void **state)
{
    static struct config config;
    static struct core_args args;
    char program[] = "/bin/quorate-core";
    char leap[] = "";
    uint8_t text[DEV_CONF_MAX];
    char error[CONFIG_ERROR_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct view conf;

    (void)state;
    const struct dev_conf wish = {.listen = "127.0.0.1:0",
                                  .program = "/b in/quorate-authority",
                                  .dir = "/d",
                                  .nodes = 1,
                                  .threshold = 1};

    assert_int_equal(dev_conf_write(&wish, &w), ERR_OK);
    assert_int_equal(wr_finish(&w, &conf), ERR_OK);
    assert_int_equal(config_parse(conf, "quorate.conf", "/d", &config, error), ERR_OK);
    assert_string_equal(config.front.address_file, "/d/front.addr");
    assert_string_equal(config.authority.certify,
                        "'/b in/quorate-authority' dev certify --dir '/d'");
    assert_int_equal(core_args_make(&config, program, 0, leap, &args), ERR_OK);

    static const char *const words[] = {"/bin/quorate-core",
                                        "--listen",
                                        "unix:/d/core.sock",
                                        "--clock",
                                        "trust-system",
                                        "--allow-untrusted-time",
                                        "--allow-unlocked",
                                        "--policy",
                                        "1,classic,1.3.6.1.4.1.32473.3161.1.93,3,100,1000",
                                        "--policy",
                                        "2,pq,1.3.6.1.4.1.32473.3161.1.94,3,100,1000",
                                        "--policy",
                                        "3,classic,1.3.6.1.4.1.32473.3161.1.91,3,100,1000",
                                        "--policy",
                                        "4,pq,1.3.6.1.4.1.32473.3161.1.92,3,100,1000",
                                        "--policy",
                                        "5,dual,1.3.6.1.4.1.32473.3161.1.97,3,100,1000"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        assert_string_equal(args.argv[i], words[i]);
    }
    assert_null(args.argv[sizeof words / sizeof words[0]]);
    assert_string_equal(config.front.chain_pq, "/d/chain-pq.pem");
    assert_true(config.policies[0].is_default && config.policies[1].evidence);
    assert_int_equal(config.policies[0].profile, CONFIG_PROFILE_HYBRID);
    assert_ptr_equal(config_evidence(&config, &config.policies[0]), &config.policies[1]);
}

static void the_clock_is_that_of_time_servers_if_there_are_some(void **state)
{
    static const char section[] = "[time]\nserver = a,192.0.2.1:4460,w,x\n"
                                  "server = b,192.0.2.2:4460,x,y\n"
                                  "server = c,192.0.2.3:4460,y,z\n"
                                  "server = d,192.0.2.4:4460,z,z\n";
    static struct config config;
    struct dev_conf wish = {.listen = "127.0.0.1:0",
                            .program = "/b/quorate-authority",
                            .dir = "/d",
                            .nodes = 1,
                            .threshold = 1,
                            .nts = true};
    uint8_t text[DEV_CONF_MAX];
    char error[CONFIG_ERROR_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct view conf;

    (void)state;
    assert_int_equal(dev_conf_write(&wish, &w), ERR_OK);
    assert_int_equal(wr_finish(&w, &conf), ERR_OK);
    assert_int_equal(config_parse(conf, "quorate.conf", "/d", &config, error), ERR_STATE);
    assert_non_null(strstr(error, "[time] server: clock = nts needs"));
    w = wr_init(text, sizeof text);
    wish.time = (struct view){(const uint8_t *)section, sizeof section - 1};
    assert_int_equal(dev_conf_write(&wish, &w), ERR_OK);
    assert_int_equal(wr_finish(&w, &conf), ERR_OK);
    assert_int_equal(config_parse(conf, "quorate.conf", "/d", &config, error), ERR_OK);
    assert_int_equal(config.authority.clock, CONFIG_CLOCK_NTS);
    assert_int_equal(config_items(config.time.server), 4);
}

static void keys_of_their_own_have_chains_and_labels(void **state)
{
    static struct config config;
    static struct core_args args;
    const struct dev_conf wish = {.listen = "127.0.0.1:0",
                                  .program = "/b/quorate-authority",
                                  .dir = "/d",
                                  .nodes = 5,
                                  .threshold = 4};
    char program[] = "/bin/quorate-core";
    char leap[] = "";
    uint8_t text[DEV_CONF_MAX];
    char error[CONFIG_ERROR_MAX];
    char item[CONFIG_TEXT_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct view conf;

    (void)state;
    assert_int_equal(dev_conf_write(&wish, &w), ERR_OK);
    assert_int_equal(wr_finish(&w, &conf), ERR_OK);
    assert_int_equal(config_parse(conf, "quorate.conf", "/d", &config, error), ERR_OK);
    assert_int_equal(config_items(config.front.core), 5);
    config_item(config.front.chain, 4, item);
    assert_string_equal(item, "/d/chain-5.pem");
    assert_string_equal(config.front.ceremony, "/d/ceremony.qcr");
    assert_string_equal(config.front.ended, "/d/ended");
    assert_string_equal(config.authority.plan, "/d/plan.ini");
    assert_int_equal(config.authority.threshold, 4);
    assert_string_equal(config.policies[0].oid.text, OID_POLICY_HYBRID_SINGLE_SIMULATED);
    assert_string_equal(config.policies[2].oid.text, OID_POLICY_CLASSIC_SINGLE_SIMULATED);
    assert_int_equal(core_args_make(&config, program, 2, leap, &args), ERR_OK);
    assert_string_equal(args.argv[2], "unix:/d/core-3.sock");
    assert_string_equal(args.argv[6], "--member");
}

static void where_three_sign_one_chain_and_no_labels(void **state)
{
    static struct config config;
    struct dev_conf wish = {.listen = "127.0.0.1:0",
                            .program = "/b/quorate-authority",
                            .dir = "/d",
                            .nodes = 5,
                            .threshold = 3};
    uint8_t text[DEV_CONF_MAX];
    char error[CONFIG_ERROR_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct view conf;

    (void)state;
    assert_int_equal(dev_conf_write(&wish, &w), ERR_OK);
    assert_int_equal(wr_finish(&w, &conf), ERR_OK);
    assert_int_equal(config_parse(conf, "quorate.conf", "/d", &config, error), ERR_OK);
    assert_int_equal(config_items(config.front.core), 5);
    assert_int_equal(config.authority.evidence, CONFIG_EVIDENCE_NONE);
    assert_string_equal(config.front.bundle, "");
    wish.evidence = true;
    w = wr_init(text, sizeof text);
    assert_int_equal(dev_conf_write(&wish, &w), ERR_OK);
    assert_int_equal(wr_finish(&w, &conf), ERR_OK);
    assert_int_equal(config_parse(conf, "quorate.conf", "/d", &config, error), ERR_OK);
    assert_int_equal(config.authority.evidence, CONFIG_EVIDENCE_SIM);
    assert_string_equal(config.front.bundle, "/d/bundle");
    assert_string_equal(config.front.recipe, "/d/recipe.txt");
    assert_string_equal(config.front.chain, "/d/chain.pem");
    assert_string_equal(config.policies[0].oid.text, OID_POLICY_HYBRID_SIMULATED);
    assert_string_equal(config.policies[2].oid.text, OID_POLICY_CLASSIC_SIMULATED);
    assert_int_equal(config.presign.target, 64);
    assert_true(config.presign.accelerator);
}

/* Of another set of cores, beside the first: the same but the files of the cores. */
static void another_set_has_a_folder_of_its_own(void **state)
{
    static const char section[] = "[time]\nserver = a,192.0.2.1:4460,w,x\n"
                                  "server = b,192.0.2.2:4460,x,y\n"
                                  "server = c,192.0.2.3:4460,y,z\n"
                                  "server = d,192.0.2.4:4460,z,z\n"
                                  "leap_table = leap\n";
    static struct config config;
    const struct dev_conf wish = {.listen = "127.0.0.1:0",
                                  .program = "/b/quorate-authority",
                                  .dir = "/d",
                                  .nodes = 5,
                                  .threshold = 3,
                                  .evidence = true,
                                  .nts = true,
                                  .set = 2,
                                  .time = {(const uint8_t *)section, sizeof section - 1}};
    uint8_t text[DEV_CONF_MAX];
    char error[CONFIG_ERROR_MAX];
    char item[CONFIG_TEXT_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct view conf;

    (void)state;
    assert_int_equal(dev_conf_write(&wish, &w), ERR_OK);
    assert_int_equal(wr_finish(&w, &conf), ERR_OK);
    assert_int_equal(config_parse(conf, "quorate.conf", "/d", &config, error), ERR_OK);
    config_item(config.front.core, 4, item);
    assert_string_equal(item, "unix:/d/cores-2/core-5.sock");
    assert_string_equal(config.front.chain, "/d/cores-2/chain.pem");
    assert_string_equal(config.front.chain_pq, "/d/cores-2/chain-pq.pem");
    assert_string_equal(config.front.ceremony, "/d/cores-2/ceremony.qcr");
    assert_string_equal(config.front.ended, "/d/cores-2/ended");
    assert_string_equal(config.front.bundle, "/d/cores-2/bundle");
    assert_string_equal(config.authority.plan, "/d/cores-2/plan.ini");
    assert_string_equal(config.authority.status, "/d/cores-2/cluster");
    assert_string_equal(config.authority.audit_dir, "/d/cores-2/audit");
    assert_string_equal(config.journal.dir, "/d/journal");
    assert_string_equal(config.front.address_file, "/d/front.addr");
    assert_string_equal(config.time.leap_table, "/d/leap");
    assert_true(view_equal(dev_conf_time(conf), wish.time)); /* for the set after it */
    assert_int_equal(dev_conf_time((struct view){conf.p, 100}).n, 0);
    assert_int_equal(dev_conf_time((struct view){NULL, 0}).n, 0);
}

static void paths_that_a_shell_reads_are_refused(void **state)
{
    static const char *const bad[] = {"d",     "/a'b", "/a\"b",  "/a;b",
                                      "/a\nb", "/a\\", "/a b\t", "/a "};
    uint8_t text[DEV_CONF_MAX];
    struct writer w = wr_init(text, sizeof text);

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(dev_conf_path_ok(bad[i]));
        const struct dev_conf wish = {.listen = "127.0.0.1:1",
                                      .program = "/p",
                                      .dir = bad[i],
                                      .nodes = 1,
                                      .threshold = 1};

        assert_int_equal(dev_conf_write(&wish, &w), ERR_RANGE);
    }
    assert_true(dev_conf_path_ok("/home/jos\xc3\xa9 (b)/$x&#/quorate-dev_1.0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(issues_what_the_supervisor_accepts),
        cmocka_unit_test(is_read_back),
        cmocka_unit_test(refuses_what_is_no_key),
        cmocka_unit_test(configuration_is_one_that_the_front_reads),
        cmocka_unit_test(the_clock_is_that_of_time_servers_if_there_are_some),
        cmocka_unit_test(keys_of_their_own_have_chains_and_labels),
        cmocka_unit_test(where_three_sign_one_chain_and_no_labels),
        cmocka_unit_test(another_set_has_a_folder_of_its_own),
        cmocka_unit_test(paths_that_a_shell_reads_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    (void)puts("SKIP a production build has no test CA");
    return 77;
}

#endif
