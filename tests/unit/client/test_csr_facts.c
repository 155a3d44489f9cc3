/* What inspect says of certificate requests. */
#include "csr_kit.h"

#include "client/inspect/inspect.h"
#include "client/token/csr_facts.h"

#include <jansson.h>

static char *text; /* of the last print */

static void print(struct view bytes)
{
    size_t n = 0;

    free(text);
    text = NULL;
    FILE *out = open_memstream(&text, &n);

    assert_non_null(out);
    assert_int_equal(inspect_print(bytes, out), ERR_OK);
    assert_int_equal(fclose(out), 0);
}

static void says(const char *word)
{
    if (strstr(text, word) == NULL) {
        print_error("does not say \"%s\":\n%s", word, text);
        fail();
    }
}

static int drop_text(void **state)
{
    (void)state;
    free(text);
    text = NULL;
    return 0;
}

static void both_of_a_core(void **state)
{
    static uint8_t pem[20000];
    struct writer w = wr_init(pem, sizeof pem);
    json_t *j = NULL;

    (void)state;
    csr_kit_pem(SIGN_ECDSA_P384_SHA384, 1, &w);
    csr_kit_pem(SIGN_ML_DSA_65, 2, &w);
    const struct view both = {pem, w.len};

    assert_int_equal(inspect_kind_of(both), INSPECT_REQUESTS);
    print(both);
    says("certificate requests: 2\n  request 1:\n");
    says("CN=Quorate TSA");
    says("e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0");
    says("    key:       id-ecPublicKey secp384r1\n");
    says("    key:       ML-DSA-65\n");
    says("    asks for:  a certificate alone\n");
    says("    proof of possession: genuine\n");
    assert_null(strstr(text, "NOT"));
    assert_int_equal(inspect_json(both, &j), ERR_OK);
    assert_string_equal(json_string_value(json_object_get(j, "kind")), "certificate requests");
    const json_t *second = json_array_get(json_object_get(j, "requests"), 1);

    assert_true(json_is_true(json_object_get(second, "proof_of_possession")));
    assert_string_equal(json_string_value(json_object_get(second, "algorithm")), "ML-DSA-65");
    json_decref(j);
}

static void der_and_no_proof(void **state)
{
    uint8_t der[CSR_MAX];
    const struct view whole = csr_kit_der(SIGN_ECDSA_P384_SHA384, 1, der);
    json_t *j = NULL;

    (void)state;
    assert_int_equal(inspect_kind_of(whole), INSPECT_REQUESTS);
    der[whole.n - 1] ^= 1;
    print(whole);
    says("    proof of possession: NOT GENUINE (signature)\n");
    assert_int_equal(inspect_json(whole, &j), ERR_OK);
    const json_t *first = json_array_get(json_object_get(j, "requests"), 0);

    assert_true(json_is_false(json_object_get(first, "proof_of_possession")));
    json_decref(j);
}

static void what_is_none(void **state)
{
    static uint8_t pem[CSR_FACTS_MAX * 1024];
    struct writer w = wr_init(pem, sizeof pem);
    static struct csr_list l;
    uint8_t der[CSR_MAX];
    const struct view whole = csr_kit_der(SIGN_ECDSA_P384_SHA384, 1, der);

    (void)state;
    assert_int_equal(csr_facts_read((struct view){NULL, 0}, &l), ERR_TAG);
    assert_int_equal(csr_facts_read((struct view){der, whole.n - 1}, &l), ERR_TAG);
    assert_int_equal(inspect_kind_of((struct view){der, whole.n - 1}), INSPECT_UNKNOWN);
    for (size_t i = 0; i < CSR_FACTS_MAX; i++) {
        pem_write(&w, CSR_PEM_LABEL, whole);
    }
    assert_int_equal(csr_facts_read((struct view){pem, w.len}, &l), ERR_OK);
    assert_int_equal(l.n, CSR_FACTS_MAX);
    pem_write(&w, CSR_PEM_LABEL, whole);
    assert_int_equal(csr_facts_read((struct view){pem, w.len}, &l), ERR_NOSPACE);
    assert_int_equal(l.n, 0);
    w = wr_init(pem, sizeof pem);
    pem_write(&w, CSR_PEM_LABEL, (struct view){der, 40});
    assert_int_equal(csr_facts_read((struct view){pem, w.len}, &l), ERR_TRUNCATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_of_a_core),
        cmocka_unit_test(der_and_no_proof),
        cmocka_unit_test(what_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, drop_text);
}
