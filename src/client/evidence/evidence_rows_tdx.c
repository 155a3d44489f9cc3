#include "client/evidence/evidence_rows_tdx.h"

#include "client/kit/time_text.h"

#include <inttypes.h>

static void add_mask(struct evidence_rows *out, const char *name, uint64_t v)
{
    evidence_rows_add(out, name, "0x%" PRIx64, v);
}

static void add_time(struct evidence_rows *out, const char *name, int64_t s)
{
    char text[TIME_TEXT_LEN];

    time_text_write(s, 0, text);
    evidence_rows_add(out, name, "%s", text);
}

static void add_bit(struct evidence_rows *out, const char *name, bool set, const char *yes,
                    const char *no)
{
    evidence_rows_add(out, name, "%s", set ? yes : no);
}

void evidence_rows_quote(uint16_t version, const struct tdx_td *td, size_t trailing,
                         struct evidence_rows *out)
{
    static const char *const rtmrs[] = {"rtmr0", "rtmr1", "rtmr2", "rtmr3"};
    const uint64_t bits = td->td_attributes;

    evidence_rows_add(out, "quote_version", "%u", version);
    evidence_rows_add(out, "tdx", "%s", td->has_1_5 ? "1.5" : "1.0");
    evidence_rows_add_hex(out, "mrtd", td->mrtd, sizeof td->mrtd);
    for (size_t i = 0; i < TDX_RTMRS; i++) {
        evidence_rows_add_hex(out, rtmrs[i], td->rtmr[i], sizeof td->rtmr[i]);
    }
    evidence_rows_add_hex(out, "report_data", td->report_data, sizeof td->report_data);
    evidence_rows_add_hex(out, "mr_config_id", td->mr_config_id, sizeof td->mr_config_id);
    evidence_rows_add_hex(out, "mr_owner", td->mr_owner, sizeof td->mr_owner);
    evidence_rows_add_hex(out, "mr_owner_config", td->mr_owner_config,
                          sizeof td->mr_owner_config);
    add_mask(out, "td_attributes", bits);
    add_bit(out, "debug", (bits & TDX_TD_DEBUG) != 0, "ALLOWED", "refused");
    add_bit(out, "migration", (bits & TDX_TD_MIGRATABLE) != 0, "ALLOWED", "refused");
    add_bit(out, "sept_ve_disable", (bits & TDX_TD_SEPT_VE_DISABLE) != 0, "set", "NOT SET");
    add_mask(out, "xfam", td->xfam);
    evidence_rows_add_hex(out, "mr_seam", td->mr_seam, sizeof td->mr_seam);
    evidence_rows_add_hex(out, "tee_tcb_svn", td->tee_tcb_svn, sizeof td->tee_tcb_svn);
    if (td->has_1_5) {
        evidence_rows_add_hex(out, "tee_tcb_svn_2", td->tee_tcb_svn_2,
                              sizeof td->tee_tcb_svn_2);
        evidence_rows_add_hex(out, "mr_service_td", td->mr_service_td,
                              sizeof td->mr_service_td);
    }
    evidence_rows_add(out, "trailing_bytes", "%zu", trailing);
}

static void add_standing(struct evidence_rows *out, const char *name, const char *date,
                         const struct tdx_standing *s)
{
    evidence_rows_add(out, name, "%s", tdx_status_name(s->status));
    add_time(out, date, s->date_s);
}

void evidence_rows_tdx(const struct tdx_claims *c, struct evidence_rows *out)
{
    evidence_rows_add(out, "assurance", "%s",
                      c->assurance == ATTEST_ASSURANCE_HARDWARE ? "hardware" : "SIMULATED");
    add_standing(out, "tcb_status", "tcb_date", &c->tcb.platform);
    add_standing(out, "module_status", "module_date", &c->tcb.module);
    add_standing(out, "qe_status", "qe_date", &c->tcb.qe);
    evidence_rows_add_hex(out, "fmspc", c->pck.fmspc, sizeof c->pck.fmspc);
    evidence_rows_add_hex(out, "platform", c->platform, sizeof c->platform);
    evidence_rows_add(out, "evaluation", "%u and %u", (unsigned)c->tcb_evaluation,
                      (unsigned)c->qe_evaluation);
    add_time(out, "at", c->at_s);
    add_time(out, "chain_from", c->from_s);
    add_time(out, "chain_until", c->until_s);
    evidence_rows_add_hex(out, "policy_hash", c->policy_hash, sizeof c->policy_hash);
}
