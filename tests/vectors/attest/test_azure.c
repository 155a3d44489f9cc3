/* Real guests of Azure (04c-tpm-azure-maa): blobs of paravisors on SNP and TDX, and quotes of
 * their vTPMs, asked with "challenge". */
#include "openssl_evp.h"
#include "snp_files.h"

#include "attest/azure_judge.h"
#include "attest/evidence_platform.h"
#include "format/base64url.h"

#define AZURE "../04c-tpm-azure-maa/"
#define AT_S INT64_C(1750000000) /* June 2025: all chains hold */
#define POLICY_MAX 16384

static const struct view challenge = {(const uint8_t *)"challenge", 9};

/* A quote as others keep it: what is signed, a bare signature, and all 24 values. */
static struct view pack(struct view attest, struct view sig, struct view pcrs,
                        uint8_t out[TPM_QUOTE_MAX])
{
    struct writer w = wr_init(out, TPM_QUOTE_MAX);
    struct view v;

    wr_u16be(&w, (uint16_t)attest.n);
    wr_view(&w, attest);
    wr_u16be(&w, 0x0014);
    wr_u16be(&w, 0x000b);
    wr_u16be(&w, (uint16_t)sig.n);
    wr_view(&w, sig);
    wr_view(&w, pcrs);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

static struct view take_long(struct reader *r, size_t each)
{
    struct view v;
    uint64_t n = 0;

    assert_int_equal(rd_u64le(r, &n), ERR_OK);
    assert_int_equal(rd_take(r, (size_t)n * each, &v), ERR_OK);
    return v;
}

/* quote.bin: signature, what is signed, and values, a length of 8 bytes before each. */
static struct view quote_file(const char *name, uint8_t out[TPM_QUOTE_MAX])
{
    static uint8_t buf[SNP_FILE_MAX];
    struct reader r = rd_init(snp_file(name, buf));
    const struct view sig = take_long(&r, 1);
    const struct view attest = take_long(&r, 1);
    const struct view pcrs = take_long(&r, TPM_PCR_LEN);

    assert_int_equal(rd_finish(&r), ERR_OK);
    return pack(attest, sig, pcrs, out);
}

/* A policy that admits that guest as it is. */
static void policy_for(struct view hcl, struct view quote, struct azure_policy *out)
{
    static char text[POLICY_MAX];
    char digest[2 * SNP_MEASUREMENT_LEN + 1];
    char pcr[2 * TPM_PCR_LEN + 1];
    struct hcl_report h;
    struct snp_report r;
    struct tpm_quote q;
    unsigned at = 0;

    assert_int_equal(hcl_report_parse(hcl, &h), ATTEST_OK);
    assert_int_equal(snp_report_parse(h.hardware, &r), ATTEST_OK);
    assert_int_equal(tpm_quote_parse(quote, &q), ATTEST_OK);
    hex_write((struct view){r.measurement, sizeof r.measurement}, digest);
    size_t n = (size_t)snprintf(
        text, sizeof text,
        "version = 1\n[paravisor]\nmeasurement = %s\nhost_data = %064d\nvmpl = 0\n"
        "guest_svn = 0\nabi = 0.31\nsmt = allowed\nid_key = any\nauthor_key = any\n"
        "family_id = any\nimage_id = any\n[platform]\n"
        "signer = vcek\ncrl = optional\nmasked_chip = refused\nprovisional = allowed\n"
        "[line Milan]\ntcb = 0.3.0.8.115\nmitigations = 0x0\npolicy_set = 0x0\n"
        "platform_set = 0x0\nplatform_clear = 0x0\n[azure]\nsecure_boot = required\n"
        "maa_issuer = none\n",
        digest, 0);
    for (unsigned i = 0; i < TPM_PCRS; i++) {
        if (tpm_quote_pcr(&q, i).n > 0) {
            hex_write(tpm_quote_pcr(&q, i), pcr);
            n += (size_t)snprintf(text + n, sizeof text - n, "pcr = %u %s\n", i, pcr);
        }
    }
    const enum attest_fault f =
        azure_policy_parse((struct view){(const uint8_t *)text, n}, out, &at);

    if (f != ATTEST_OK) {
        fail_msg("line %u: %s", at, attest_fault_name(f));
    }
}

static struct azure_policy policy;
static struct azure_claims claims;
static uint8_t hcl[SNP_FILE_MAX], vek[SNP_FILE_MAX], ask[SNP_FILE_MAX], ark[SNP_FILE_MAX];
static uint8_t quote[TPM_QUOTE_MAX];

static struct azure_evidence evidence(const char *hcl_name, const char *vek_name)
{
    return (struct azure_evidence){
        .hcl = snp_file(hcl_name, hcl),
        .vek = snp_file_cert(vek_name, 0, vek),
        .ask = snp_file_cert("amd-roots/ask_ark_milan.pem", 0, ask),
        .ark = snp_file_cert("amd-roots/ask_ark_milan.pem", 1, ark),
    };
}

static enum attest_fault judge(const struct azure_evidence *ev)
{
    policy_for(ev->hcl, ev->quote, &policy);
    return azure_judge(ev, &policy, challenge, &snp_roots_compiled, AT_S, &claims);
}

static void blobs_are_read(void **state)
{
    static const struct {
        const char *name, *vm_id;
        enum hcl_kind kind;
        size_t json;
        bool user_data;
    } cases[] = {
        {AZURE "azure-cvm/hcl-report-snp.bin", "BAEFD3E1-184B-4C4C-AB88-0BDAD260505F", HCL_SNP,
         583, false},
        {AZURE "trustee-az-snp-vtpm/hcl-report.bin", "911B0EF8-9DBA-48B0-B275-4E4DF2D39252",
         HCL_SNP, 1110, true},
        {AZURE "trustee-az-tdx-vtpm/hcl-report.bin", "6332533D-5649-4D02-8AA7-8F64B7C3EE21",
         HCL_TDX, 1201, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hcl_report h;
        struct hcl_runtime r;
        uint8_t data[SNP_REPORT_DATA_LEN];

        assert_int_equal(hcl_report_parse(snp_file(cases[i].name, hcl), &h), ATTEST_OK);
        assert_int_equal(h.kind, cases[i].kind);
        assert_int_equal(h.runtime.n, cases[i].json);
        hcl_report_data(&h, data);
        /* REPORT_DATA of either kind of report */
        assert_memory_equal(data, h.hardware.p + (h.kind == HCL_SNP ? 0x50 : 0x80),
                            sizeof data);
        assert_int_equal(hcl_runtime_parse(h.runtime, &r), ATTEST_OK);
        assert_string_equal(r.vm_id, cases[i].vm_id);
        assert_true(r.secure_boot && r.tpm_enabled);
        assert_int_equal(r.has_user_data, cases[i].user_data);
    }
}

static void a_real_guest_is_accepted(void **state)
{
    struct azure_evidence ev = evidence(AZURE "trustee-az-snp-vtpm/hcl-report.bin",
                                        AZURE "trustee-az-snp-vtpm/vcek.pem");

    (void)state;
    ev.quote = quote_file(AZURE "trustee-az-snp-vtpm/quote.bin", quote);
    assert_int_equal(judge(&ev), ATTEST_OK);
    assert_int_equal(claims.paravisor.vek.assurance, ATTEST_ASSURANCE_HARDWARE);
    assert_int_equal(claims.paravisor.report.vmpl, 0);
    assert_int_equal(claims.pcr_held, 0xffffff);
    assert_int_equal(claims.pcrs[4][0], 0x1d);
    assert_true(claims.runtime.secure_boot);
    assert_int_equal(azure_judge(&ev, &policy, (struct view){(const uint8_t *)"challengf", 9},
                                 &snp_roots_compiled, AT_S, &claims),
                     ATTEST_AZURE_EXTRA_DATA);
    assert_int_equal(
        azure_judge(&ev, &policy, (struct view){NULL, 0}, &snp_roots_compiled, AT_S, &claims),
        ATTEST_AZURE_EXTRA_DATA);
    policy.pcrs[9].value[3] ^= 1;
    assert_int_equal(azure_judge(&ev, &policy, challenge, &snp_roots_compiled, AT_S, &claims),
                     ATTEST_AZURE_PCR);
}

/* base64url, here with padding */
static struct view unpack(const char *text, uint8_t out[SNP_FILE_MAX])
{
    struct view v;

    assert_int_equal(base64url_decode((struct view){(const uint8_t *)text, strcspn(text, "=")},
                                      out, SNP_FILE_MAX, &v),
                     ERR_OK);
    return v;
}

/* The same format out of another file, of another boot, in JSON. */
static void a_second_guest_is_accepted(void **state)
{
    json_t *root = vector_file("04c-tpm-azure-maa/trustee-az-snp-vtpm/evidence-v1.json");
    const json_t *const q = json_object_get(root, "tpm_quote");
    struct azure_evidence ev = evidence(AZURE "trustee-az-snp-vtpm/hcl-report.bin",
                                        AZURE "trustee-az-snp-vtpm/vcek.pem");
    uint8_t attest[256];
    uint8_t sig[RSA_2048_LEN];
    uint8_t pcrs[TPM_PCRS * TPM_PCR_LEN];
    size_t n_pcrs = 0;

    (void)state;
    ev.hcl = unpack(vector_text(root, "hcl_report"), hcl);
    ev.vek = unpack(vector_text(root, "vcek"), vek);
    const size_t n = vector_bytes(q, "message", attest, sizeof attest);

    assert_int_equal(vector_bytes(q, "signature", sig, sizeof sig), sizeof sig);
    for (size_t i = 0; i < TPM_PCRS; i++) {
        size_t one = 0;

        assert_int_equal(
            hex_parse(json_string_value(json_array_get(json_object_get(q, "pcrs"), i)),
                      pcrs + n_pcrs, TPM_PCR_LEN, &one),
            ERR_OK);
        n_pcrs += one;
    }
    ev.quote = pack((struct view){attest, n}, (struct view){sig, sizeof sig},
                    (struct view){pcrs, n_pcrs}, quote);
    const enum attest_fault f = judge(&ev);

    json_decref(root);
    assert_int_equal(f, ATTEST_OK);
    ev.vek = snp_file_cert(AZURE "azure-cvm/certs.pem", 0, vek); /* another machine's */
    assert_int_equal(judge(&ev), ATTEST_MATCH_TCB);
}

/* A quote of another boot: genuine under its own key, and not that of the blob beside it. */
static void a_quote_of_another_key_is_refused(void **state)
{
    struct azure_evidence ev =
        evidence(AZURE "azure-cvm/hcl-report-snp.bin", AZURE "azure-cvm/certs.pem");
    static uint8_t pem[SNP_FILE_MAX];
    static uint8_t msg[SNP_FILE_MAX];
    static uint8_t sig[SNP_FILE_MAX];
    static uint8_t pcrs[TPM_PCRS * TPM_PCR_LEN];
    uint8_t modulus[RSA_2048_LEN];
    const struct view text = snp_file(AZURE "azure-cvm/akpub.pem", pem);
    BIO *const bio = BIO_new_mem_buf(text.p, (int)text.n);
    EVP_PKEY *const key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    BIGNUM *n = NULL;
    struct tpm_quote q;

    (void)state;
    assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n), 1);
    assert_int_equal(BN_bn2binpad(n, modulus, sizeof modulus), (int)sizeof modulus);
    ev.quote = quote_file(AZURE "azure-cvm/quote.bin", quote);
    assert_int_equal(tpm_quote_parse(ev.quote, &q), ATTEST_OK);
    assert_int_equal(tpm_quote_verify(&q, modulus), ATTEST_OK);
    assert_int_equal(judge(&ev),
                     ATTEST_MATCH_CHIP); /* these certificates are of another chip */
    ev = evidence(AZURE "trustee-az-snp-vtpm/hcl-report.bin",
                  AZURE "trustee-az-snp-vtpm/vcek.pem");
    ev.quote = quote_file(AZURE "azure-cvm/quote.bin", quote);
    assert_int_equal(judge(&ev), ATTEST_QUOTE_SIGNATURE);
    /* and one without values, of 9 PCRs, which no key that is known here signed */
    const struct view m = snp_file(AZURE "trustee-az-snp-vtpm/tpm-quote.msg", msg);
    const struct view s = snp_file(AZURE "trustee-az-snp-vtpm/tpm-quote.sig", sig);

    ev.quote = pack(m, s, (struct view){pcrs, (size_t)9 * TPM_PCR_LEN}, quote);
    assert_int_equal(tpm_quote_parse(ev.quote, &q), ATTEST_OK);
    assert_int_equal(q.pcr_mask, 0x40ff);
    assert_int_equal(judge(&ev), ATTEST_QUOTE_SIGNATURE);
    BN_free(n);
    EVP_PKEY_free(key);
    (void)BIO_free(bio);
}

/* The report of a TDX guest is for its own machine; the quote made of it says the same data. */
static void tdx_is_told_apart(void **state)
{
    struct azure_evidence ev = evidence(AZURE "trustee-az-tdx-vtpm/hcl-report.bin",
                                        AZURE "trustee-az-snp-vtpm/vcek.pem");
    static uint8_t td[SNP_FILE_MAX];
    const struct view td_quote = snp_file(AZURE "trustee-az-tdx-vtpm/td-quote.bin", td);
    uint8_t data[SNP_REPORT_DATA_LEN];
    struct hcl_report h;

    (void)state;
    assert_int_equal(hcl_report_parse(ev.hcl, &h), ATTEST_OK);
    hcl_report_data(&h, data);
    assert_true(td_quote.n > 632);
    assert_memory_equal(td_quote.p + 568, data, sizeof data);
    assert_int_equal(azure_judge(&ev, &policy, challenge, &snp_roots_compiled, AT_S, &claims),
                     ATTEST_AZURE_KIND);
}

/* Evidence of other kinds, in the place of each part. */
static void other_evidence_is_refused(void **state)
{
    static const char *const names[] = {
        AZURE "maa/enclave.info.release.json",     AZURE "gce/gce-cos-85-no-nonce.pb",
        AZURE "gce/ubuntu-2404-amd-sevsnp.bin",    AZURE "trustee-az-tdx-vtpm/td-quote.bin",
        AZURE "trustee-az-snp-vtpm/tpm-quote.msg", AZURE "trustee-az-snp-vtpm/tpm-quote.sig",
    };
    static uint8_t buf[SNP_FILE_MAX];
    struct hcl_report h;
    struct tpm_quote q;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct view v = snp_file(names[i], buf);

        assert_int_not_equal(hcl_report_parse(v, &h), ATTEST_OK);
        assert_int_not_equal(tpm_quote_parse(v, &q), ATTEST_OK);
    }
}

/* What a guest shows names the chip of its paravisor's report; a TDREPORT names none. */
static void machines_are_named(void **state)
{
    static const struct {
        const char *name;
        enum attest_fault fault;
    } cases[] = {
        {AZURE "azure-cvm/hcl-report-snp.bin", ATTEST_OK},
        {AZURE "trustee-az-snp-vtpm/hcl-report.bin", ATTEST_OK},
        {AZURE "trustee-az-tdx-vtpm/hcl-report.bin", ATTEST_AZURE_KIND},
    };
    static uint8_t block[EVIDENCE_MAX];
    uint8_t machine[EVIDENCE_PLATFORM_LEN];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct evidence e = {.format = EVIDENCE_AZURE_SNP};
        struct writer w = wr_init(block, sizeof block);
        struct snp_report report;
        struct hcl_report blob;
        struct view v;

        e.part[EVIDENCE_REPORT - 1] = snp_file(cases[i].name, hcl);
        evidence_encode(&w, &e);
        assert_int_equal(wr_finish(&w, &v), ERR_OK);
        assert_int_equal(evidence_platform(v, machine), cases[i].fault);
        if (cases[i].fault == ATTEST_OK) {
            assert_int_equal(hcl_report_parse(e.part[EVIDENCE_REPORT - 1], &blob), ATTEST_OK);
            assert_int_equal(snp_report_parse(blob.hardware, &report), ATTEST_OK);
            assert_memory_equal(machine, report.chip_id, sizeof machine);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(machines_are_named),
        cmocka_unit_test(blobs_are_read),
        cmocka_unit_test(a_real_guest_is_accepted),
        cmocka_unit_test(a_second_guest_is_accepted),
        cmocka_unit_test(a_quote_of_another_key_is_refused),
        cmocka_unit_test(tdx_is_told_apart),
        cmocka_unit_test(other_evidence_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
