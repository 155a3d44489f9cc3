#include "client/evidence/evidence_azure.h"

#include "crypto/hash.h"

#include <inttypes.h>

void evidence_azure_runtime(const struct hcl_runtime *r, struct evidence_rows *out)
{
    uint8_t digest[32];

    hash_once(HASH_SHA256, (struct view){r->ak, sizeof r->ak}, digest);
    evidence_rows_add(out, "vm_id", "%s", r->vm_id);
    evidence_rows_add(out, "secure_boot", "%s", r->secure_boot ? "on" : "OFF");
    evidence_rows_add(out, "tpm", "%s", r->tpm_enabled ? "on" : "OFF");
    evidence_rows_add_hex(out, "ak_modulus_sha256", digest, sizeof digest);
    if (r->has_user_data) {
        evidence_rows_add_hex(out, "user_data", r->user_data, sizeof r->user_data);
    }
}

void evidence_azure_claims(const struct azure_claims *c, struct evidence_rows *out)
{
    static const char *const names[TPM_PCRS] = {
        "pcr_0",  "pcr_1",  "pcr_2",  "pcr_3",  "pcr_4",  "pcr_5",  "pcr_6",  "pcr_7",
        "pcr_8",  "pcr_9",  "pcr_10", "pcr_11", "pcr_12", "pcr_13", "pcr_14", "pcr_15",
        "pcr_16", "pcr_17", "pcr_18", "pcr_19", "pcr_20", "pcr_21", "pcr_22", "pcr_23"};

    evidence_rows_add(out, "measures", "paravisor by the hardware, guest by PCRs");
    evidence_rows_add(out, "pcrs_held", "0x%06" PRIx32, c->pcr_held);
    for (unsigned i = 0; i < TPM_PCRS; i++) {
        if ((c->pcr_mask >> i & 1U) != 0) {
            evidence_rows_add_hex(out, names[i], c->pcrs[i], TPM_PCR_LEN);
        }
    }
    evidence_rows_add(out, "tpm_clock_ms", "%" PRIu64, c->clock_ms);
    evidence_rows_add(out, "tpm_resets", "%" PRIu32, c->reset_count);
    evidence_rows_add(out, "tpm_restarts", "%" PRIu32, c->restart_count);
    evidence_rows_add(out, "tpm_firmware", "0x%" PRIx64, c->firmware_version);
    evidence_rows_add(out, "ak_public", "%s",
                      c->ak_public_checked ? "of the same key" : "not shown");
    evidence_rows_add(out, "ak_certificate", "%s",
                      c->ak_cert_checked ? "of the same key" : "not shown");
}

void evidence_azure_token(const struct maa_rows *rows, struct evidence_rows *out)
{
    static const char *const answers[] = {"not said", "agrees", "DISAGREES"};

    for (size_t i = 0; i < rows->n; i++) {
        evidence_rows_add(out, rows->rows[i].claim, "%s", answers[rows->rows[i].answer]);
    }
}
