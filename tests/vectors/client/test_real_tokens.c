/* Tokens of real authorities, and spoiled ones: whom to believe, what they should be of, when,
 * and what quorate verify must answer. Expectations come from ../shared/vectors/README.md and
 * from "openssl ts -verify" 3.0; where the two or we differ,
 * docs/adr/0010-verdicts-that-differ-from-openssl.md says who is right. */
#include "testing.h"

#include "client/kit/file_io.h"
#include "client/kit/openssl.h"
#include "client/kit/time_text.h"
#include "client/trust/trust_parts.h"
#include "client/verify/exit_code.h"
#include "client/verify/verify.h"
#include "client/verify/verify_print.h"
#include "format/pem.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SET QUORATE_VECTORS "/03-rfc3161/"
#define HYBRID QUORATE_VECTORS "/10-hybrid/"

/* Where "data" comes from. */
enum source {
    OF_FILE,    /* a file */
    OF_QUERY,   /* a .tsq */
    OF_BUNDLE,  /* the signature in a sigstore bundle */
    OF_ITSELF,  /* the data is not published: the token's own imprint, so that the other steps
                   decide */
    OF_NOTHING, /* nothing to compare with */
};

struct row {
    const char *token;
    enum source source;
    const char *data;
    const char *ca; /* PEM, DER or sigstore JSON; "embedded": what the token itself brings;
                       NULL: nobody */
    const char *untrusted;
    const char *at; /* NULL: genTime */
    unsigned flags; /* SHA1, STRICT */
    int exit_code;
    const char
        *openssl; /* what "openssl ts -verify" says at the same time, with the same anchors */
};

#define SHA1 1U
#define STRICT 2U

#define GLOBALSIGN SET "notary/GlobalSignRootCA.crt"
#define STAGING SET "trailofbits/sigstage/ts_chain.pem"
#define TEST_TSA SET "trailofbits/test_tsa/ts_chain.pem"
#define SK_DEMO SET "digidoc/DEMO_SK_TIMESTAMPING_AUTHORITY_2023E.der.crt"
#define CA_JSON SET "sigstore-python/ca.json"
#define CUSTOM SET "sigstore-bundles/trusted_root.custom.json"
#define CLASSIC_CA HYBRID "pki/classic-ca.pem"
#define CLASSIC_TSA HYBRID "pki/classic-tsa.pem"
#define PQ_CA HYBRID "pki/pq-ca.pem"
#define DOC HYBRID "doc.txt"
#define SB SET "sigstore-bundles/"
#define BUNDLE(name) SB name ".0.tsr", OF_BUNDLE, SB name ".bundle.json"
#define NOTARY(name) SET "notary/" name, OF_ITSELF, NULL, GLOBALSIGN, NULL, NULL
#define NOTARY_CMS(name) SET "notary-cms/" name, OF_ITSELF, NULL, GLOBALSIGN, NULL, NULL

static const struct row rows[] = {
    /* RSA, indefinite lengths, ordering FALSE encoded, ESSCertID version 1 */
    {SET "bc/BIN_ER.ers.0.0.tsr", OF_ITSELF, NULL, "embedded", NULL, NULL, 0, 0,
     "cannot parse"},
    {SET "bc/BIN_ER.ers.0.1.tsr", OF_ITSELF, NULL, "embedded", NULL, NULL, 0, 0,
     "cannot parse"},
    {SET "bc/BIN_ER.ers.0.0.tsr", OF_ITSELF, NULL, "embedded", NULL, NULL, STRICT, 1, "-"},

    /* ECDSA P-256, no nonce, signer pinned; a certificate that has expired since; BER */
    {SET "digidoc/1xTST-text-data-file/META-INF_timestamp.tst", OF_FILE,
     SET "digidoc/1xTST-text-data-file/test.txt", SK_DEMO, NULL, NULL, 0, 0, "OK"},
    {SET "digidoc/1xTST-text-data-file/META-INF_timestamp.tst", OF_FILE,
     SET "digidoc/1xTST-text-data-file/mimetype", SK_DEMO, NULL, NULL, 0, 1, "fails"},
    {SET "digidoc/1xTST-text-data-file-expired-tst/META-INF_timestamp.tst", OF_FILE,
     SET "digidoc/1xTST-text-data-file-expired-tst/Test.txt", "embedded", NULL, NULL, 0, 0,
     "OK"},
    {SET "digidoc/1xTST-text-data-file-expired-tst/META-INF_timestamp.tst", OF_FILE,
     SET "digidoc/1xTST-text-data-file-expired-tst/Test.txt", "embedded", NULL, "2026-11-21", 0,
     1, "fails"},
    {SET "digidoc/2xTST-text-data-file/META-INF_timestamp.tst", OF_FILE,
     SET "digidoc/2xTST-text-data-file/test.txt", SK_DEMO, NULL, NULL, 0, 0, "OK"},
    {SET "digidoc/2xTST-text-data-file/META-INF_timestamp002.tst", OF_FILE,
     SET "digidoc/2xTST-text-data-file/META-INF_ASiCArchiveManifest.xml", SK_DEMO, NULL, NULL,
     0, 0, "OK"},
    {SET "digidoc/timestamp.tst", OF_ITSELF, NULL, "embedded", NULL, NULL, 0, 0, "OK"},
    {SET "digidoc/timestamp.tst", OF_ITSELF, NULL, "embedded", NULL, NULL, STRICT, 1, "OK"},

    /* RSA-PSS; both ESSCertID versions at once, fraction of a second */
    {SET "dss/d-trust.tsr", OF_ITSELF, NULL, "embedded", NULL, NULL, 0, 0, "fails: no RSA-PSS"},
    {SET "dss/timestamp.tst", OF_ITSELF, NULL, "embedded", NULL, NULL, 0, 0,
     "fails: no RSA-PSS"},
    {SET "dss/disig.tst", OF_ITSELF, NULL, "embedded", NULL, NULL, 0, 0, "OK"},

    /* GlobalSign, and what a test suite made of it */
    {NOTARY("TimeStampToken.p7s"), 0, 0, "OK"},
    {NOTARY("TimeStampToken.p7s"), STRICT, 1, "OK"},
    {SET "notary/TimeStampToken.p7s", OF_NOTHING, NULL, GLOBALSIGN, NULL, NULL, 0, 2, "-"},
    {SET "notary/TimeStampToken.p7s", OF_ITSELF, NULL, NULL, NULL, NULL, 0, 2, "fails"},
    {SET "notary/TimeStampToken.p7s", OF_ITSELF, NULL, CLASSIC_CA, NULL, NULL, 0, 1, "fails"},
    {SET "notary/TimeStampToken.p7s", OF_ITSELF, NULL, GLOBALSIGN, NULL, "2033-01-01", 0, 1,
     "fails"},
    {NOTARY("granted.tsq"), 0, 0, "OK"},
    {NOTARY("rejection.tsq"), 0, 1, "fails"},
    {NOTARY("malformed.tsq"), 0, 1, "fails"},
    {NOTARY("SHA1TimeStampToken.p7s"), 0, 1, "fails"},
    {NOTARY("SHA1TimeStampToken.p7s"), SHA1, 1, "fails"},
    {NOTARY("TimeStampTokenWithInvalidSignature.p7s"), 0, 1, "fails"},
    {NOTARY("TimeStampTokenWithInvalidTSTInfo.p7s"), 0, 1, "fails"},
    {NOTARY("TimeStampTokenWithMismatchCertHash.p7s"), 0, 1, "fails"},
    {NOTARY("TimeStampTokenWithTSTInfoVersion2.p7s"), 0, 1, "fails"},
    {NOTARY("TimeStampTokenWithoutSigningCertificate.p7s"), 0, 1, "fails"},
    {NOTARY("TimeStampTokenWithoutCertificate.p7s"), 0, 2, "fails"},
    {SET "notary/TimeStampTokenWithoutCertificate.p7s", OF_ITSELF, NULL, GLOBALSIGN,
     SET "notary/TimeStampToken.p7s", NULL, 0, 0, "OK"},
    {NOTARY_CMS("Sha1SignedData.p7s"), 0, 1, "fails"},
    {NOTARY_CMS("TimeStampTokenWithInvalidSigningTime.p7s"), 0, 1, "cannot parse"},
    {NOTARY_CMS("TimeStampTokenWithSignerVersion2.p7s"), 0, 1, "OK"},
    {NOTARY_CMS("TimeStampTokenWithoutSignedAttributeDigest.p7s"), 0, 1, "fails"},
    {NOTARY_CMS("TimeStampTokenWithoutSigner.p7s"), 0, 1, "fails"},

    /* SHA-1 imprint and signature, accuracy absent */
    {SET "pkijs/TestTSPresp.tsr", OF_ITSELF, NULL, "embedded", NULL, NULL, 0, 2, "OK"},
    {SET "pkijs/TestTSPresp.tsr", OF_ITSELF, NULL, "embedded", NULL, NULL, SHA1, 0, "OK"},

    /* sigstore: certificate not in the token, negative serial number, P-384 with SHA-256, empty
       tsa name */
    {BUNDLE("bundle-with-sct-with-extensions"), NULL, NULL, NULL, 0, 2, "fails"},
    {BUNDLE("managed-key-happy-path"), NULL, NULL, NULL, 0, 2, "fails"},
    {BUNDLE("sgo-public-key-validity"), STAGING, NULL, NULL, 0, 2, "fails"},
    {BUNDLE("intoto-with-custom-trust-root"), CUSTOM, NULL, NULL, 0, 0, "OK"},
    {BUNDLE("intoto-with-custom-trust-root"), CUSTOM, NULL, "2026-11-21", 0, 1, "fails"},
    {BUNDLE("rekor2-checkpoint-cosigned"), STAGING, NULL, NULL, 0, 0, "OK"},
    {BUNDLE("rekor2-checkpoint-multiple-cosigs"), STAGING, NULL, NULL, 0, 0, "OK"},
    {BUNDLE("rekor2-checkpoint-origin-not-first"), STAGING, NULL, NULL, 0, 0, "OK"},
    {BUNDLE("rekor2-checkpoint-two-sigs-cosigned"), STAGING, NULL, NULL, 0, 0, "OK"},
    {BUNDLE("rekor2-checkpoint-two-sigs-from-origin"), STAGING, NULL, NULL, 0, 0, "OK"},
    {BUNDLE("rekor2-dsse-happy-path"), STAGING, NULL, NULL, 0, 0, "OK"},
    {BUNDLE("rekor2-happy-path"), STAGING, NULL, NULL, 0, 0, "OK"},
    {BUNDLE("rekor2-happy-path"), TEST_TSA, NULL, NULL, 0, 1, "fails"},
    {BUNDLE("rekor2-timestamp-with-embedded-cert"), STAGING, NULL, NULL, 0, 0, "OK"},
    {BUNDLE("rekor2-timestamp-without-embedded-cert"), STAGING, NULL, NULL, 0, 0, "OK"},
    {BUNDLE("rekor2-timestamp-with-expired-cert-chain"), "embedded", NULL, NULL, 0, 0, "OK"},
    {BUNDLE("rekor2-timestamp-with-expired-cert-chain"), "embedded", NULL, "2026-11-21", 0, 1,
     "fails"},
    {SB "spy-bundle.txt.0.tsr", OF_BUNDLE, SB "spy-bundle.txt.bundle.json", CA_JSON, NULL, NULL,
     0, 0, "OK"},
    {SB "spy-bundle.txt.1.tsr", OF_BUNDLE, SB "spy-bundle.txt.bundle.json", CA_JSON, NULL, NULL,
     0, 1, "fails"},

    /* RSA-4096, SHA-512 imprint; queries and the answers to them */
    {SET "trailofbits/identrust/issue-104.tsr", OF_ITSELF, NULL,
     SET "trailofbits/identrust/ts_chain.pem", NULL, NULL, 0, 0, "OK"},
    {SET "trailofbits/sigstage/response-sha256.tsr", OF_ITSELF, NULL, STAGING, NULL, NULL, 0, 0,
     "OK"},
    {SET "trailofbits/sigstage/response-sha384.tsr", OF_ITSELF, NULL, STAGING, NULL, NULL, 0, 0,
     "OK"},
    {SET "trailofbits/sigstage/response-sha512.tsr", OF_ITSELF, NULL, STAGING, NULL, NULL, 0, 0,
     "OK"},
    {SET "trailofbits/sigstage/response-sha512.tsr", OF_QUERY,
     SET "trailofbits/sigstage/request.der", STAGING, NULL, NULL, 0, 1, "fails"},
    {SET "trailofbits/test_tsa/response.tsr", OF_QUERY, SET "trailofbits/test_tsa/request.der",
     TEST_TSA, NULL, NULL, 0, 0, "OK"},
    {SET "trailofbits/test_tsa/response.tsr", OF_QUERY,
     SET "trailofbits/test_tsa/other_request.der", TEST_TSA, NULL, NULL, 0, 1, "fails"},
    /* The README pairs these two, but their nonces differ. */
    {SET "trailofbits/test_tsa/other_response.tsr", OF_QUERY,
     SET "trailofbits/test_tsa/other_request.der", CA_JSON, NULL, NULL, 0, 1, "fails"},

    /* Tokens with an evidence record, judged as the classic tokens that they are; two signers;
       ML-DSA */
    {HYBRID "classic/classic-policy.tst", OF_FILE, DOC, CLASSIC_CA, NULL, NULL, STRICT, 0,
     "OK"},
    {HYBRID "classic/classic-nocert.tst", OF_FILE, DOC, CLASSIC_CA, CLASSIC_TSA, NULL, 0, 0,
     "OK"},
    {HYBRID "classic/classic-nocert.tst", OF_FILE, DOC, CLASSIC_CA, NULL, NULL, 0, 2, "fails"},
    {HYBRID "classic/ossl.tsr", OF_FILE, DOC, CLASSIC_CA, NULL, NULL, 0, 0, "OK"},
    {HYBRID "hybrid/hybrid-1.tsr", OF_FILE, DOC, CLASSIC_CA, NULL, NULL, 0, 0, "OK"},
    {HYBRID "batch/hybrid-1000-i0.tsr", OF_FILE, DOC, CLASSIC_CA, NULL, NULL, 0, 0, "OK"},
    {HYBRID "bad/neg-classic-signature-bit.tst", OF_FILE, DOC, CLASSIC_CA, NULL, NULL, 0, 1,
     "fails"},

    /* ML-DSA-65, RFC 9882 */
    {HYBRID "pq/pq.tsr", OF_FILE, DOC, PQ_CA, NULL, NULL, STRICT, 0, "fails"},
    {HYBRID "pq/pq.tsr", OF_FILE, SET "digidoc/1xTST-text-data-file/test.txt", PQ_CA, NULL,
     NULL, 0, 1, "fails"},
    {HYBRID "pq/pq.tsr", OF_FILE, DOC, CLASSIC_CA, NULL, NULL, 0, 2, "fails"},
    {HYBRID "pq/pq.tsr", OF_FILE, DOC, HYBRID "pki/other-pq-ca.pem", NULL, NULL, 0, 1, "fails"},
    {HYBRID "pq/pq.tsr", OF_FILE, DOC, NULL, NULL, NULL, 0, 2, "fails"},
    {HYBRID "pq/pq-nocert.tst", OF_FILE, DOC, PQ_CA, HYBRID "pki/pq-tsa.pem", NULL, 0, 0,
     "fails"},
    {HYBRID "pq/pq-nocert.tst", OF_FILE, DOC, PQ_CA, HYBRID "pki/other-pq-tsa.pem", NULL, 0, 2,
     "fails"},
    {HYBRID "pq/pq-nocert.tst", OF_FILE, DOC, HYBRID "pki/pq-tsa.pem", NULL, NULL, 0, 0,
     "fails"},

    {HYBRID "dual/dual.tst", OF_FILE, DOC, CLASSIC_CA, NULL, NULL, 0, 1, "fails"},
};

static struct file_bytes read_file(const char *path)
{
    struct file_bytes f;

    if (file_read(path, &f) != ERR_OK) {
        fail_msg("%s cannot be read", path);
    }
    return f;
}

/* ---- anchors ---- */

static void add_der(struct trust *to, enum trust_kind kind, X509 *x)
{
    unsigned char *der = NULL;
    const int n = i2d_X509(x, &der);

    assert_true(n > 0);
    assert_int_equal(trust_add(to, kind, (struct view){der, (size_t)n}), ERR_OK);
    OPENSSL_free(der);
}

/* Roots become anchors, the others only help; where there is no root, all are anchors. */
static void split(const struct trust *from, struct trust *to)
{
    bool any_root = false;

    for (int i = 0; i < sk_X509_num(from->untrusted); i++) {
        X509 *x = sk_X509_value(from->untrusted, i);

        any_root = any_root || X509_self_signed(x, 0) == 1;
    }
    for (int i = 0; i < sk_X509_num(from->untrusted); i++) {
        X509 *x = sk_X509_value(from->untrusted, i);

        add_der(to, !any_root || X509_self_signed(x, 0) == 1 ? TRUST_ANCHOR : TRUST_UNTRUSTED,
                x);
    }
}

static struct view decode_base64(const char *text, uint8_t *out, size_t cap)
{
    struct view bytes;

    assert_int_equal(
        pem_parse_base64((struct view){(const uint8_t *)text, strlen(text)}, out, cap, &bytes),
        ERR_OK);
    return bytes;
}

/* The certificates of each certChain; other keys of a trusted root (Rekor, CT) are none of
 * ours. */
static void add_chain(const json_t *authority, struct trust *to)
{
    const json_t *list =
        json_object_get(json_object_get(authority, "certChain"), "certificates");
    uint8_t der[8192];
    size_t i = 0;
    json_t *cert = NULL;

    json_array_foreach(list, i, cert)
    {
        const char *text = json_string_value(json_object_get(cert, "rawBytes"));

        assert_int_equal(trust_add(to, TRUST_UNTRUSTED, decode_base64(text, der, sizeof der)),
                         ERR_OK);
    }
}

static void add_json(const char *path, struct trust *to)
{
    json_t *root = json_load_file(path, 0, NULL);
    size_t i = 0;
    json_t *authority = NULL;

    assert_non_null(root);
    json_array_foreach(json_object_get(root, "timestampAuthorities"), i, authority)
    {
        add_chain(authority, to);
    }
    add_chain(root, to);
    json_decref(root);
}

static void add_embedded(struct view token_bytes, struct trust *to)
{
    struct token t;
    struct view der;

    assert_int_equal(token_open(token_bytes, &t), ERR_OK);
    for (size_t i = 0; cms_certificate(&t.cms, i, &der) == ERR_OK; i++) {
        assert_int_equal(trust_add(to, TRUST_UNTRUSTED, der), ERR_OK);
    }
    token_close(&t);
}

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text);

    return n >= strlen(end) && strcmp(text + n - strlen(end), end) == 0;
}

/* certificates of a file of any kind, as untrusted ones */
static void add_any(const char *path, struct view token_bytes, struct trust *to)
{
    if (strcmp(path, "embedded") == 0) {
        add_embedded(token_bytes, to);
    } else if (ends_with(path, ".json")) {
        add_json(path, to);
    } else if (ends_with(path, ".p7s")) {
        struct file_bytes f = read_file(path);

        add_embedded((struct view){f.p, f.n}, to);
        file_free(&f);
    } else {
        assert_int_equal(trust_add_path(to, TRUST_UNTRUSTED, path), ERR_OK);
    }
}

static struct trust *believe(const struct row *r, struct view token_bytes)
{
    struct trust *found = NULL;
    struct trust *trust = NULL;

    assert_int_equal(trust_new(&trust), ERR_OK);
    if (r->ca != NULL) {
        assert_int_equal(trust_new(&found), ERR_OK);
        add_any(r->ca, token_bytes, found);
        split(found, trust);
        trust_free(found);
    }
    if (r->untrusted != NULL) {
        add_any(r->untrusted, token_bytes, trust);
    }
    return trust;
}

/* ---- data ---- */

static enum err digest_of(void *self, const struct digest_alg *alg, uint8_t *out)
{
    const struct view *data = self;

    return digest_once(alg, *data, out);
}

/* What was stamped in a bundle is its signature, over an artifact or a DSSE envelope. */
static struct view bundle_signature(const char *path, uint8_t *out, size_t cap)
{
    json_t *root = json_load_file(path, 0, NULL);
    const json_t *dsse = json_object_get(root, "dsseEnvelope");
    const json_t *text =
        dsse != NULL
            ? json_object_get(json_array_get(json_object_get(dsse, "signatures"), 0), "sig")
            : json_object_get(json_object_get(root, "messageSignature"), "signature");

    assert_non_null(text);
    const struct view v = decode_base64(json_string_value(text), out, cap);

    json_decref(root);
    return v;
}

struct judged {
    struct file_bytes token, data;
    uint8_t room[1024];
    struct view content;
    struct tsp_req query;
    struct verify_report itself;
    struct verify_expect expect;
};

static void prepare(const struct row *r, struct judged *j)
{
    const struct verify_options none = {0};

    j->token = read_file(r->token);
    switch (r->source) {
    case OF_NOTHING:
        break;
    case OF_FILE:
        j->data = read_file(r->data);
        j->content = (struct view){j->data.p, j->data.n};
        j->expect.digest_data = digest_of;
        j->expect.self = &j->content;
        break;
    case OF_BUNDLE:
        j->content = bundle_signature(r->data, j->room, sizeof j->room);
        j->expect.digest_data = digest_of;
        j->expect.self = &j->content;
        break;
    case OF_QUERY:
        j->data = read_file(r->data);
        assert_int_equal(tsp_req_parse((struct view){j->data.p, j->data.n}, &j->query), ERR_OK);
        j->expect.query = &j->query;
        break;
    case OF_ITSELF:
        assert_int_equal(
            verify_token((struct view){j->token.p, j->token.n}, &j->expect, &none, &j->itself),
            ERR_OK);
        j->expect.digest = j->itself.token.tst.hashed_message;
        break;
    }
}

static void judge_row(const struct row *r)
{
    struct judged j = {0};
    struct verify_report report;
    struct verify_options options = {
        .strict = (r->flags & STRICT) != 0,
        .allow_sha1 = (r->flags & SHA1) != 0,
        .has_at = r->at != NULL,
    };

    prepare(r, &j);
    const struct view in = {j.token.p, j.token.n};
    struct trust *trust = believe(r, in);

    if (r->at != NULL) {
        assert_int_equal(time_text_parse(r->at, &options.at_s), ERR_OK);
    }
    options.trust = trust;
    assert_int_equal(verify_token(in, &j.expect, &options, &report), ERR_OK);
    const int code = exit_code_of_verdict(report.verdict);

    if (code != r->exit_code) {
        verify_print_text(&report, stderr);
        fail_msg("%s: %d, not %d", r->token, code, r->exit_code);
    }
    verify_free(&report);
    verify_free(&j.itself);
    trust_free(trust);
    file_free(&j.token);
    file_free(&j.data);
}

static void every_token_gets_its_verdict(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        judge_row(&rows[i]);
    }
}

#define CERTIFICATES_HEAD 4 /* tag and length of the list, in the token below */
#define STATUS_AT 8         /* the number in PKIStatusInfo */

static bool inside(struct view v, const uint8_t *p)
{
    return v.n > 0 && p >= v.p && p < v.p + v.n;
}

/* Nobody signs the status, the list of digest algorithms and the token's own copies of
 * certificates; in place of the last the one in the chain file serves. */
static bool is_unsigned(const struct token *t, const uint8_t *start, const uint8_t *p)
{
    return p == start + STATUS_AT || inside(t->cms.digest_algs, p) ||
           inside(t->cms.certificates, p) || inside(t->cms.certificates, p + CERTIFICATES_HEAD);
}

/* A token with one bit changed in what is signed, or in how it is held together, is never
 * GENUINE. */
static void no_flipped_byte_goes_through(void **state)
{
    static const struct row r = {
        .token = SET "trailofbits/test_tsa/response.tsr",
        .source = OF_QUERY,
        .data = SET "trailofbits/test_tsa/request.der",
        .ca = TEST_TSA,
    };
    struct judged j = {0};
    struct token whole;

    (void)state;
    prepare(&r, &j);
    const struct view in = {j.token.p, j.token.n};
    struct trust *trust = believe(&r, in);
    const struct verify_options options = {.trust = trust};

    for (size_t i = 0; i < j.token.n; i++) {
        struct verify_report report;

        assert_int_equal(token_open(in, &whole), ERR_OK);
        const bool may_change = is_unsigned(&whole, j.token.p, j.token.p + i);

        token_close(&whole);
        j.token.p[i] ^= 0x01;
        assert_int_equal(verify_token(in, &j.expect, &options, &report), ERR_OK);
        if (report.verdict == VERDICT_GENUINE && !may_change) {
            fail_msg("byte %zu may be changed", i);
        }
        verify_free(&report);
        j.token.p[i] ^= 0x01;
    }
    trust_free(trust);
    file_free(&j.token);
    file_free(&j.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_token_gets_its_verdict),
        cmocka_unit_test(no_flipped_byte_goes_through),
    };

    if (access(SET, R_OK) != 0) {
        (void)printf("SKIP %s is not there\n", SET);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
