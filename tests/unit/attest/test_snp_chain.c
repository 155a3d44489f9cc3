/* Roots and issuers as AMD's are, made here: what is right passes, and each thing that is wrong
 * is refused by its own number. */
#include "snp_chain_kit.h"

struct world {
    struct snp_kit_cert ark, ask;
    struct snp_kit_crl crl;
    bool with_crl;
    struct snp_root root[2];
    int64_t at_s;
    struct snp_issuer out;
};

static struct world fresh(void)
{
    struct world w = {.ark = snp_kit_ark(),
                      .ask = snp_kit_ask("SEV-Milan"),
                      .crl = snp_kit_list(),
                      .with_crl = true,
                      .at_s = SNP_KIT_AT_S};

    w.root[0] = (struct snp_root){.line = SNP_LINE_GENOA, .pin = {1}};
    w.root[1] = snp_kit_root(SNP_LINE_MILAN);
    return w;
}

static enum attest_fault verify(struct world *w)
{
    static uint8_t a[SNP_KIT_DER_MAX];
    static uint8_t b[SNP_KIT_DER_MAX];
    static uint8_t c[SNP_KIT_DER_MAX];
    static const struct snp_issuer zero;
    const struct snp_roots roots = {w->root, 2};
    const struct view none = {NULL, 0};
    const enum attest_fault f = snp_issuer_verify(
        snp_kit_cert(&w->ark, a), snp_kit_cert(&w->ask, b),
        w->with_crl ? snp_kit_crl(&w->crl, c) : none, &roots, w->at_s, &w->out);

    if (f != ATTEST_OK) {
        assert_memory_equal(&w->out, &zero, sizeof zero);
    }
    return f;
}

static void good_chains_pass(void **state)
{
    uint8_t modulus[RSA_PSS_4096_LEN];
    struct world w = fresh();

    (void)state;
    snp_kit_modulus(SNP_KIT_RSA_ASK, modulus);
    assert_int_equal(verify(&w), ATTEST_OK);
    assert_int_equal(w.out.line, SNP_LINE_MILAN);
    assert_int_equal(w.out.assurance, ATTEST_ASSURANCE_SIMULATED);
    assert_int_equal(w.out.signs, SNP_SIGNER_VCEK);
    assert_memory_equal(w.out.modulus, modulus, sizeof modulus);
    assert_true(w.out.crl_checked);
    assert_true(w.out.from_s == w.crl.from_s && w.out.until_s == w.crl.until_s);
    w.with_crl = false;
    w.ask.subject = "SEV-VLEK-Milan";
    w.ask.pss = SNP_KIT_PSS_DEFAULT;
    w.ark.pss = SNP_KIT_PSS_DEFAULT;
    assert_int_equal(verify(&w), ATTEST_OK);
    assert_int_equal(w.out.signs, SNP_SIGNER_VLEK);
    assert_false(w.out.crl_checked);
    assert_true(w.out.from_s == w.ask.from_s && w.out.until_s == w.ask.until_s);
}

/* The table that others are judged by does not know the tests' root. */
static void compiled_roots(void **state)
{
    static uint8_t a[SNP_KIT_DER_MAX];
    static uint8_t b[SNP_KIT_DER_MAX];
    const struct world w = fresh();
    struct snp_issuer out;

    (void)state;
#if defined(QUORATE_SIMULATED)
    assert_int_equal(snp_roots_compiled.n, 6);
#else
    assert_int_equal(snp_roots_compiled.n, 3);
#endif
    for (size_t i = 0; i < snp_roots_compiled.n; i++) {
        assert_int_equal(snp_roots_compiled.p[i].line, SNP_LINE_MILAN + (int)i);
        assert_int_equal(snp_roots_compiled.p[i].assurance,
                         i < 3 ? ATTEST_ASSURANCE_HARDWARE : ATTEST_ASSURANCE_SIMULATED);
    }
    assert_int_equal(snp_issuer_verify(snp_kit_cert(&w.ark, a), snp_kit_cert(&w.ask, b),
                                       (struct view){NULL, 0}, &snp_roots_compiled,
                                       SNP_KIT_AT_S, &out),
                     ATTEST_ARK_PIN);
}

static void roots_are_checked(void **state)
{
    struct world w = fresh();

    (void)state;
    w.root[1].pin[31] ^= 1;
    assert_int_equal(verify(&w), ATTEST_ARK_PIN);
    w = fresh();
    w.ark.issuer = "ARK-OTHER";
    assert_int_equal(verify(&w), ATTEST_ARK_NAME);
    w = fresh();
    w.ark.ext[0].value[3] = 0x02; /* signs lists alone */
    assert_int_equal(verify(&w), ATTEST_ARK_CA);
    w = fresh();
    w.ark.ext[1].value[4] = 0; /* no CA */
    assert_int_equal(verify(&w), ATTEST_ARK_CA);
    w = fresh();
    w.ark.n_ext = 1;
    assert_int_equal(verify(&w), ATTEST_ARK_CA);
    w = fresh();
    w.ark.ext[0] = w.ark.ext[1]; /* no key usage */
    w.ark.n_ext = 1;
    assert_int_equal(verify(&w), ATTEST_ARK_CA);
    w = fresh();
    w.ark.ext[1] = w.ark.ext[0]; /* stands twice */
    assert_int_equal(verify(&w), ATTEST_ARK_PARSE);
    for (int pss = SNP_KIT_PSS_SALT_32; pss <= SNP_KIT_RSA_V15; pss++) {
        w = fresh();
        w.ark.pss = (enum snp_kit_pss)pss;
        assert_int_equal(verify(&w), ATTEST_ARK_ALGORITHM);
    }
    w = fresh();
    w.ark.signed_by = SNP_KIT_RSA_ASK;
    assert_int_equal(verify(&w), ATTEST_ARK_SIGNATURE);
}

/* A root that is pinned, but whose key is of another form than AMD's. */
static void root_keys_are_rsa_4096(void **state)
{
    static uint8_t der[SNP_KIT_DER_MAX];
    struct world w = fresh();

    (void)state;
    for (int i = 0; i < 4; i++) {
        struct snp_kit_key key;
        struct cert_ids ids;

        w = fresh();
        snp_kit_key_init(&key, 9);
        w.ark.exponent = i == 0 ? 3 : 1;
        w.ark.modulus_len = i == 1 ? RSA_PSS_4096_LEN - 1 : RSA_PSS_4096_LEN;
        w.ark.wrong_key_alg = i == 2;
        w.ark.point = i == 3 ? key.key.public_key : NULL;
        assert_int_equal(cert_ids_parse(snp_kit_cert(&w.ark, der), &ids), ERR_OK);
        hash_once(HASH_SHA256, ids.spki, w.root[1].pin);
        assert_int_equal(verify(&w), ATTEST_ARK_KEY);
        snp_kit_key_free(&key);
    }
}

static void issuers_are_checked(void **state)
{
    static const char *const names[] = {"SEV-Genoa",     "SEV-VLEK-Genoa", "SEV-milan",
                                        "SEV-Milan-B0",  "SEV-",           "SEV-VLEK-",
                                        "SEV-VLEK-SEV-", "Milan",          "ARK-Milan"};
    struct world w = fresh();

    (void)state;
    w.ask.issuer = "ARK-OTHER";
    assert_int_equal(verify(&w), ATTEST_ASK_ISSUER);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        w = fresh();
        w.ask.subject = names[i];
        assert_int_equal(verify(&w), ATTEST_ASK_NAME);
    }
    w = fresh();
    w.ask.more_subject = "SEV-Milan";
    assert_int_equal(verify(&w), ATTEST_ASK_NAME);
    w = fresh();
    w.ask.ext[0].value[3] = 0x80; /* digitalSignature */
    assert_int_equal(verify(&w), ATTEST_ASK_CA);
    w = fresh();
    w.ask.ext[1].value[7] = 1; /* path length */
    assert_int_equal(verify(&w), ATTEST_ASK_CA);
    w = fresh();
    w.ask.ext[1] = w.ark.ext[1]; /* none */
    assert_int_equal(verify(&w), ATTEST_ASK_CA);
    for (int pss = SNP_KIT_PSS_SALT_32; pss <= SNP_KIT_RSA_V15; pss++) {
        w = fresh();
        w.ask.pss = (enum snp_kit_pss)pss;
        assert_int_equal(verify(&w), ATTEST_ASK_ALGORITHM);
    }
    w = fresh();
    w.ask.signed_by = SNP_KIT_RSA_ASK;
    assert_int_equal(verify(&w), ATTEST_ASK_SIGNATURE);
    w = fresh();
    snp_kit_ext_add(&w.ask, "2.5.29.99", true, "\x05", 1); /* critical, and of nobody */
    assert_int_equal(verify(&w), ATTEST_ASK_PARSE);
}

static void issuer_keys_are_rsa_4096(void **state)
{
    struct world w = fresh();

    (void)state;
    w.ask.exponent = 3;
    assert_int_equal(verify(&w), ATTEST_ASK_KEY);
    w = fresh();
    w.ask.modulus_len = RSA_PSS_4096_LEN - 1;
    assert_int_equal(verify(&w), ATTEST_ASK_KEY);
    w = fresh();
    w.ask.wrong_key_alg = true;
    assert_int_equal(verify(&w), ATTEST_ASK_KEY);
    w = fresh();
    w.ask.wide_modulus = true;
    assert_int_equal(verify(&w), ATTEST_ASK_KEY);
    w = fresh();
    w.ask.more_in_key = true;
    assert_int_equal(verify(&w), ATTEST_ASK_KEY);
    w = fresh();
    w.ask.more_after_key = true;
    assert_int_equal(verify(&w), ATTEST_ASK_KEY);
    w = fresh();
    w.ask.no_key_params = true;
    assert_int_equal(verify(&w), ATTEST_ASK_KEY);
}

/* Each end of each span, to the second. */
static void times_are_those_of_the_caller(void **state)
{
    struct world w = fresh();
    const int64_t at[] = {w.ask.from_s, w.ask.until_s};

    (void)state;
    w.with_crl = false;
    for (int end = 0; end < 2; end++) {
        const int out = end == 0 ? -1 : 1;

        w.at_s = at[end];
        assert_int_equal(verify(&w), ATTEST_OK);
        w.at_s = at[end] + out;
        assert_int_equal(verify(&w), ATTEST_ASK_TIME);
        w.at_s = (end == 0 ? w.ark.from_s : w.ark.until_s) + out;
        assert_int_equal(verify(&w), ATTEST_ARK_TIME);
    }
    w = fresh();
    w.at_s = w.crl.from_s;
    assert_int_equal(verify(&w), ATTEST_OK);
    w.at_s--;
    assert_int_equal(verify(&w), ATTEST_CRL_TIME);
    w.at_s = w.crl.until_s;
    assert_int_equal(verify(&w), ATTEST_OK);
    w.at_s++;
    assert_int_equal(verify(&w), ATTEST_CRL_TIME);
    w = fresh();
    w.crl.until_s = 0;
    assert_int_equal(verify(&w), ATTEST_CRL_TIME);
}

static void lists_are_checked(void **state)
{
    struct world w = fresh();

    (void)state;
    w.crl.revoked[1] = 2; /* the serial number of the ASK */
    assert_int_equal(verify(&w), ATTEST_CRL_REVOKED);
    w.crl.n_revoked = 0;
    assert_int_equal(verify(&w), ATTEST_OK);
    w = fresh();
    w.crl.critical = true;
    assert_int_equal(verify(&w), ATTEST_CRL_PARSE);
    w = fresh();
    w.crl.issuer = "SEV-Milan";
    assert_int_equal(verify(&w), ATTEST_CRL_ISSUER);
    w = fresh();
    w.ark.ext[0].value[3] = 0x04; /* signs certificates alone */
    assert_int_equal(verify(&w), ATTEST_CRL_USAGE);
    w.with_crl = false;
    assert_int_equal(verify(&w), ATTEST_OK);
    w = fresh();
    w.crl.pss = SNP_KIT_PSS_SHA256;
    assert_int_equal(verify(&w), ATTEST_CRL_ALGORITHM);
    w = fresh();
    w.crl.signed_by = SNP_KIT_RSA_ASK;
    assert_int_equal(verify(&w), ATTEST_CRL_SIGNATURE);
}

/* Good in all but their length, up to the last byte that may be. */
static void lengths_are_capped(void **state)
{
    struct world w = fresh();
    uint8_t der[SNP_KIT_DER_MAX];
    const size_t ark = snp_kit_cert(&w.ark, der).n + 40; /* with the head of what pads it */
    const size_t ask = snp_kit_cert(&w.ask, der).n + 40;
    const size_t crl = snp_kit_crl(&w.crl, der).n + 40;

    (void)state;
    w.ark.pad = SNP_CERT_MAX - ark;
    w.ask.pad = SNP_CERT_MAX - ask;
    w.crl.pad = SNP_CRL_MAX - crl;
    assert_int_equal(verify(&w), ATTEST_OK);
    w.crl.pad += 64;
    assert_int_equal(verify(&w), ATTEST_CRL_PARSE);
    w.ask.pad += 64;
    assert_int_equal(verify(&w), ATTEST_ASK_PARSE);
    w.ark.pad += 64;
    assert_int_equal(verify(&w), ATTEST_ARK_PARSE);
}

/* 64 KiB that begin as a certificate or list does. */
static void long_input_is_refused_unread(void **state)
{
    static uint8_t big[65536];
    static uint8_t a[SNP_KIT_DER_MAX];
    static uint8_t b[SNP_KIT_DER_MAX];
    const struct world w = fresh();
    const struct snp_roots roots = {w.root, 2};
    const struct view none = {NULL, 0};
    const struct view ark = snp_kit_cert(&w.ark, a);
    const struct view ask = snp_kit_cert(&w.ask, b);
    struct snp_issuer out;

    (void)state;
    memset(big, 0x30, sizeof big);
    memcpy(big, ark.p, ark.n);
    for (size_t n = SNP_CERT_MAX; n <= sizeof big; n *= 2) {
        const struct view v = {big, n};

        assert_int_equal(snp_issuer_verify(v, ask, none, &roots, w.at_s, &out),
                         ATTEST_ARK_PARSE);
        assert_int_equal(snp_issuer_verify(ark, v, none, &roots, w.at_s, &out),
                         ATTEST_ASK_PARSE);
        assert_int_equal(snp_issuer_verify(ark, ask, v, &roots, w.at_s, &out),
                         ATTEST_CRL_PARSE);
    }
    assert_int_equal(snp_issuer_verify(none, ask, none, &roots, w.at_s, &out),
                     ATTEST_ARK_PARSE);
    assert_int_equal(snp_issuer_verify(ark, none, none, &roots, w.at_s, &out),
                     ATTEST_ASK_PARSE);
}

/* A Name whose one pair has a type, a value and `more` things behind them. */
static struct view common_name(size_t more, uint8_t out[64])
{
    struct writer w = wr_init(out, 64);
    struct view v;
    const size_t name = der_begin(&w, DER_SEQUENCE);
    const size_t set = der_begin(&w, DER_SET);
    const size_t pair = der_begin(&w, DER_SEQUENCE);

    der_write(&w, DER_OID, (struct view){(const uint8_t *)"\x55\x04\x03", 3});
    der_write(&w, DER_UTF8_STRING, (struct view){(const uint8_t *)"ab", 2});
    for (size_t i = 0; i < more; i++) {
        der_write(&w, DER_NULL, (struct view){NULL, 0});
    }
    der_end(&w, pair);
    der_end(&w, set);
    der_end(&w, name);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return snp_common_name(v);
}

static void names_have_pairs(void **state)
{
    uint8_t buf[64];

    (void)state;
    assert_int_equal(common_name(0, buf).n, 2);
    assert_int_equal(common_name(1, buf).n, 0);
}

/* Behind a name that is good, what is no set, no pair, or half of one. */
static void names_are_read_to_their_end(void **state)
{
#define CN "\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01x" /* 12 bytes */
#define IN_SET(n, rest) "\x31" n "\x30\x08\x06\x03\x55\x04\x03\x0c\x01x" rest
    static const struct {
        const char *name;
        size_t n, cn;
    } cases[] = {
        {"\x30\x0c" CN, 14, 1},
        {"\x30\x0e" CN "\x04\x00", 16, 0},
        {"\x30\x0e" IN_SET("\x0c", "\x04\x00"), 16, 0},
        {"\x30\x15" CN "\x31\x07\x30\x05\x06\x03\x55\x04\x0a", 23, 0},
        {"\x30\x14" CN "\x31\x06\x30\x04\x02\x00\x04\x00", 22, 0},
        {"\x31\x0c" CN, 14, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct view v = {(const uint8_t *)cases[i].name, cases[i].n};

        assert_int_equal(snp_common_name(v).n, cases[i].cn);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_chains_pass),
        cmocka_unit_test(compiled_roots),
        cmocka_unit_test(roots_are_checked),
        cmocka_unit_test(root_keys_are_rsa_4096),
        cmocka_unit_test(issuers_are_checked),
        cmocka_unit_test(issuer_keys_are_rsa_4096),
        cmocka_unit_test(times_are_those_of_the_caller),
        cmocka_unit_test(lists_are_checked),
        cmocka_unit_test(names_have_pairs),
        cmocka_unit_test(names_are_read_to_their_end),
        cmocka_unit_test(lengths_are_capped),
        cmocka_unit_test(long_input_is_refused_unread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
