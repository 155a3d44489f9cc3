#include "client/evidence/evidence_rows.h"

#include "base/hex.h"
#include "client/kit/diag.h"
#include "client/kit/time_text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>

void evidence_rows_add(struct evidence_rows *out, const char *name, const char *format, ...)
{
    struct evidence_row *row = &out->rows[out->n];
    va_list args;

    assert(out->n < EVIDENCE_ROWS_MAX);
    row->name = name;
    va_start(args, format);
    (void)vsnprintf(row->text, sizeof row->text, format, args);
    va_end(args);
    out->n++;
}

void evidence_rows_add_hex(struct evidence_rows *out, const char *name, const uint8_t *p,
                           size_t n)
{
    char text[2 * SNP_REPORT_DATA_LEN + 1];

    assert(n <= SNP_REPORT_DATA_LEN);
    hex_write((struct view){p, n}, text);
    evidence_rows_add(out, name, "%s", text);
}

static void add_tcb(struct evidence_rows *out, const char *name, const uint8_t raw[SNP_TCB_LEN],
                    enum snp_line line)
{
    struct snp_tcb t;

    if (snp_tcb_decode(raw, line, &t) != ATTEST_OK) {
        evidence_rows_add_hex(out, name, raw, SNP_TCB_LEN);
        return;
    }
    evidence_rows_add(out, name, "%u.%u.%u.%u.%u", t.fmc, t.bootloader, t.tee, t.snp,
                      t.microcode);
}

static void add_firmware(struct evidence_rows *out, const char *name,
                         const struct snp_firmware *f)
{
    evidence_rows_add(out, name, "%u.%u.%u", f->major, f->minor, f->build);
}

static void add_mask(struct evidence_rows *out, const char *name, uint64_t v)
{
    evidence_rows_add(out, name, "0x%" PRIx64, v);
}

void evidence_rows_report(const struct snp_report *r, enum snp_line line,
                          struct evidence_rows *out)
{
    evidence_rows_add(out, "report_version", "%" PRIu32, r->version);
    evidence_rows_add(out, "line", "%s",
                      line == SNP_LINE_NONE ? "not told" : snp_line_name(line));
    evidence_rows_add(out, "signer", "%s", r->signer == SNP_SIGNER_VLEK ? "VLEK" : "VCEK");
    evidence_rows_add_hex(out, "measurement", r->measurement, sizeof r->measurement);
    evidence_rows_add_hex(out, "report_data", r->report_data, sizeof r->report_data);
    evidence_rows_add_hex(out, "host_data", r->host_data, sizeof r->host_data);
    add_mask(out, "policy", r->policy);
    evidence_rows_add(out, "debug", "%s",
                      (r->policy & SNP_POLICY_DEBUG) != 0 ? "ALLOWED" : "refused");
    evidence_rows_add(out, "migration", "%s",
                      (r->policy & SNP_POLICY_MIGRATE_MA) != 0 ? "ALLOWED" : "refused");
    add_mask(out, "platform_info", r->platform_info);
    if (r->vmpl == SNP_VMPL_HOST) {
        evidence_rows_add(out, "vmpl", "the host asked");
    } else {
        evidence_rows_add(out, "vmpl", "%" PRIu32, r->vmpl);
    }
    evidence_rows_add(out, "guest_svn", "%" PRIu32, r->guest_svn);
    evidence_rows_add_hex(out, "family_id", r->family_id, sizeof r->family_id);
    evidence_rows_add_hex(out, "image_id", r->image_id, sizeof r->image_id);
    evidence_rows_add_hex(out, "id_key", r->id_key_digest, sizeof r->id_key_digest);
    evidence_rows_add_hex(out, "author_key", r->author_key_digest, sizeof r->author_key_digest);
    evidence_rows_add_hex(out, "report_id", r->report_id, sizeof r->report_id);
    evidence_rows_add_hex(out, "report_id_ma", r->report_id_ma, sizeof r->report_id_ma);
    evidence_rows_add_hex(out, "chip_id", r->chip_id, sizeof r->chip_id);
    add_tcb(out, "tcb_current", r->current_tcb, line);
    add_tcb(out, "tcb_reported", r->reported_tcb, line);
    add_tcb(out, "tcb_committed", r->committed_tcb, line);
    add_tcb(out, "tcb_launch", r->launch_tcb, line);
    add_firmware(out, "firmware_current", &r->current);
    add_firmware(out, "firmware_committed", &r->committed);
    add_mask(out, "mitigations_launch", r->launch_mit_vector);
    add_mask(out, "mitigations_current", r->current_mit_vector);
}

static void add_time(struct evidence_rows *out, const char *name, int64_t s)
{
    char text[TIME_TEXT_LEN];

    time_text_write(s, 0, text);
    evidence_rows_add(out, name, "%s", text);
}

void evidence_rows_claims(const struct snp_claims *c, struct evidence_rows *out)
{
    char provider[EVIDENCE_TEXT_MAX];

    evidence_rows_add(out, "assurance", "%s",
                      c->vek.assurance == ATTEST_ASSURANCE_HARDWARE ? "hardware" : "SIMULATED");
    if (c->vek.signer == SNP_SIGNER_VLEK) {
        diag_escape((struct view){c->vek.csp_id, c->vek.csp_id_len}, provider, sizeof provider);
        evidence_rows_add(out, "provider", "%s", provider);
    }
    evidence_rows_add(out, "revocation", "%s", c->vek.crl_checked ? "checked" : "NOT CHECKED");
    evidence_rows_add(out, "chip", "%s", c->chip_known ? "told" : "NOT TOLD");
    add_time(out, "at", c->at_s);
    add_time(out, "chain_from", c->vek.from_s);
    add_time(out, "chain_until", c->vek.until_s);
    evidence_rows_add_hex(out, "policy_hash", c->policy_hash, sizeof c->policy_hash);
}

void evidence_rows_print(const struct evidence_rows *rows, FILE *out)
{
    for (size_t i = 0; i < rows->n; i++) {
        (void)fprintf(out, "%-20s %s\n", rows->rows[i].name, rows->rows[i].text);
    }
}

enum err evidence_rows_json(const struct evidence_rows *rows, json_t *object)
{
    for (size_t i = 0; i < rows->n; i++) {
        if (json_object_set_new(object, rows->rows[i].name, json_string(rows->rows[i].text)) !=
            0) {
            return ERR_NOSPACE;
        }
    }
    return ERR_OK;
}
