#include "attest/snp_judge.h"

#include "base/secret.h"

#include <string.h>

static bool has_all(uint64_t bits, uint64_t wanted)
{
    return (bits & wanted) == wanted;
}

static bool is_among(const uint8_t digest[SNP_MEASUREMENT_LEN], const struct snp_digests *list)
{
    for (size_t i = 0; i < list->n; i++) {
        if (memcmp(digest, list->d[i], SNP_MEASUREMENT_LEN) == 0) {
            return true;
        }
    }
    return list->any;
}

static bool is_provider(const struct snp_vek *vek, const struct snp_policy *p)
{
    for (size_t i = 0; i < p->n_providers; i++) {
        if (view_equal((struct view){vek->csp_id, vek->csp_id_len},
                       (struct view){p->providers[i].csp_id, p->providers[i].n})) {
            return true;
        }
    }
    return false;
}

/* Who made the report. */
static enum attest_fault judge_origin(const struct snp_vek *vek, const struct snp_policy *p)
{
    const bool vlek = vek->signer == SNP_SIGNER_VLEK;

    if (!p->lines[vek->line].admitted) {
        return ATTEST_JUDGE_LINE;
    }
    if (vlek ? !p->vlek_allowed : !p->vcek_allowed) {
        return ATTEST_JUDGE_SIGNER;
    }
    if (vlek && !is_provider(vek, p)) {
        return ATTEST_JUDGE_PROVIDER;
    }
    if (p->crl_required && !vek->crl_checked) {
        return ATTEST_JUDGE_CRL;
    }
    return ATTEST_OK;
}

/* How the guest was started. */
static enum attest_fault judge_start(const struct snp_report *r, const struct snp_policy *p)
{
    uint8_t none[SNP_REPORT_ID_LEN];
    const uint32_t abi = (uint32_t)(r->policy & 0xffff);

    memset(none, 0xff, sizeof none);
    if (!is_among(r->measurement, &p->measurements)) {
        return ATTEST_JUDGE_MEASUREMENT;
    }
    if ((r->policy & SNP_POLICY_DEBUG) != 0) {
        return ATTEST_JUDGE_DEBUG;
    }
    if ((r->policy & SNP_POLICY_MIGRATE_MA) != 0) {
        return ATTEST_JUDGE_MIGRATION;
    }
    if (memcmp(r->report_id_ma, none, sizeof none) != 0) {
        return ATTEST_JUDGE_MIGRATION;
    }
    if (abi < ((uint32_t)p->abi_major << 8 | p->abi_minor)) {
        return ATTEST_JUDGE_ABI;
    }
    return ATTEST_OK;
}

/* What it runs on. */
static enum attest_fault judge_platform(const struct snp_report *r, const struct snp_policy *p,
                                        const struct snp_line_policy *line)
{
    if (!p->smt_allowed && (r->policy & SNP_POLICY_SMT) != 0) {
        return ATTEST_JUDGE_SMT;
    }
    if (!p->smt_allowed && (r->platform_info & SNP_PLATFORM_SMT_EN) != 0) {
        return ATTEST_JUDGE_SMT;
    }
    if (!has_all(r->policy, line->policy_set)) {
        return ATTEST_JUDGE_POLICY_SET;
    }
    if (!has_all(r->platform_info, line->platform_set)) {
        return ATTEST_JUDGE_PLATFORM_SET;
    }
    if ((r->platform_info & line->platform_clear) != 0) {
        return ATTEST_JUDGE_PLATFORM_CLEAR;
    }
    if (r->vmpl != p->vmpl) {
        return ATTEST_JUDGE_VMPL;
    }
    return ATTEST_OK;
}

static bool same_firmware(const struct snp_firmware *a, const struct snp_firmware *b)
{
    return a->build == b->build && a->minor == b->minor && a->major == b->major;
}

static enum attest_fault judge_tcb(const struct snp_claims *c, const struct snp_policy *p,
                                   const struct snp_line_policy *line)
{
    const struct snp_report *r = &c->report;

    if (!snp_tcb_at_least(&c->reported, &line->floor)) {
        return ATTEST_JUDGE_TCB_REPORTED;
    }
    if (!snp_tcb_at_least(&c->committed, &line->floor)) {
        return ATTEST_JUDGE_TCB_COMMITTED;
    }
    if (!snp_tcb_at_least(&c->launch, &line->floor)) {
        return ATTEST_JUDGE_TCB_LAUNCH;
    }
    if (!p->provisional_allowed && !snp_tcb_equal(&c->current, &c->committed)) {
        return ATTEST_JUDGE_PROVISIONAL;
    }
    if (!p->provisional_allowed && !same_firmware(&r->current, &r->committed)) {
        return ATTEST_JUDGE_PROVISIONAL;
    }
    /* Before version 5 both are zero. */
    if (!has_all(r->launch_mit_vector & r->current_mit_vector, line->mitigations)) {
        return ATTEST_JUDGE_MITIGATION;
    }
    return ATTEST_OK;
}

static bool id_fits(const uint8_t id[SNP_ID_LEN], const struct snp_id_wanted *wanted)
{
    return wanted->any || memcmp(id, wanted->id, SNP_ID_LEN) == 0;
}

/* Who says that it is theirs: HOST_DATA and the ID block. */
static enum attest_fault judge_identity(const struct snp_report *r, const struct snp_policy *p)
{
    if (memcmp(r->host_data, p->host_data, sizeof r->host_data) != 0) {
        return ATTEST_JUDGE_HOST_DATA;
    }
    if (!is_among(r->id_key_digest, &p->id_keys)) {
        return ATTEST_JUDGE_ID_KEY;
    }
    if (!is_among(r->author_key_digest, &p->author_keys)) {
        return ATTEST_JUDGE_AUTHOR_KEY;
    }
    if (!p->author_keys.any && !r->author_key_en) {
        return ATTEST_JUDGE_AUTHOR_KEY;
    }
    if (!id_fits(r->family_id, &p->family_id)) {
        return ATTEST_JUDGE_FAMILY_ID;
    }
    if (!id_fits(r->image_id, &p->image_id)) {
        return ATTEST_JUDGE_IMAGE_ID;
    }
    if (r->guest_svn < p->guest_svn) {
        return ATTEST_JUDGE_GUEST_SVN;
    }
    return ATTEST_OK;
}

static enum attest_fault decode_tcbs(struct snp_claims *c)
{
    const struct snp_report *r = &c->report;
    const enum snp_line line = c->vek.line;

    ATTEST_TRY(snp_tcb_decode(r->current_tcb, line, &c->current));
    ATTEST_TRY(snp_tcb_decode(r->reported_tcb, line, &c->reported));
    ATTEST_TRY(snp_tcb_decode(r->committed_tcb, line, &c->committed));
    return snp_tcb_decode(r->launch_tcb, line, &c->launch);
}

/* c->report is parsed. */
static enum attest_fault judge_parsed(const struct snp_vek *vek, const struct snp_policy *p,
                                      const uint8_t report_data[SNP_REPORT_DATA_LEN],
                                      int64_t at_s, struct snp_claims *c)
{
    const struct snp_report *r = &c->report;

    if (at_s < vek->from_s || at_s > vek->until_s) {
        return ATTEST_VEK_TIME;
    }
    ATTEST_TRY(snp_vek_check_report(vek, r));
    ATTEST_TRY(snp_report_verify(r, vek->public_key));
    c->vek = *vek;
    ATTEST_TRY(decode_tcbs(c));
    if (ct_equal(r->report_data, report_data, SNP_REPORT_DATA_LEN) == 0) {
        return ATTEST_JUDGE_REPORT_DATA;
    }
    ATTEST_TRY(judge_origin(vek, p));
    ATTEST_TRY(judge_start(r, p));
    ATTEST_TRY(judge_platform(r, p, &p->lines[vek->line]));
    ATTEST_TRY(judge_tcb(c, p, &p->lines[vek->line]));
    ATTEST_TRY(judge_identity(r, p));
    if (r->mask_chip_key && !p->masked_chip_allowed) {
        return ATTEST_JUDGE_MASKED_CHIP;
    }
    c->chip_known = vek->signer == SNP_SIGNER_VCEK && !r->mask_chip_key;
    c->at_s = at_s;
    memcpy(c->policy_hash, p->hash, sizeof c->policy_hash);
    return ATTEST_OK;
}

enum attest_fault snp_judge_report(struct view report, const struct snp_vek *vek,
                                   const struct snp_policy *policy,
                                   const uint8_t report_data[SNP_REPORT_DATA_LEN], int64_t at_s,
                                   struct snp_claims *out)
{
    memset(out, 0, sizeof *out);
    enum attest_fault f = snp_report_parse(report, &out->report);

    if (f == ATTEST_OK) {
        f = judge_parsed(vek, policy, report_data, at_s, out);
    }
    if (f != ATTEST_OK) {
        memset(out, 0, sizeof *out);
    }
    return f;
}

enum attest_fault snp_judge(const struct snp_evidence *ev, const struct snp_policy *policy,
                            const uint8_t report_data[SNP_REPORT_DATA_LEN],
                            const struct snp_roots *roots, int64_t at_s, struct snp_claims *out)
{
    struct snp_issuer issuer;
    struct snp_vek vek;

    memset(out, 0, sizeof *out);
    enum attest_fault f = snp_report_parse(ev->report, &out->report);

    if (f == ATTEST_OK) {
        f = snp_issuer_verify(ev->ark, ev->ask, ev->crl, roots, at_s, &issuer);
    }
    if (f == ATTEST_OK) {
        f = snp_vek_verify(ev->vek, &issuer, at_s, &vek);
    }
    if (f == ATTEST_OK) {
        f = judge_parsed(&vek, policy, report_data, at_s, out);
    }
    if (f != ATTEST_OK) {
        memset(out, 0, sizeof *out);
    }
    return f;
}
