#include "pki.h"
#include "pq_pki.h"

#include "client/trust/pq_chain.h"

#include <stdio.h>

/* root, sub and tsa; each test makes one thing of it another way. */
struct world {
    struct pq_node *root, *sub, *tsa;
    struct view anchors[4], helpers[16];
    size_t n_anchors, n_helpers;
    int64_t at_s;
    struct pq_chain_result result;
};

static int make(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    w->root = pq_make(&(struct pq_cert){.name = "root", PQ_CA}, NULL);
    w->sub = pq_make(&(struct pq_cert){.name = "sub", PQ_CA}, w->root);
    w->tsa = pq_make(&(struct pq_cert){.name = "tsa", PQ_TSA}, w->sub);
    w->n_anchors = 1;
    w->n_helpers = 1;
    w->at_s = PQ_NOW;
    *state = w;
    return 0;
}

static int drop(void **state)
{
    struct world *w = *state;

    free(w->root);
    free(w->sub);
    free(w->tsa);
    free(w);
    return 0;
}

static enum err check(struct world *w)
{
    w->anchors[0] = w->root->cert;
    w->helpers[0] = w->sub->cert;
    return pq_chain_check(w->tsa->cert, (struct pq_certs){w->anchors, w->n_anchors},
                          (struct pq_certs){w->helpers, w->n_helpers}, w->at_s, &w->result);
}

static void finds(struct world *w, size_t n, struct view anchor)
{
    const enum err e = check(w);

    assert_string_equal(w->result.reason, "");
    assert_int_equal(e, ERR_OK);
    assert_int_equal(w->result.n, n);
    assert_true(view_equal(w->result.anchor, anchor));
}

/* word stands in the reason. */
static void refuses(struct world *w, enum err e, const char *word)
{
    const enum err have = check(w);

    if (have != e || strstr(w->result.reason, word) == NULL) {
        print_error("%s, not %s: %s\n", err_name(have), err_name(e), w->result.reason);
        fail();
    }
    assert_true(w->result.n == 0 && w->result.anchor.n == 0);
}

static void sub_is(struct world *w, const struct pq_cert *c)
{
    pq_issue(w->sub, c, w->root);
}

static void root_is(struct world *w, const struct pq_cert *c)
{
    pq_issue(w->root, c, NULL);
}

static void tsa_is(struct world *w, const struct pq_cert *c)
{
    pq_issue(w->tsa, c, w->sub);
}

static void finds_a_path(void **state)
{
    struct world *w = *state;

    finds(w, 3, w->root->cert);
    w->n_helpers = 0;
    refuses(w, ERR_SIGNATURE, "no ML-DSA anchor issued it");
    w->n_helpers = 1;
    w->n_anchors = 0;
    refuses(w, ERR_SIGNATURE, "no ML-DSA anchor issued it");
}

static void anchors_of_any_kind(void **state)
{
    struct world *w = *state;

    w->n_anchors = 2;
    w->anchors[1] = w->sub->cert;
    finds(w, 2, w->sub->cert);
    w->anchors[1] = w->tsa->cert;
    finds(w, 1, w->tsa->cert);
    w->at_s = PQ_END + 1;
    refuses(w, ERR_SIGNATURE, "the signer's certificate is not valid");
}

static void every_parameter_set(void **state)
{
    struct world *w = *state;

    free(w->root);
    free(w->sub);
    free(w->tsa);
    w->root = pq_make(&(struct pq_cert){.name = "root", .key = &mldsa_87, PQ_CA}, NULL);
    w->sub = pq_make(&(struct pq_cert){.name = "sub", .key = &mldsa_44, PQ_CA}, w->root);
    w->tsa = pq_make(&(struct pq_cert){.name = "tsa", .key = &mldsa_65, PQ_TSA}, w->sub);
    finds(w, 3, w->root->cert);
}

static void names_lead(void **state)
{
    struct world *w = *state;

    tsa_is(w, &(struct pq_cert){.name = "tsa", .issuer = "SUB", PQ_TSA});
    refuses(w, ERR_SIGNATURE, "no ML-DSA anchor issued it");
}

static void signatures_bind(void **state)
{
    struct world *w = *state;

    tsa_is(w, &(struct pq_cert){.name = "tsa", PQ_TSA, .spoil_signature = true});
    refuses(w, ERR_SIGNATURE, "is not by that key");
    tsa_is(w, &(struct pq_cert){.name = "tsa", PQ_TSA});
    sub_is(w, &(struct pq_cert){.name = "sub", PQ_CA, .spoil_signature = true});
    refuses(w, ERR_SIGNATURE, "is not by that key");
}

static void signatures_are_of_the_keys_algorithm(void **state)
{
    struct world *w = *state;
    struct pq_node *other =
        pq_make(&(struct pq_cert){.name = "sub", .key = &mldsa_44, PQ_CA}, w->root);

    w->sub->cert = other->cert;
    refuses(w, ERR_SIGNATURE, "is of another algorithm than the key");
    free(other);
}

static void malformed_signatures_have_their_own_errors(void **state)
{
    struct world *w = *state;

    tsa_is(w, &(struct pq_cert){.name = "tsa", PQ_TSA, .cut_signature = 1});
    refuses(w, ERR_LENGTH, "has not the length of its algorithm");
    tsa_is(w, &(struct pq_cert){.name = "tsa", PQ_TSA, .spoil_hint = true});
    refuses(w, ERR_ENCODING, "has a hint that is not in its one encoding");
}

static void malformed_keys_have_their_own_errors(void **state)
{
    struct world *w = *state;

    tsa_is(w, &(struct pq_cert){.name = "tsa", PQ_TSA, .cut_key = 1});
    refuses(w, ERR_LENGTH, "the signer's key");
    tsa_is(w, &(struct pq_cert){.name = "tsa", PQ_TSA, .key_params = true});
    refuses(w, ERR_ENCODING, "the signer's key");
    tsa_is(w, &(struct pq_cert){.name = "tsa", PQ_TSA});
    sub_is(w, &(struct pq_cert){.name = "sub", PQ_CA, .cut_key = 1});
    refuses(w, ERR_SIGNATURE, "no ML-DSA anchor issued it");
    sub_is(w, &(struct pq_cert){.name = "sub", PQ_CA, .key_params = true});
    refuses(w, ERR_SIGNATURE, "no ML-DSA anchor issued it");
}

static void a_byte_after_the_certificate(void **state)
{
    struct world *w = *state;

    w->tsa->room[w->tsa->cert.n++] = 0;
    refuses(w, ERR_TRAILING, "the signer's certificate cannot be read");
    w->tsa->cert.n--;
    w->sub->room[w->sub->cert.n++] = 0;
    refuses(w, ERR_SIGNATURE, "no ML-DSA anchor issued it");
}

static void everybody_is_valid(void **state)
{
    struct world *w = *state;
    const struct pq_cert late = {
        .name = "sub", PQ_CA, .not_before_s = PQ_NOW + 1, .not_after_s = PQ_END};
    const struct pq_cert old = {
        .name = "root", PQ_CA, .not_before_s = PQ_T0, .not_after_s = PQ_NOW - 1};

    w->at_s = PQ_T0 - 1;
    refuses(w, ERR_SIGNATURE, "the signer's certificate is not valid");
    w->at_s = PQ_NOW;
    sub_is(w, &late);
    refuses(w, ERR_SIGNATURE, "an issuer's certificate is not valid then");
    sub_is(w, &(struct pq_cert){.name = "sub", PQ_CA});
    root_is(w, &old);
    refuses(w, ERR_SIGNATURE, "an issuer's certificate is not valid then");
    w->at_s = PQ_NOW - 1;
    finds(w, 3, w->root->cert);
}

static void issuers_are_authorities(void **state)
{
    struct world *w = *state;

    sub_is(w, &(struct pq_cert){.name = "sub", .key_usage = CERT_KEY_CERT_SIGN});
    refuses(w, ERR_SIGNATURE, "is not one of a CA");
    sub_is(w, &(struct pq_cert){.name = "sub", PQ_CA, .no_basic = true});
    refuses(w, ERR_SIGNATURE, "is not one of a CA");
    sub_is(w, &(struct pq_cert){.name = "sub", .ca = true, .key_usage = CERT_CRL_SIGN});
    refuses(w, ERR_SIGNATURE, "keyUsage does not allow");
    sub_is(w, &(struct pq_cert){.name = "sub", .ca = true});
    finds(w, 3, w->root->cert);
    root_is(w, &(struct pq_cert){.name = "root", .key_usage = CERT_KEY_CERT_SIGN});
    refuses(w, ERR_SIGNATURE, "is not one of a CA");
}

static void issuers_may_be_limited_to_a_purpose(void **state)
{
    struct world *w = *state;

    sub_is(w, &(struct pq_cert){.name = "sub", PQ_CA, .eku = EKU_SERVER});
    refuses(w, ERR_SIGNATURE, "not an authority for time-stamping");
    sub_is(w, &(struct pq_cert){.name = "sub", PQ_CA, .eku = EKU_ANY});
    finds(w, 3, w->root->cert);
    sub_is(w, &(struct pq_cert){.name = "sub", PQ_CA, .eku = EKU_TSA});
    finds(w, 3, w->root->cert);
}

static void critical_extensions_are_known(void **state)
{
    struct world *w = *state;

    sub_is(w, &(struct pq_cert){.name = "sub", PQ_CA, .critical_unknown = true});
    refuses(w, ERR_SIGNATURE, "no ML-DSA anchor issued it");
    tsa_is(w, &(struct pq_cert){.name = "tsa", PQ_TSA, .critical_unknown = true});
    refuses(w, ERR_EXTENSION, "the signer's certificate cannot be read");
}

static void path_lengths_hold(void **state)
{
    struct world *w = *state;

    root_is(w, &(struct pq_cert){.name = "root", PQ_CA, .path_plus_1 = 1});
    refuses(w, ERR_SIGNATURE, "longer than an issuer's pathLenConstraint");
    root_is(w, &(struct pq_cert){.name = "root", PQ_CA, .path_plus_1 = 2});
    sub_is(w, &(struct pq_cert){.name = "sub", PQ_CA, .path_plus_1 = 1});
    finds(w, 3, w->root->cert);
}

/* RFC 5280 4.2.1.9: a self-issued certificate does not count. */
static void self_issued_certificates_do_not_count(void **state)
{
    struct world *w = *state;
    struct pq_node *renewed = pq_make(&(struct pq_cert){.name = "sub", PQ_CA}, w->sub);

    root_is(w, &(struct pq_cert){.name = "root", PQ_CA, .path_plus_1 = 2});
    pq_issue(w->tsa, &(struct pq_cert){.name = "tsa", PQ_TSA}, renewed);
    w->helpers[w->n_helpers++] = renewed->cert;
    finds(w, 4, w->root->cert);
    free(renewed);
}

/* tsa, and n authorities below the root. */
static void build(struct world *w, struct pq_node **subs, size_t n)
{
    struct pq_node *by = w->root;

    for (size_t i = 0; i < n; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "sub %zu", i);
        subs[i] = pq_make(&(struct pq_cert){.name = name, PQ_CA}, by);
        w->helpers[1 + i] = subs[i]->cert;
        by = subs[i];
    }
    w->n_helpers = 1 + n;
    pq_issue(w->tsa, &(struct pq_cert){.name = "tsa", PQ_TSA}, by);
}

static void paths_are_short(void **state)
{
    struct world *w = *state;
    struct pq_node *subs[4];

    build(w, subs, 3);
    finds(w, 5, w->root->cert);
    for (size_t i = 0; i < 3; i++) {
        free(subs[i]);
    }
    build(w, subs, 4);
    refuses(w, ERR_SIGNATURE, "the path is too long");
    for (size_t i = 0; i < 4; i++) {
        free(subs[i]);
    }
}

/* Two certificates of one authority. The first is self-signed, so that the second counts as its
 * issuer; or leads nowhere. */
static void tries_every_way(void **state)
{
    struct world *w = *state;
    struct pq_node *alone = pq_make(&(struct pq_cert){.name = "sub", PQ_CA}, NULL);
    struct pq_node *dead = pq_make(&(struct pq_cert){.name = "dead", PQ_CA}, NULL);

    alone->key = w->sub->key;
    memcpy(alone->pk, w->sub->pk, sizeof alone->pk);
    pq_issue(alone, &(struct pq_cert){.name = "sub", PQ_CA}, NULL);
    w->helpers[1] = w->sub->cert;
    w->n_helpers = 2;
    const struct view second = w->sub->cert;

    w->sub->cert = alone->cert;
    finds(w, 4, w->root->cert);
    pq_issue(alone, &(struct pq_cert){.name = "sub", PQ_CA}, dead);
    w->sub->cert = alone->cert;
    finds(w, 3, w->root->cert);
    w->sub->cert = second;
    free(alone);
    free(dead);
}

static void work_is_bounded(void **state)
{
    static struct view many[PQ_CHAIN_POOL_MAX + 1];
    struct world *w = *state;
    struct pq_node *stranger = pq_make(&(struct pq_cert){.name = "sub", PQ_CA}, NULL);

    for (size_t i = 0; i <= PQ_CHAIN_POOL_MAX; i++) {
        many[i] = stranger->cert;
    }
    const struct pq_certs anchors = {&w->root->cert, 1};

    assert_int_equal(pq_chain_check(w->tsa->cert, anchors,
                                    (struct pq_certs){many, PQ_CHAIN_POOL_MAX + 1}, PQ_NOW,
                                    &w->result),
                     ERR_NOSPACE);
    assert_string_equal(w->result.reason, "too many certificates");
    assert_int_equal(pq_chain_check(w->tsa->cert,
                                    (struct pq_certs){many, PQ_CHAIN_POOL_MAX + 1}, anchors,
                                    PQ_NOW, &w->result),
                     ERR_NOSPACE);
    assert_string_equal(w->result.reason, "too many certificates");
    assert_int_equal(pq_chain_check(w->tsa->cert, anchors,
                                    (struct pq_certs){many, PQ_CHAIN_CHECKS_MAX + 1}, PQ_NOW,
                                    &w->result),
                     ERR_NOSPACE);
    assert_non_null(strstr(w->result.reason, "too many certificates of one name"));
    many[PQ_CHAIN_CHECKS_MAX - 2] = w->sub->cert;
    assert_int_equal(pq_chain_check(w->tsa->cert, anchors,
                                    (struct pq_certs){many, PQ_CHAIN_CHECKS_MAX}, PQ_NOW,
                                    &w->result),
                     ERR_OK);
    free(stranger);
}

/* An ML-DSA key that a P-384 authority certified: id-ml-dsa-65 signs nothing here. */
static struct view classical(const struct pki_node *ca, const struct pq_cert *c,
                             struct pq_node *n)
{
    static uint8_t spki_room[4096];
    static uint8_t tbs_room[PQ_CERT_MAX];
    uint8_t issuer[64];
    uint8_t signature[128];
    size_t len = sizeof signature;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    struct pq_values v = {.n = 0};
    struct writer w = wr_init(tbs_room, sizeof tbs_room);

    n->subject = pq_name(c->name, n->name, sizeof n->name);
    pq_extensions(c, &v);
    const struct cert_fields f = {
        .alg = SIGN_ECDSA_P384_SHA384,
        .serial = {(const uint8_t *)"c", 1},
        .issuer = pq_name("classic", issuer, sizeof issuer),
        .subject = n->subject,
        .not_before_s = PQ_T0,
        .not_after_s = PQ_END,
        .spki = pq_spki(c, n, spki_room, sizeof spki_room),
        .extensions = v.list,
        .n_extensions = v.n,
    };

    cert_write_tbs(&w, &f);
    const struct view tbs = pq_written(&w);

    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, ca->key), 1);
    assert_int_equal(EVP_DigestSign(ctx, signature, &len, tbs.p, tbs.n), 1);
    EVP_MD_CTX_free(ctx);
    w = wr_init(n->room, sizeof n->room);
    cert_write(&w, tbs, SIGN_ECDSA_P384_SHA384, (struct view){signature, len});
    return pq_written(&w);
}

/* The classical chain is sound by itself, which proves nothing here. */
static void a_classical_authority_is_refused(void **state)
{
    struct world *w = *state;
    const struct pki_cert c = {"classic", PQ_T0, PQ_END, PKI_CA_EXT};
    struct pki_node ca = pki_make(&c, NULL);
    const struct view der = pki_der(ca.cert);

    w->n_anchors = 2;
    w->anchors[1] = der;
    w->helpers[w->n_helpers++] = der;
    w->sub->cert = classical(&ca, &(struct pq_cert){.name = "sub", PQ_CA}, w->sub);
    refuses(w, ERR_SIGNATURE, "a certificate below the anchor is not signed with ML-DSA");
    w->tsa->cert = classical(&ca, &(struct pq_cert){.name = "tsa", PQ_TSA}, w->tsa);
    refuses(w, ERR_SIGNATURE, "a certificate below the anchor is not signed with ML-DSA");
    w->tsa->cert = der;
    refuses(w, ERR_BAD_ALG, "the signer's key is none of ML-DSA");
    /* Named as its issuer, and ML-DSA by the algorithm: the P-384 key is still no key for it.
     */
    pq_issue(w->tsa, &(struct pq_cert){.name = "tsa", .issuer = "classic", PQ_TSA}, w->root);
    refuses(w, ERR_SIGNATURE, "no ML-DSA anchor issued it");
    OPENSSL_free((void *)(uintptr_t)der.p);
    pki_free(&ca);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_a_path, make, drop),
        cmocka_unit_test_setup_teardown(anchors_of_any_kind, make, drop),
        cmocka_unit_test_setup_teardown(every_parameter_set, make, drop),
        cmocka_unit_test_setup_teardown(names_lead, make, drop),
        cmocka_unit_test_setup_teardown(signatures_bind, make, drop),
        cmocka_unit_test_setup_teardown(signatures_are_of_the_keys_algorithm, make, drop),
        cmocka_unit_test_setup_teardown(malformed_signatures_have_their_own_errors, make, drop),
        cmocka_unit_test_setup_teardown(malformed_keys_have_their_own_errors, make, drop),
        cmocka_unit_test_setup_teardown(a_byte_after_the_certificate, make, drop),
        cmocka_unit_test_setup_teardown(everybody_is_valid, make, drop),
        cmocka_unit_test_setup_teardown(issuers_are_authorities, make, drop),
        cmocka_unit_test_setup_teardown(issuers_may_be_limited_to_a_purpose, make, drop),
        cmocka_unit_test_setup_teardown(critical_extensions_are_known, make, drop),
        cmocka_unit_test_setup_teardown(path_lengths_hold, make, drop),
        cmocka_unit_test_setup_teardown(self_issued_certificates_do_not_count, make, drop),
        cmocka_unit_test_setup_teardown(paths_are_short, make, drop),
        cmocka_unit_test_setup_teardown(tries_every_way, make, drop),
        cmocka_unit_test_setup_teardown(work_is_bounded, make, drop),
        cmocka_unit_test_setup_teardown(a_classical_authority_is_refused, make, drop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
