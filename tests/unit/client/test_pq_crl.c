/* Revocation lists of an ML-DSA authority. */
#include "pq_world.h"

#include "client/kit/openssl.h"
#include "client/trust/pq_crl.h"

/* A list; what is revoked, and what is wrong with it. */
struct wish {
    struct view revoked; /* the certificate; n == 0: none */
    int64_t at_s;        /* of the revocation */
    int reason;          /* -1: no reasonCode */
    bool two_algs, spoil_signature, odd_bits, no_version;
};

static void put_time(struct writer *w, int64_t s)
{
    ASN1_TIME *t = ASN1_TIME_set(NULL, s);
    unsigned char *der = NULL;
    const int n = i2d_ASN1_TIME(t, &der);

    assert_true(n > 0);
    wr_bytes(w, der, (size_t)n);
    OPENSSL_free(der);
    ASN1_TIME_free(t);
}

static void put_revoked(struct writer *w, const struct wish *d)
{
    struct cert_ids ids;
    uint8_t reason[3] = {0x0a, 1, (uint8_t)d->reason};
    static const uint8_t reason_code[] = {0x55, 0x1d, 0x15};
    const size_t list = der_begin(w, DER_SEQUENCE);
    const size_t entry = der_begin(w, DER_SEQUENCE);

    assert_int_equal(cert_ids_parse(d->revoked, &ids), ERR_OK);
    der_write(w, DER_INTEGER, ids.serial);
    put_time(w, d->at_s);
    if (d->reason >= 0) {
        const size_t exts = der_begin(w, DER_SEQUENCE);
        const size_t ext = der_begin(w, DER_SEQUENCE);

        der_write(w, DER_OID, (struct view){reason_code, sizeof reason_code});
        der_write(w, DER_OCTETS, (struct view){reason, sizeof reason});
        der_end(w, ext);
        der_end(w, exts);
    }
    der_end(w, entry);
    der_end(w, list);
}

static struct view crl(struct pq_node *by, const struct wish *d, uint8_t *out, size_t cap)
{
    uint8_t tbs_room[1024];
    struct writer w = wr_init(tbs_room, sizeof tbs_room);
    const size_t mark = der_begin(&w, DER_SEQUENCE);

    if (!d->no_version) {
        der_write(&w, DER_INTEGER, (struct view){(const uint8_t *)"\1", 1});
    }
    pq_alg(&w, pq_oid(by->params), false);
    wr_view(&w, by->subject);
    put_time(&w, PQ_NOW - PQ_DAY);
    put_time(&w, PQ_NOW + PQ_DAY);
    if (d->revoked.n > 0) {
        put_revoked(&w, d);
    }
    der_end(&w, mark);
    const struct view tbs = pq_written(&w);
    const struct view signature = pq_sign(by, tbs);

    w = wr_init(out, cap);
    const size_t whole = der_begin(&w, DER_SEQUENCE);

    wr_view(&w, tbs);
    pq_alg(&w, d->two_algs ? OID_ML_DSA_87 : pq_oid(by->params), false);
    pq_scratch.sig[7] ^= d->spoil_signature;
    der_head(&w, DER_BIT_STRING, signature.n + 1);
    wr_u8(&w, d->odd_bits ? 1 : 0);
    wr_view(&w, signature);
    der_end(&w, whole);
    return pq_written(&w);
}

static void give(struct world *w, struct pq_node *by, const struct wish *d)
{
    uint8_t room[8192];

    assert_int_equal(trust_add(w->trust, TRUST_CRL, crl(by, d, room, sizeof room)), ERR_OK);
}

static void expect(struct world *w, enum verdict v, enum verify_result r, const char *word)
{
    const struct verify_step *step = &w->report.steps[STEP_REVOCATION];

    judge(w);
    if (w->report.verdict != v || step->result != r || strstr(step->reason, word) == NULL) {
        verify_print_text(&w->report, stderr);
        fail();
    }
}

static const struct wish none = {.reason = -1};

static void every_certificate_needs_a_list(void **state)
{
    struct world *w = *state;

    give(w, w->root, &none);
    expect(w, VERDICT_COULD_NOT_TELL, RESULT_NOT_CHECKED, "no usable list for CN=tsa");
    give(w, w->sub, &(struct wish){.reason = -1, .no_version = true});
    expect(w, VERDICT_GENUINE, RESULT_PASS, "not revoked, by the lists given");
}

static void a_list_of_the_second_needs_that_of_the_first(void **state)
{
    struct world *w = *state;

    give(w, w->sub, &none);
    expect(w, VERDICT_COULD_NOT_TELL, RESULT_NOT_CHECKED, "no usable list for CN=sub");
}

static void what_is_revoked_is_not_genuine(void **state)
{
    struct world *w = *state;

    give(w, w->sub, &none);
    give(w, w->root,
         &(struct wish){.revoked = w->sub->cert, .at_s = PQ_NOW + PQ_DAY / 2, .reason = -1});
    expect(w, VERDICT_NOT_GENUINE, RESULT_FAIL, "revoked: CN=sub");
    give(w, w->sub, &(struct wish){.revoked = w->tsa->cert, .at_s = PQ_NOW - 9, .reason = 4});
    expect(w, VERDICT_NOT_GENUINE, RESULT_FAIL, "revoked: CN=tsa");
}

/* RFC 3161 4 */
static void a_harmless_reason_spares_earlier_tokens(void **state)
{
    struct world *w = *state;

    give(w, w->root, &none);
    give(w, w->sub,
         &(struct wish){.revoked = w->tsa->cert,
                        .at_s = PQ_NOW + PQ_DAY / 2,
                        .reason = 4}); /* superseded */
    expect(w, VERDICT_GENUINE, RESULT_PASS, "not revoked");
}

/* A list that the issuer did not sign says nothing, neither good nor bad. */
static void a_list_counts_if_its_issuer_signed_it(void **state)
{
    static const struct wish bad[] = {
        {.reason = -1, .spoil_signature = true},
        {.reason = -1, .two_algs = true},
        {.reason = -1, .odd_bits = true},
    };
    struct world *w = *state;
    struct pq_node *const stranger = pq_make(&(struct pq_cert){.name = "sub", PQ_CA}, w->root);
    struct pq_node *const other =
        pq_make(&(struct pq_cert){.name = "sub", .key = &mldsa_44, PQ_CA}, w->root);

    give(w, w->root, &none);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct wish d = bad[i];

        give(w, w->sub, &d);
        d.revoked = w->tsa->cert;
        d.at_s = PQ_NOW;
        give(w, w->sub, &d);
    }
    give(w, stranger, &(struct wish){.revoked = w->tsa->cert, .at_s = PQ_NOW, .reason = 1});
    give(w, other, &(struct wish){.revoked = w->tsa->cert, .at_s = PQ_NOW, .reason = 1});
    expect(w, VERDICT_COULD_NOT_TELL, RESULT_NOT_CHECKED, "no usable list for CN=tsa");
    give(w, w->sub, &none);
    expect(w, VERDICT_GENUINE, RESULT_PASS, "not revoked");
    free(stranger);
    free(other);
}

static void who_may_not_sign_lists_does_not(void **state)
{
    struct world *w = *state;

    pq_issue(w->sub,
             &(struct pq_cert){.name = "sub", .ca = true, .key_usage = CERT_KEY_CERT_SIGN},
             w->root);
    assert_int_equal(trust_add(w->trust, TRUST_UNTRUSTED, w->sub->cert), ERR_OK);
    trust_free(w->trust);
    assert_int_equal(trust_new(&w->trust), ERR_OK);
    w->options.trust = w->trust;
    assert_int_equal(trust_add(w->trust, TRUST_ANCHOR, w->root->cert), ERR_OK);
    assert_int_equal(trust_add(w->trust, TRUST_UNTRUSTED, w->sub->cert), ERR_OK);
    give(w, w->root, &none);
    give(w, w->sub, &none);
    expect(w, VERDICT_COULD_NOT_TELL, RESULT_NOT_CHECKED, "no usable list for CN=tsa");
}

static void no_list_speaks_of_an_anchor(void **state)
{
    struct world *w = *state;

    assert_int_equal(trust_add(w->trust, TRUST_ANCHOR, w->tsa->cert), ERR_OK);
    give(w, w->sub, &none);
    expect(w, VERDICT_COULD_NOT_TELL, RESULT_NOT_CHECKED, "itself the anchor");
}

static void the_form_is_strict(void **state)
{
    static uint8_t room[8192];
    static uint8_t bad[8192];
    struct world *w = *state;
    const struct view list = crl(w->sub, &none, room, sizeof room);
    struct pq_crl c;

    assert_int_equal(pq_crl_parse(list, &c), ERR_OK);
    assert_int_equal(c.signature.n, 3309);
    assert_int_equal(pq_crl_check(list, w->sub->cert), ERR_OK);
    assert_int_equal(pq_crl_check(list, w->root->cert), ERR_SIGNATURE);
    for (size_t n = 0; n < list.n; n += n < 300 ? 1 : 61) {
        assert_int_not_equal(pq_crl_parse((struct view){list.p, n}, &c), ERR_OK);
        assert_true(c.tbs.n == 0 && c.signature.n == 0);
    }
    for (size_t i = 0; i < list.n; i += i < 120 ? 1 : 97) {
        memcpy(bad, list.p, list.n);
        bad[i] ^= 1;
        assert_int_not_equal(pq_crl_check((struct view){bad, list.n}, w->sub->cert), ERR_OK);
    }
    memcpy(bad, list.p, list.n);
    bad[list.n] = 0;
    assert_int_equal(pq_crl_parse((struct view){bad, list.n + 1}, &c), ERR_TRAILING);
    assert_int_equal(
        pq_crl_parse(
            crl(w->sub, &(struct wish){.reason = -1, .two_algs = true}, bad, sizeof bad), &c),
        ERR_MISMATCH);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        CASE(every_certificate_needs_a_list),
        CASE(a_list_of_the_second_needs_that_of_the_first),
        CASE(what_is_revoked_is_not_genuine),
        CASE(a_harmless_reason_spares_earlier_tokens),
        CASE(a_list_counts_if_its_issuer_signed_it),
        CASE(who_may_not_sign_lists_does_not),
        CASE(no_list_speaks_of_an_anchor),
        CASE(the_form_is_strict),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
