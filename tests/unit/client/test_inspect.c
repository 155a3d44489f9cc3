#include "pq_token.h"

#include "client/inspect/inspect.h"
#include "format/mldsa_pkcs8.h"
#include "format/pem.h"
#include "format/quorate_binding.h"

#include <jansson.h>

/* What inspect says of ML-DSA certificates, keys and tokens, and of QuorateBinding. */

static char *text; /* of the last print */

static const char *print_of(struct view bytes)
{
    size_t n = 0;

    free(text);
    text = NULL;
    FILE *out = open_memstream(&text, &n);

    assert_non_null(out);
    assert_int_equal(inspect_print(bytes, out), ERR_OK);
    assert_int_equal(fclose(out), 0);
    return text;
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

static json_t *json_of(struct view bytes)
{
    json_t *j = NULL;

    assert_int_equal(inspect_json(bytes, &j), ERR_OK);
    return j;
}

static void has(const json_t *j, const char *key, const char *value)
{
    assert_string_equal(json_string_value(json_object_get(j, key)), value);
}

#define EPOCH                                                          \
    "0101010101010101010101010101010101010101010101010101010101010101" \
    "01010101010101010101010101010101"
#define OTHER                                                          \
    "0202020202020202020202020202020202020202020202020202020202020202" \
    "02020202020202020202020202020202"

static struct view binding(uint8_t *out, size_t cap)
{
    uint8_t epoch[QUORATE_BINDING_HASH_LEN];
    uint8_t other[QUORATE_BINDING_HASH_LEN];
    struct writer w = wr_init(out, cap);
    struct quorate_binding b = {
        .epoch_id = {epoch, sizeof epoch},
        .n_other_keys = 1,
        .other_keys = {{other, sizeof other}},
        .threshold = 3,
        .total = 5,
        .assurance = ASSURANCE_SIMULATED,
    };

    memset(epoch, 1, sizeof epoch);
    memset(other, 2, sizeof other);
    assert_int_equal(quorate_binding_write(&w, &b), ERR_OK);
    return pq_written(&w);
}

static struct pq_node *bound_node(uint8_t *room, size_t cap)
{
    return pq_make(&(struct pq_cert){.name = "tsa", PQ_TSA, .binding = binding(room, cap)},
                   NULL);
}

static struct view spki_of(const struct pq_node *n, uint8_t *out, size_t cap)
{
    return pq_spki(&(struct pq_cert){.name = "x"}, n, out, cap);
}

static void hash_text(struct view spki, char out[97])
{
    uint8_t digest[HASH_MAX];

    hash_once(HASH_SHA384, spki, digest);
    for (size_t i = 0; i < 48; i++) {
        (void)snprintf(out + 2 * i, 3, "%02x", digest[i]);
    }
}

static void certificates_show_key_and_binding(void **state)
{
    uint8_t room[QUORATE_BINDING_ROOM];
    uint8_t spki[4096];
    char hash[97];
    struct pq_node *n = bound_node(room, sizeof room);

    (void)state;
    hash_text(spki_of(n, spki, sizeof spki), hash);
    (void)print_of(n->cert);
    says("    key:       ML-DSA-65, signed with id-ml-dsa-65\n");
    says("    usage:     digitalSignature; Time Stamping (critical)\n");
    says("    binding:   3 of 5 signers, assurance simulated\n");
    says("    epoch:     " EPOCH "\n");
    says("    other key: " OTHER "\n");
    says(hash);

    json_t *j = json_of(n->cert);
    const json_t *cert = json_array_get(json_object_get(j, "certificates"), 0);
    const json_t *b = json_object_get(cert, "quorate_binding");

    has(j, "kind", "certificates");
    has(cert, "key", "ML-DSA-65");
    has(cert, "signature_algorithm", "id-ml-dsa-65");
    has(b, "epoch_id", EPOCH);
    has(b, "assurance", "simulated");
    has(b, "spki_sha384", hash);
    assert_int_equal(json_integer_value(json_object_get(b, "threshold")), 3);
    assert_int_equal(json_integer_value(json_object_get(b, "total")), 5);
    assert_string_equal(json_string_value(json_array_get(json_object_get(b, "other_keys"), 0)),
                        OTHER);
    json_decref(j);
    free(n);
}

static void certificates_say_what_is_malformed(void **state)
{
    static const uint8_t odd[] = {5, 0};
    struct pq_node *n = pq_make(
        &(struct pq_cert){.name = "tsa", PQ_TSA, .cut_key = 1, .binding = {odd, sizeof odd}},
        NULL);

    (void)state;
    (void)print_of(n->cert);
    says("    key:       ML-DSA-65, malformed (length), signed with");
    says("    binding:   unreadable (tag)\n");

    json_t *j = json_of(n->cert);
    const json_t *cert = json_array_get(json_object_get(j, "certificates"), 0);

    has(json_object_get(cert, "quorate_binding"), "error", "tag");
    json_decref(j);
    pq_issue(n, &(struct pq_cert){.name = "tsa", PQ_TSA}, NULL);
    (void)print_of(n->cert);
    assert_null(strstr(text, "binding"));
    free(n);
}

static void keys_show_their_hash(void **state)
{
    static uint8_t pem[4096];
    uint8_t room[4096];
    char hash[97];
    struct pq_node *n = pq_key(&mldsa_87);
    const struct view spki = spki_of(n, room, sizeof room);
    struct writer w = wr_init(pem, sizeof pem);

    (void)state;
    hash_text(spki, hash);
    assert_int_equal(inspect_kind_of(spki), INSPECT_KEY);
    (void)print_of(spki);
    says("SubjectPublicKeyInfo\n  ML-DSA-87, public key of 2592 bytes\n");
    says(hash);
    pem_write(&w, "PUBLIC KEY", spki);
    json_t *j = json_of(pq_written(&w));

    has(j, "kind", "SubjectPublicKeyInfo");
    has(j, "algorithm", "ML-DSA-87");
    has(j, "spki_sha384", hash);
    assert_int_equal(json_integer_value(json_object_get(j, "length")), 2592);
    json_decref(j);
    free(n);
}

static void private_keys_show_the_public_one(void **state)
{
    static const uint8_t seed[MLDSA_PKCS8_SEED_LEN] = {9};
    uint8_t file[MLDSA_PKCS8_LEN];
    uint8_t pem[256];
    uint8_t room[4096];
    char hash[97];
    struct pq_node *n = pq_key(&mldsa_65);
    struct writer w = wr_init(pem, sizeof pem);

    (void)state;
    mldsa_keygen(mldsa_best(), &mldsa_65, seed, &pq_scratch.key, &n->key, n->pk, NULL);
    hash_text(spki_of(n, room, sizeof room), hash);
    mldsa_pkcs8_write(seed, file);
    (void)print_of((struct view){file, sizeof file});
    says("OneAsymmetricKey\n  ML-DSA-65, public key of 1952 bytes\n");
    says(hash);
    pem_write(&w, "PRIVATE KEY", (struct view){file, sizeof file});
    json_t *j = json_of(pq_written(&w));

    has(j, "kind", "OneAsymmetricKey");
    has(j, "spki_sha384", hash);
    json_decref(j);
    free(n);
}

static void malformed_keys_have_their_own_errors(void **state)
{
    static const uint8_t other_key[] = {0x30, 0x03, 0x02, 0x01, 0x00};
    uint8_t room[4096];
    uint8_t pem[256];
    struct writer w = wr_init(pem, sizeof pem);
    struct pq_node *n = pq_key(&mldsa_65);
    json_t *j = NULL;

    (void)state;
    assert_int_equal(
        inspect_json(pq_spki(&(struct pq_cert){.cut_key = 1}, n, room, sizeof room), &j),
        ERR_LENGTH);
    assert_int_equal(
        inspect_json(pq_spki(&(struct pq_cert){.key_params = true}, n, room, sizeof room), &j),
        ERR_ENCODING);
    struct view spki = spki_of(n, room, sizeof room);

    room[spki.n++] = 0;
    assert_int_equal(inspect_json(spki, &j), ERR_TAG);
    pem_write(&w, "PRIVATE KEY", (struct view){other_key, sizeof other_key});
    assert_int_equal(inspect_json(pq_written(&w), &j), ERR_BAD_ALG);
    w = wr_init(pem, sizeof pem);
    pem_write(&w, "PUBLIC KEY", (struct view){other_key, sizeof other_key});
    assert_int_equal(inspect_json(pq_written(&w), &j), ERR_ENCODING);
    free(n);
}

static void tokens_show_the_algorithm(void **state)
{
    static const uint8_t digest[32] = {1};
    static struct pq_token token;
    struct pq_node *n = pq_make(&(struct pq_cert){.name = "tsa", PQ_TSA}, NULL);
    const struct pq_wish wish = {
        .signer = n, .imprint = {digest, sizeof digest}, .certificates = n->cert};

    (void)state;
    pq_token(&wish, &token);
    (void)print_of(token.der);
    says("    signature: id-ml-dsa-65, 3309 bytes\n");
    says("    digest:    sha512\n");
    says("    key:       ML-DSA-65, signed with id-ml-dsa-65\n");
    json_t *j = json_of(token.der);
    const json_t *info = json_object_get(j, "signer_info");

    has(j, "kind", "TimeStampToken");
    has(info, "signature_algorithm", "id-ml-dsa-65");
    json_decref(j);
    free(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_show_key_and_binding),
        cmocka_unit_test(certificates_say_what_is_malformed),
        cmocka_unit_test(keys_show_their_hash),
        cmocka_unit_test(private_keys_show_the_public_one),
        cmocka_unit_test(malformed_keys_have_their_own_errors),
        cmocka_unit_test(tokens_show_the_algorithm),
    };

    return cmocka_run_group_tests(tests, NULL, drop_text);
}
