#include "client/kit/diag.h"
#include "client/verify/verify_steps.h"
#include "format/ber.h"
#include "format/oid.h"

#include <stdio.h>
#include <string.h>

#define TEXT_MAX 160

/* PKIFailureInfo bits by name, then the first statusString. */
static void describe_refusal(const struct tsp_resp *resp, char *out, size_t cap)
{
    struct reader r = rd_init(resp->status_string);
    struct view text;
    char escaped[TEXT_MAX] = "";
    size_t n = 0;

    out[0] = '\0';
    for (unsigned bit = 0; bit < 32 && n < cap; bit++) {
        if ((resp->fail_info >> bit & 1) != 0) {
            n += (size_t)snprintf(out + n, cap - n, "%s%s", n == 0 ? ": " : ", ",
                                  tsp_resp_fail_name(bit));
        }
    }
    if (n < cap && tsp_resp_next_text(&r, &text) == ERR_OK) {
        diag_escape(text, escaped, sizeof escaped);
        (void)snprintf(out + n, cap - n, ": %s", escaped);
    }
}

static void note_status(struct verify_run *run)
{
    const struct token *t = &run->report->token;
    char why[VERIFY_REASON_MAX - 64];

    if (!t->is_resp) {
        verify_note(run, STEP_STATUS, RESULT_NOT_CHECKED, "a bare token has none");
        return;
    }
    if (t->resp_err != ERR_OK) {
        verify_note(run, STEP_STATUS, RESULT_FAIL, "not a TimeStampResp (%s)",
                    err_name(t->resp_err));
        return;
    }
    if (t->resp.status == PKI_GRANTED || t->resp.status == PKI_GRANTED_WITH_MODS) {
        verify_note(run, STEP_STATUS, RESULT_PASS, "%s", tsp_resp_status_name(t->resp.status));
        return;
    }
    /* Nothing is forged: there is no token. */
    describe_refusal(&t->resp, why, sizeof why);
    verify_note(run, STEP_STATUS, RESULT_FAIL, "the authority %s (%s)%s",
                t->resp.status == PKI_REJECTION ? "refused" : "gave no token",
                tsp_resp_status_name(t->resp.status), why);
}

/* RFC 5652 5.3: SignerInfo is version 1 when sid is an issuerAndSerialNumber, 3 when it is a
 * key identifier. */
static bool signer_version_fits(const struct signer_info *s)
{
    return s->version == (s->ski.n > 0 ? 3 : 1);
}

/* RFC 5652 5.1: at least 3, for the content is not id-data; 4 and 5 come with certificates of
 * other kinds. */
static bool version_fits(const struct signed_data *sd)
{
    return sd->version >= 3 && sd->version <= 5;
}

/* UnsignedAttributes ::= SET SIZE (1..MAX), RFC 5652 5.3: with an empty one or none, two
 * encodings would be the same token. */
static bool has_empty_unsigned_attrs(const struct signer_info *s)
{
    struct reader r;

    return s->unsigned_attrs.n > 0 && cms_attrs_open(s->unsigned_attrs, &r) == ERR_OK &&
           r.n == 0;
}

static void note_shape(struct verify_run *run)
{
    const struct token *t = &run->report->token;

    if (t->der_err != ERR_OK || (t->is_resp && t->resp_err != ERR_OK)) {
        verify_note(run, STEP_SHAPE, RESULT_FAIL,
                    "neither TimeStampResp nor TimeStampToken (%s)",
                    err_name(t->der_err != ERR_OK ? t->der_err : t->resp_err));
    } else if (!t->has_token) {
        verify_note(run, STEP_SHAPE, RESULT_FAIL, "there is no token");
    } else if (t->cms_err != ERR_OK) {
        verify_note(run, STEP_SHAPE, RESULT_FAIL, "not a SignedData (%s)",
                    err_name(t->cms_err));
    } else if (t->tst_err == ERR_TYPE) {
        verify_note(run, STEP_SHAPE, RESULT_FAIL, "the content is not a TSTInfo");
    } else if (t->cms.n_signers != 1) {
        verify_note(run, STEP_SHAPE, RESULT_FAIL, "%zu SignerInfos, there must be one",
                    t->cms.n_signers);
    } else if (has_empty_unsigned_attrs(&t->cms.signer)) {
        verify_note(run, STEP_SHAPE, RESULT_FAIL, "unsignedAttrs is there and empty");
    } else if (!version_fits(&t->cms)) {
        verify_note(run, STEP_SHAPE, RESULT_FAIL, "SignedData of version %u",
                    (unsigned)t->cms.version);
    } else if (!signer_version_fits(&t->cms.signer)) {
        verify_note(run, STEP_SHAPE, RESULT_FAIL, "SignerInfo of version %u with this sid",
                    (unsigned)t->cms.signer.version);
    } else {
        verify_note(run, STEP_SHAPE, RESULT_PASS, "SignedData over TSTInfo, one SignerInfo");
    }
}

static void note_encoding(struct verify_run *run)
{
    const struct token *t = &run->report->token;
    char list[128] = "";
    size_t n = 0;

    if (t->der_err != ERR_OK || t->cms_err != ERR_OK) {
        return;
    }
    for (unsigned bit = 1; bit <= BER_FLAW_ALL && n < sizeof list; bit <<= 1) {
        if ((t->flaws & bit) != 0) {
            n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", n == 0 ? "" : ", ",
                                  ber_flaw_name((enum ber_flaw)bit));
        }
    }
    if (t->flaws == 0) {
        verify_note(run, STEP_ENCODING, RESULT_PASS, "DER");
    } else if (run->options->strict) {
        verify_note(run, STEP_ENCODING, RESULT_FAIL, "BER that is not DER: %s", list);
    } else {
        verify_note(run, STEP_ENCODING, RESULT_PASS, "BER that is not DER, let pass: %s", list);
    }
}

static void note_tst_info(struct verify_run *run)
{
    const struct token *t = &run->report->token;

    if (t->cms_err != ERR_OK || t->tst_err == ERR_TYPE) {
        return;
    }
    if (t->tst_err != ERR_OK) {
        verify_note(run, STEP_TST_INFO, RESULT_FAIL, "cannot be read (%s)",
                    err_name(t->tst_err));
    } else if (t->tst.version != 1) {
        verify_note(run, STEP_TST_INFO, RESULT_FAIL, "version %u", (unsigned)t->tst.version);
    } else if (t->tst.critical) {
        verify_note(run, STEP_TST_INFO, RESULT_NOT_CHECKED,
                    "has a critical extension that is not known here");
    } else {
        verify_note(run, STEP_TST_INFO, RESULT_PASS, "version 1");
    }
}

static void note_attrs(struct verify_run *run)
{
    const struct token *t = &run->report->token;
    const char *missing = NULL;

    if (t->cms_err != ERR_OK) {
        return;
    }
    if (t->cms.signer.signed_attrs.n == 0) {
        verify_note(run, STEP_SIGNED_ATTRS, RESULT_FAIL, "there are none");
        return;
    }
    if (t->attrs_err != ERR_OK) {
        verify_note(run, STEP_SIGNED_ATTRS, RESULT_FAIL,
                    "cannot be read, or one stands twice (%s)", err_name(t->attrs_err));
        return;
    }
    if (t->attrs.content_type.n == 0) {
        missing = "contentType";
    } else if (t->attrs.message_digest.n == 0) {
        missing = "messageDigest";
    } else if (t->attrs.ess_v1.n_certs == 0 && t->attrs.ess_v2.n_certs == 0) {
        missing = "signingCertificate";
    }
    if (missing != NULL) {
        verify_note(run, STEP_SIGNED_ATTRS, RESULT_FAIL, "%s is missing", missing);
    } else if (oid_find(t->attrs.content_type) != OID_CT_TST_INFO) {
        verify_note(run, STEP_SIGNED_ATTRS, RESULT_FAIL, "contentType is not id-ct-TSTInfo");
    } else {
        verify_note(run, STEP_SIGNED_ATTRS, RESULT_PASS,
                    "contentType, messageDigest, signingCertificate%s",
                    t->attrs.ess_v2.n_certs > 0 ? "V2" : "");
    }
}

static void note_message_digest(struct verify_run *run)
{
    const struct token *t = &run->report->token;
    uint8_t have[DIGEST_MAX];

    if (t->cms_err != ERR_OK || t->cms.n_signers == 0) {
        return;
    }
    run->md = digest_by_oid(t->cms.signer.digest_alg.oid);
    if (!t->cms.has_content || t->attrs_err != ERR_OK || t->attrs.message_digest.n == 0) {
        return;
    }
    if (run->md == NULL) {
        verify_note(run, STEP_MESSAGE_DIGEST, RESULT_NOT_CHECKED, "by an unknown algorithm");
        return;
    }
    if (digest_once(run->md, t->cms.content, have) != ERR_OK) {
        verify_note(run, STEP_MESSAGE_DIGEST, RESULT_NOT_CHECKED, "%s is not to be had",
                    run->md->name);
        return;
    }
    if (view_equal(t->attrs.message_digest, (struct view){have, run->md->len})) {
        verify_note(run, STEP_MESSAGE_DIGEST, RESULT_PASS, "%s of TSTInfo", run->md->name);
    } else {
        verify_note(run, STEP_MESSAGE_DIGEST, RESULT_FAIL, "is not the %s of TSTInfo",
                    run->md->name);
    }
}

void verify_structure(struct verify_run *run)
{
    note_status(run);
    note_shape(run);
    note_encoding(run);
    note_tst_info(run);
    note_attrs(run);
    note_message_digest(run);
}
