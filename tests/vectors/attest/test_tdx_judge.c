/* Real quotes of TDX, and those that others made of them, each with the verdict that its source
 * states. Where a source gives no collateral, or none of the quote's time, the verdict is what
 * is missing: all that stands before it holds then. */
#include "tdx_intel.h"
#include "tdx_policy_kit.h"

#include "attest/evidence_judge.h"
#include "crypto/gmp_arena.h"
#include "crypto/hash.h"

#define IN_2023_S INT64_C(1688083200) /* 2023-06-30 */
#define A_MONTH_S INT64_C(2592000)

static struct tdx_scratch scratch;

/* A policy that the quote satisfies, where it can be read. */
static enum attest_fault judge(const struct tdx_evidence *ev, const struct tdx_roots *roots,
                               int64_t at_s, const char *from, const char *to,
                               struct tdx_claims *out)
{
    static const struct tdx_claims zero;
    static char text[TDX_KIT_TEXT_MAX];
    static char changed[TDX_KIT_TEXT_MAX];
    struct tdx_policy policy;
    struct tdx_quote q;

    (void)!tdx_quote_parse(ev->quote, &q);
    tdx_kit_policy(tdx_kit_replace(tdx_kit_text(&q.td, text), from, to, changed), &policy);
    const enum attest_fault f =
        tdx_judge(ev, &policy, q.td.report_data, roots, at_s, &scratch, out);

    if (f != ATTEST_OK) {
        assert_memory_equal(out, &zero, sizeof zero);
    }
    return f;
}

/* ---- what tinfoil published ---- */

/* Its own root, where a case has one. */
static struct tdx_roots root_of(const json_t *collateral, struct tdx_root *root)
{
    static uint8_t der[TDX_FILE_MAX];
    struct reader r = rd_init(text_of(collateral, "intel_root_ca_pem"));
    struct view cert;
    struct cert c;

    if (r.n == 0) {
        return tdx_roots_compiled;
    }
    assert_int_equal(pem_parse(&r, "CERTIFICATE", der, sizeof der, &cert), ERR_OK);
    assert_int_equal(cert_parse(cert, &c), ERR_OK);
    root->assurance = ATTEST_ASSURANCE_SIMULATED;
    hash_once(HASH_SHA256, c.ids.spki, root->pin);
    return (struct tdx_roots){root, 1};
}

static enum attest_fault judge_case(const char *name, struct tdx_claims *out)
{
    static uint8_t quote[TDX_FILE_MAX];
    static uint8_t pck_crl[TDX_FILE_MAX];
    static uint8_t root_crl[TDX_FILE_MAX];
    char path[256];
    struct tdx_root root = {0};

    (void)snprintf(path, sizeof path, "04b-tdx/tinfoil/%s/input.json", name);
    json_t *const input = vector_file(path);
    const json_t *const c = json_object_get(input, "collateral");
    const struct tdx_roots roots = root_of(c, &root);
    const struct tdx_evidence ev = {
        .quote = base64_of(input, "quote_b64", quote),
        .collateral = {.tcb_info = text_of(c, "tcb_info_json"),
                       .tcb_info_chain = text_of(c, "tcb_info_issuer_chain_pem"),
                       .qe_identity = text_of(c, "qe_identity_json"),
                       .qe_identity_chain = text_of(c, "qe_identity_issuer_chain_pem"),
                       .pck_crl = base64_of(c, "pck_crl_der_b64", pck_crl),
                       .root_crl = base64_of(c, "root_crl_der_b64", root_crl)}};
    const enum attest_fault f = judge(
        &ev, &roots, json_integer_value(json_object_get(input, "expiration_check_date_unix")),
        "version", "version", out);

    json_decref(input);
    return f;
}

static void quotes_and_their_mutations(void **state)
{
    static const struct {
        const char *name;
        enum attest_fault f;
    } cases[] = {
        /* A real quote of 2023. The certificate that signed collateral then is not among it:
         * what is accepted there is accepted here up to that. */
        {"300-tdx-v4-happy", ATTEST_TDX_TCB_CERT_PARSE},
        {"310-wrong-quote-version", ATTEST_TDX_QUOTE_VERSION},
        {"311-wrong-tee-type-sgx", ATTEST_TDX_QUOTE_TEE},
        {"312-akt-p384-unsupported", ATTEST_TDX_QUOTE_KEY_TYPE},
        {"313-wrong-qe-vendor", ATTEST_TDX_QUOTE_VENDOR},
        {"314-truncated-quote", ATTEST_TDX_QUOTE_SIZE},
        {"315-wrong-signed-data-size", ATTEST_TDX_QUOTE_LENGTHS},
        {"320-pck-leaf-sig-broken", ATTEST_TDX_PCK_SIGNATURE},
        {"321-pck-intermediate-sig-broken", ATTEST_TDX_CA_SIGNATURE},
        {"322-pck-root-byte-changed", ATTEST_TDX_ROOT_SIGNATURE},
        {"323-pck-chain-byte-changed", ATTEST_TDX_CHAIN_PEM},
        {"324-pck-leaf-expired", ATTEST_TDX_ROOT_TIME},
        /* 325 wants one FMSPC alone, which a policy here cannot say: it denies some. */
        {"326-pck-crl-sig-broken", ATTEST_TDX_PCK_CRL_SIGNATURE},
        {"327-root-crl-sig-broken", ATTEST_TDX_ROOT_CRL_SIGNATURE},
        {"328-pck-crl-expired", ATTEST_TDX_PCK_CRL_TIME},
        {"329-root-crl-expired", ATTEST_TDX_ROOT_CRL_TIME},
        {"330-quote-sig-broken-via-header", ATTEST_TDX_QUOTE_SIGNATURE},
        {"331-quote-sig-broken-via-body", ATTEST_TDX_QUOTE_SIGNATURE},
        {"332-qe-report-sig-broken", ATTEST_TDX_QE_SIGNATURE},
        {"333-ak-mismatch", ATTEST_TDX_QUOTE_SIGNATURE},
        {"334-intermediate-revoked", ATTEST_TDX_ROOT_CRL_REVOKED},
        {"335-tcb-info-chain-invalid", ATTEST_TDX_TCB_CERT_SIGNATURE},
        {"336-qe-identity-mrsigner-mismatch", ATTEST_TDX_MATCH_QE_SIGNER},
        {"337-qe-identity-field-mismatch", ATTEST_TDX_MATCH_QE_PRODUCT},
        {"338-qe-identity-expired-only", ATTEST_TDX_QE_TIME},
        {"350-tcb-uptodate", ATTEST_OK},
    };
    struct tdx_claims c;
    bool good = true;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const enum attest_fault f = judge_case(cases[i].name, &c);

        if (f != cases[i].f) {
            print_error("%s: %s\n", cases[i].name, attest_fault_name(f));
            good = false;
        }
    }
    assert_true(good);
    assert_int_equal(c.assurance, ATTEST_ASSURANCE_SIMULATED);
    assert_int_equal(c.tcb.platform.status, TDX_STATUS_UP_TO_DATE);
    assert_int_equal(c.tcb_evaluation, 18);
}

/* ---- real quotes with Intel's collateral of June 2025 ---- */

static void a_real_quote_is_accepted(void **state)
{
    static const struct {
        const char *from, *to;
        int64_t at_s;
        enum attest_fault f;
    } cases[] = {
        {"version", "version", IN_2025_S, ATTEST_OK},
        {"trailing = allowed", "trailing = refused", IN_2025_S, ATTEST_TDX_JUDGE_TRAILING},
        {"fmspc_denied = none", "fmspc_denied = b0c06f000000", IN_2025_S,
         ATTEST_TDX_JUDGE_FMSPC},
        {"fmspc_denied = none", "fmspc_denied = b0c06f000001", IN_2025_S, ATTEST_OK},
        {"evaluation = 1", "evaluation = 17", IN_2025_S, ATTEST_OK},
        {"evaluation = 1", "evaluation = 18", IN_2025_S, ATTEST_TDX_JUDGE_EVALUATION},
        {"status = UpToDate", "status = SWHardeningNeeded", IN_2025_S,
         ATTEST_TDX_JUDGE_TCB_STATUS},
        {"version", "version", IN_2023_S, ATTEST_TDX_PCK_TIME},
        {"version", "version", IN_2025_S + A_MONTH_S, ATTEST_TDX_PCK_CRL_TIME},
    };
    static uint8_t raw[TDX_FILE_MAX];
    json_t *const c = vector_file("04b-tdx/dcap-qvl/tdx_quote_collateral.json");
    const struct tdx_evidence ev = {quote_of("04b-tdx/dcap-qvl/tdx_quote", raw),
                                    collateral_of_2025(c)};
    struct tdx_claims claims;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const enum attest_fault f =
            judge(&ev, &tdx_roots_compiled, cases[i].at_s, cases[i].from, cases[i].to, &claims);

        if (f != cases[i].f) {
            fail_msg("%zu: %s", i, attest_fault_name(f));
        }
        if (f == ATTEST_OK) {
            assert_int_equal(claims.assurance, ATTEST_ASSURANCE_HARDWARE);
            assert_int_equal(claims.trailing, 70);
            assert_int_equal(claims.tcb.module.status, TDX_STATUS_UP_TO_DATE);
            assert_int_equal(claims.tcb_evaluation, 17);
            assert_true(claims.from_s <= IN_2025_S && claims.until_s >= IN_2025_S);
        }
    }
    json_decref(c);
}

/* ---- as a part of evidence ---- */

struct block {
    struct view bytes;
    const struct evidence_policy *policy;
    const uint8_t *report_data;
    struct evidence_claims claims;
    enum attest_fault f;
};

static enum err judge_block(void *arg)
{
    struct block *const b = arg;

    b->f = evidence_judge(b->bytes, b->policy, b->report_data, &snp_roots_compiled, IN_2025_S,
                          &b->claims);
    return ERR_OK;
}

/* In the room that a core has for it. */
static void a_block_with_collateral_is_judged(void **state)
{
    static _Alignas(16) uint8_t memory[RSA_PSS_ARENA_LEN];
    static uint8_t raw[TDX_FILE_MAX];
    static uint8_t parts[TDX_COLLATERAL_MAX];
    static uint8_t bytes[EVIDENCE_MAX];
    static char text[TDX_KIT_TEXT_MAX];
    static struct evidence_policy policy;
    json_t *const c = vector_file("04b-tdx/dcap-qvl/tdx_quote_collateral.json");
    const struct tdx_collateral all = collateral_of_2025(c);
    struct evidence e = {.format = EVIDENCE_TDX};
    struct block b = {.policy = &policy};
    struct gmp_arena arena;
    struct tdx_quote q;
    unsigned at = 0;

    (void)state;
    gmp_arena_install();
    gmp_arena_init(&arena, memory, sizeof memory);
    e.part[EVIDENCE_REPORT - 1] = quote_of("04b-tdx/dcap-qvl/tdx_quote", raw);
    assert_int_equal(tdx_quote_parse(e.part[EVIDENCE_REPORT - 1], &q), ATTEST_OK);
    b.report_data = q.td.report_data;
    (void)tdx_kit_text(&q.td, text);
    assert_int_equal(
        evidence_policy_parse((struct view){(const uint8_t *)text, strlen(text)}, &policy, &at),
        ATTEST_OK);
    for (int with = 0; with <= 2; with++) {
        struct writer w = wr_init(bytes, sizeof bytes);

        if (with > 0) {
            assert_int_equal(tdx_collateral_encode(&all, parts, sizeof parts,
                                                   &e.part[EVIDENCE_COLLATERAL - 1]),
                             ERR_OK);
        }
        e.part[EVIDENCE_VEK - 1] = (struct view){raw, with == 2 ? 1 : 0};
        evidence_encode(&w, &e);
        assert_int_equal(wr_finish(&w, &b.bytes), ERR_OK);
        assert_int_equal(gmp_arena_run(&arena, judge_block, &b), ERR_OK);
        assert_int_equal(b.f, with == 0   ? ATTEST_TDX_COLLATERAL
                              : with == 1 ? ATTEST_OK
                                          : ATTEST_EVIDENCE_PARTS);
        if (with == 1) {
            assert_int_equal(b.claims.line, EVIDENCE_LINE_TDX);
            assert_int_equal(b.claims.assurance, ATTEST_ASSURANCE_HARDWARE);
            assert_memory_equal(b.claims.measurement, q.td.mrtd, TDX_MR_LEN);
            assert_true(b.claims.platform_known);
            b.report_data = q.qe.report_data; /* of another */
            assert_int_equal(gmp_arena_run(&arena, judge_block, &b), ERR_OK);
            assert_int_equal(b.f, ATTEST_TDX_JUDGE_REPORT_DATA);
            b.report_data = q.td.report_data;
        }
    }
    policy.has_tdx = false;
    assert_int_equal(gmp_arena_run(&arena, judge_block, &b), ERR_OK);
    assert_int_equal(b.f, ATTEST_EVIDENCE_DENIED);
    json_decref(c);
}

/* Bits of what its key signed. */
static void flips_of_a_real_quote_are_refused(void **state)
{
    static uint8_t raw[TDX_FILE_MAX];
    json_t *const c = vector_file("04b-tdx/dcap-qvl/tdx_quote_collateral.json");
    const struct view quote = quote_of("04b-tdx/dcap-qvl/tdx_quote", raw);
    const struct tdx_evidence ev = {quote, collateral_of_2025(c)};
    struct tdx_claims claims;

    (void)state;
    for (size_t bit = 0; bit < (size_t)8 * (48 + 584); bit += 97) {
        raw[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_not_equal(
            judge(&ev, &tdx_roots_compiled, IN_2025_S, "version", "version", &claims),
            ATTEST_OK);
        raw[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    json_decref(c);
}

static void other_quotes_stand_as_their_sources_say(void **state)
{
    static const struct {
        const char *name;
        enum attest_fault f;
    } cases[] = {
        {"04b-tdx/dcap-qvl/quote-from-tappd.hex", ATTEST_TDX_MATCH_TCB_LEVEL},
        {"04b-tdx/dcap-qvl/sgx_quote", ATTEST_TDX_QUOTE_VERSION},
        {"04b-tdx/go-tdx-guest/tdx_prod_quote_SPR_E4.dat", ATTEST_TDX_MATCH_FMSPC},
        {"04b-tdx/oasis/quote_v4_tdx_ecdsa_p256.bin", ATTEST_TDX_MATCH_FMSPC},
        {"04b-tdx/teekit/tdx-v4-edgeless.dat", ATTEST_TDX_MATCH_FMSPC},
        {"04b-tdx/teekit/tdx-v4-gcp.json", ATTEST_TDX_MATCH_FMSPC},
        {"04b-tdx/trustee/tdx_quote_4.dat", ATTEST_TDX_MATCH_FMSPC},
        {"04c-tpm-azure-maa/trustee-az-tdx-vtpm/td-quote.bin", ATTEST_TDX_MATCH_FMSPC},
        {"04b-tdx/go-tdx-guest/report.dat", ATTEST_TDX_QUOTE_VERSION},
    };
    static uint8_t raw[TDX_FILE_MAX];
    json_t *const c = vector_file("04b-tdx/dcap-qvl/tdx_quote_collateral.json");
    struct tdx_claims claims;
    bool good = true;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct tdx_evidence ev = {quote_of(cases[i].name, raw), collateral_of_2025(c)};
        const enum attest_fault f =
            judge(&ev, &tdx_roots_compiled, IN_2025_S, "version", "version", &claims);

        if (f != cases[i].f) {
            print_error("%s: %s\n", cases[i].name, attest_fault_name(f));
            good = false;
        }
    }
    json_decref(c);
    assert_true(good);
}

/* FIELDS.json: what others read of each quote. */
static void fields_are_what_others_read(void **state)
{
    static uint8_t raw[TDX_FILE_MAX];
    json_t *const fields = vector_file("04b-tdx/FIELDS.json");
    const char *name = NULL;
    json_t *want = NULL;
    size_t n = 0;

    (void)state;
    json_object_foreach(fields, name, want)
    {
        struct tdx_quote q;
        uint8_t bytes[TDX_REPORT_DATA_LEN];
        const bool tdx = json_integer_value(json_object_get(want, "version")) >= 4;
        const struct view quote = quote_of(name, raw);

        assert_int_equal(tdx_quote_parse(quote, &q),
                         tdx ? ATTEST_OK : ATTEST_TDX_QUOTE_VERSION);
        if (!tdx) {
            continue;
        }
        assert_int_equal(q.version, json_integer_value(json_object_get(want, "version")));
        assert_int_equal(q.trailing.n, json_integer_value(json_object_get(want, "trailing")));
        assert_int_equal(vector_bytes(want, "mr_td", bytes, sizeof bytes), TDX_MR_LEN);
        assert_memory_equal(q.td.mrtd, bytes, TDX_MR_LEN);
        assert_int_equal(vector_bytes(want, "report_data", bytes, sizeof bytes), sizeof bytes);
        assert_memory_equal(q.td.report_data, bytes, sizeof bytes);
        assert_int_equal(vector_bytes(want, "td_attributes", bytes, sizeof bytes), 8);
        for (size_t i = 0; i < 8; i++) {
            assert_int_equal(bytes[i], q.td.td_attributes >> 8 * i & 0xff);
        }
        assert_true(tdx_signed_by(q.signed_part, q.signature.p, q.attestation_key.p));
        n++;
    }
    json_decref(fields);
    assert_int_equal(n, 8);
}

/* What trustee reads of one. */
static void a_body_is_what_others_read(void **state)
{
    static const char *const rtmrs[] = {"rtmr_0", "rtmr_1", "rtmr_2", "rtmr_3"};
    static uint8_t raw[TDX_FILE_MAX];
    json_t *const root = vector_file("04b-tdx/trustee/parse_tdx_claims_expected.json");
    const json_t *const body = json_object_get(json_object_get(root, "quote"), "body");
    uint8_t bytes[TDX_REPORT_DATA_LEN];
    struct tdx_quote q;

    (void)state;
    assert_int_equal(tdx_quote_parse(quote_of("04b-tdx/trustee/tdx_quote_4.dat", raw), &q),
                     ATTEST_OK);
    const struct {
        const char *name;
        const uint8_t *have;
        size_t n;
    } cases[] = {{"mr_config_id", q.td.mr_config_id, TDX_MR_LEN},
                 {"mr_owner", q.td.mr_owner, TDX_MR_LEN},
                 {"mr_owner_config", q.td.mr_owner_config, TDX_MR_LEN},
                 {"mr_seam", q.td.mr_seam, TDX_MR_LEN},
                 {"mr_td", q.td.mrtd, TDX_MR_LEN},
                 {"mrsigner_seam", q.td.mr_signer_seam, TDX_MR_LEN},
                 {"report_data", q.td.report_data, TDX_REPORT_DATA_LEN},
                 {"seam_attributes", q.td.seam_attributes, 8},
                 {"tcb_svn", q.td.tee_tcb_svn, TDX_SVN_LEN}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(vector_bytes(body, cases[i].name, bytes, sizeof bytes), cases[i].n);
        assert_memory_equal(cases[i].have, bytes, cases[i].n);
    }
    for (size_t i = 0; i < TDX_RTMRS; i++) {
        assert_int_equal(vector_bytes(body, rtmrs[i], bytes, sizeof bytes), TDX_MR_LEN);
        assert_memory_equal(q.td.rtmr[i], bytes, TDX_MR_LEN);
    }
    json_decref(root);
}

/* ---- Intel's sample, under its own root ---- */

/* The second block of a file of two: these have the root first. */
static struct view second(struct view pem)
{
    static const char end[] = "-----END CERTIFICATE-----\n";
    const char *const at = strstr((const char *)pem.p, end);

    assert_non_null(at);
    const size_t n = (size_t)((const uint8_t *)at - pem.p) + sizeof end - 1;

    return (struct view){pem.p + n, pem.n - n};
}

/* Its quote brings no certificates: they are put in, which changes nothing that is signed. Its
 * levels ask for more than a byte can say, so that no quote reaches them. */
static void intels_sample_is_genuine_under_its_root(void **state)
{
    static uint8_t parts[9][TDX_FILE_MAX];
    static uint8_t raw[TDX_FILE_MAX];
    const struct view old = tdx_file("04b-tdx/intel-qvl/quote.dat", parts[0]);
    const struct view leaf = tdx_file("04b-tdx/intel-qvl/pckCert.pem", parts[1]);
    const struct view chain = tdx_file("04b-tdx/intel-qvl/pckSignChain.pem", parts[2]);
    const struct view root_pem = tdx_file("04b-tdx/intel-qvl/trustedRootCaCert.pem", parts[8]);
    const struct view tcb_chain =
        second(tdx_file("04b-tdx/intel-qvl/tcbSignChain.pem", parts[3]));
    const struct tdx_evidence bare = {
        .collateral = {.tcb_info = tdx_file("04b-tdx/intel-qvl/tcbInfo.json", parts[4]),
                       .tcb_info_chain = tcb_chain,
                       .qe_identity = tdx_file("04b-tdx/intel-qvl/qeIdentity.json", parts[5]),
                       .qe_identity_chain = tcb_chain,
                       .pck_crl = tdx_file("04b-tdx/intel-qvl/intermediateCaCrl.der", parts[6]),
                       .root_crl = tdx_file("04b-tdx/intel-qvl/rootCaCrl.der", parts[7])}};
    struct tdx_root root = {.assurance = ATTEST_ASSURANCE_SIMULATED};
    struct tdx_evidence ev = bare;
    struct tdx_claims claims;
    struct tdx_quote q;

    (void)state;
    assert_int_equal(tdx_quote_parse(old, &q), ATTEST_OK);
    struct writer w = wr_init(raw, sizeof raw);
    const size_t head = old.n - q.pck_chain.n; /* up to the certificates */

    wr_bytes(&w, old.p, head);
    wr_view(&w, leaf);
    wr_view(&w, second(chain));
    wr_view(&w, root_pem);
    wr_patch_u32le(&w, head - 4, (uint32_t)(w.len - head));
    wr_patch_u32le(&w, 48 + 584 + 4 + 128 + 2, (uint32_t)(w.len - (48 + 584 + 4 + 128 + 6)));
    wr_patch_u32le(&w, 48 + 584, (uint32_t)(w.len - (48 + 584 + 4)));
    assert_int_equal(wr_finish(&w, &ev.quote), ERR_OK);
    assert_int_equal(judge(&ev, &tdx_roots_compiled, IN_2023_S, "version", "version", &claims),
                     ATTEST_TDX_ROOT_PIN);

    struct cert c;
    struct view der;
    struct reader r = rd_init(tdx_file("04b-tdx/intel-qvl/trustedRootCaCert.pem", parts[1]));

    assert_int_equal(pem_parse(&r, "CERTIFICATE", parts[2], TDX_FILE_MAX, &der), ERR_OK);
    assert_int_equal(cert_parse(der, &c), ERR_OK);
    hash_once(HASH_SHA256, c.ids.spki, root.pin);
    assert_int_equal(
        judge(&ev, &(struct tdx_roots){&root, 1}, IN_2023_S, "version", "version", &claims),
        ATTEST_TDX_MATCH_MODULE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_and_their_mutations),
        cmocka_unit_test(a_real_quote_is_accepted),
        cmocka_unit_test(a_block_with_collateral_is_judged),
        cmocka_unit_test(flips_of_a_real_quote_are_refused),
        cmocka_unit_test(other_quotes_stand_as_their_sources_say),
        cmocka_unit_test(fields_are_what_others_read),
        cmocka_unit_test(a_body_is_what_others_read),
        cmocka_unit_test(intels_sample_is_genuine_under_its_root),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
