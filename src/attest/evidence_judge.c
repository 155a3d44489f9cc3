#include "attest/evidence_judge.h"

#include "attest/attest_text.h"
#include "crypto/hash.h"

#include <string.h>

/* ---- the policy ---- */

/* Which sections a text has. */
struct sections {
    bool guest, tdx, azure, of_platform;
};

static enum attest_fault note_section(void *out, struct view name, unsigned *section)
{
    struct sections *const s = out;

    *section = POLICY_SECTION_TOP; /* all are passed over */
    s->guest = s->guest || attest_text_is(name, "guest");
    s->tdx = s->tdx || attest_text_is(name, "tdx");
    s->azure = s->azure || attest_text_is(name, "azure") || attest_text_is(name, "paravisor");
    s->of_platform =
        s->of_platform || attest_text_is(name, "platform") || attest_text_skip(&name, "line ");
    return ATTEST_OK;
}

static enum attest_fault parse_formats(struct view text, struct evidence_policy *out,
                                       unsigned *at)
{
    static const struct policy_form any = {.begin = note_section};
    struct sections s = {.guest = false};

    ATTEST_TRY(policy_text_read(text, &any, &s, at));
    /* A platform alone is of a guest that was forgotten. */
    out->has_snp = s.guest || (s.of_platform && !s.azure);
    out->has_tdx = s.tdx;
    out->has_azure = s.azure;
    if (!out->has_snp && !out->has_tdx && !out->has_azure) {
        return ATTEST_POLICY_MISSING;
    }
    if (out->has_snp) {
        ATTEST_TRY(snp_policy_parse(text, &out->snp, at));
    }
    if (out->has_tdx) {
        ATTEST_TRY(tdx_policy_parse(text, &out->tdx, at));
    }
    if (out->has_azure) {
        ATTEST_TRY(azure_policy_parse(text, &out->azure, at));
    }
    if (out->snp.measurements.n + out->tdx.mrtd.n + out->azure.paravisor.measurements.n >
        EVIDENCE_CODE_MAX) {
        return ATTEST_POLICY_FULL;
    }
    hash_once(HASH_SHA384, text, out->hash);
    return ATTEST_OK;
}

enum attest_fault evidence_policy_parse(struct view text, struct evidence_policy *out,
                                        unsigned *at)
{
    memset(out, 0, sizeof *out);
    const enum attest_fault f = parse_formats(text, out, at);

    if (f != ATTEST_OK) {
        memset(out, 0, sizeof *out);
    }
    return f;
}

static size_t add_code(const uint8_t (*digests)[EVIDENCE_MEASUREMENT_LEN], size_t count,
                       struct view *code, size_t n)
{
    for (size_t i = 0; i < count; i++) {
        code[n++] = (struct view){digests[i], EVIDENCE_MEASUREMENT_LEN};
    }
    return n;
}

size_t evidence_policy_code(const struct evidence_policy *p,
                            struct view code[EVIDENCE_CODE_MAX])
{
    const struct snp_digests *const guest = &p->snp.measurements;
    const struct snp_digests *const paravisor = &p->azure.paravisor.measurements;
    size_t n = add_code(guest->d, guest->n, code, 0);

    n = add_code(p->tdx.mrtd.d, p->tdx.mrtd.n, code, n);
    return add_code(paravisor->d, paravisor->n, code, n);
}

/* ---- one block ---- */

/* Kinds of parts that a format has, by bit. */
#define PART(kind) (1U << (kind))
#define SNP_PARTS                                                                           \
    (PART(EVIDENCE_REPORT) | PART(EVIDENCE_VEK) | PART(EVIDENCE_ASK) | PART(EVIDENCE_ARK) | \
     PART(EVIDENCE_CRL))
#define TDX_PARTS (PART(EVIDENCE_REPORT) | PART(EVIDENCE_COLLATERAL))
#define AZURE_PARTS (SNP_PARTS | PART(EVIDENCE_TPM_QUOTE) | PART(EVIDENCE_TPM_AK))

static enum attest_fault check_parts(const struct evidence *e, unsigned allowed)
{
    for (unsigned kind = 1; kind <= EVIDENCE_KINDS; kind++) {
        if (e->part[kind - 1].n > 0 && (allowed & PART(kind)) == 0) {
            return ATTEST_EVIDENCE_PARTS;
        }
    }
    return ATTEST_OK;
}

/* What a report of SEV-SNP claims, whichever way it came. */
static void take_snp(const struct snp_claims *c, struct evidence_claims *out)
{
    out->assurance = c->vek.assurance;
    out->line = (uint16_t)c->vek.line;
    out->platform_known = c->chip_known;
    memcpy(out->platform, c->report.chip_id, sizeof out->platform);
    memcpy(out->guest, c->report.report_id, sizeof out->guest);
    memcpy(out->measurement, c->report.measurement, sizeof out->measurement);
    memcpy(out->policy_hash, c->policy_hash, sizeof out->policy_hash);
    out->from_s = c->vek.from_s;
    out->until_s = c->vek.until_s;
    out->at_s = c->at_s;
}

static enum attest_fault judge_snp(const struct evidence *e,
                                   const struct evidence_policy *policy,
                                   const uint8_t report_data[EVIDENCE_DATA_LEN],
                                   const struct snp_roots *roots, int64_t at_s,
                                   struct evidence_claims *out)
{
    const struct snp_evidence ev = {.report = evidence_part(e, EVIDENCE_REPORT),
                                    .vek = evidence_part(e, EVIDENCE_VEK),
                                    .ask = evidence_part(e, EVIDENCE_ASK),
                                    .ark = evidence_part(e, EVIDENCE_ARK),
                                    .crl = evidence_part(e, EVIDENCE_CRL)};
    struct snp_claims c;

    if (!policy->has_snp) {
        return ATTEST_EVIDENCE_DENIED;
    }
    ATTEST_TRY(check_parts(e, SNP_PARTS));
    ATTEST_TRY(snp_judge(&ev, &policy->snp, report_data, roots, at_s, &c));
    take_snp(&c, out);
    return ATTEST_OK;
}

/* A guest of TDX is known by where it runs and what it is. */
static void take_tdx(const struct tdx_claims *c, struct evidence_claims *out)
{
    struct hash_state h;

    out->assurance = c->assurance;
    out->line = EVIDENCE_LINE_TDX;
    out->platform_known = true;
    memcpy(out->platform, c->platform, sizeof out->platform);
    hash_init(&h, HASH_SHA256);
    hash_update(&h, c->platform, sizeof c->platform);
    hash_update(&h, c->td.mrtd, sizeof c->td.mrtd);
    hash_final(&h, out->guest);
    memcpy(out->measurement, c->td.mrtd, sizeof out->measurement);
    memcpy(out->policy_hash, c->policy_hash, sizeof out->policy_hash);
    out->from_s = c->from_s;
    out->until_s = c->until_s;
    out->at_s = c->at_s;
}

static enum attest_fault judge_tdx(const struct evidence *e,
                                   const struct evidence_policy *policy,
                                   const uint8_t report_data[EVIDENCE_DATA_LEN], int64_t at_s,
                                   struct evidence_claims *out)
{
    struct tdx_evidence ev = {.quote = evidence_part(e, EVIDENCE_REPORT)};
    struct tdx_scratch scratch;
    struct tdx_claims c;

    if (!policy->has_tdx) {
        return ATTEST_EVIDENCE_DENIED;
    }
    ATTEST_TRY(check_parts(e, TDX_PARTS));
    ATTEST_TRY(tdx_collateral_parse(evidence_part(e, EVIDENCE_COLLATERAL), &ev.collateral));
    ATTEST_TRY(
        tdx_judge(&ev, &policy->tdx, report_data, &tdx_roots_compiled, at_s, &scratch, &c));
    take_tdx(&c, out);
    return ATTEST_OK;
}

static enum attest_fault judge_azure(const struct evidence *e,
                                     const struct evidence_policy *policy,
                                     const uint8_t report_data[EVIDENCE_DATA_LEN],
                                     const struct snp_roots *roots, int64_t at_s,
                                     struct evidence_claims *out)
{
    const struct azure_evidence ev = {.hcl = evidence_part(e, EVIDENCE_REPORT),
                                      .vek = evidence_part(e, EVIDENCE_VEK),
                                      .ask = evidence_part(e, EVIDENCE_ASK),
                                      .ark = evidence_part(e, EVIDENCE_ARK),
                                      .crl = evidence_part(e, EVIDENCE_CRL),
                                      .quote = evidence_part(e, EVIDENCE_TPM_QUOTE),
                                      .ak_public = evidence_part(e, EVIDENCE_TPM_AK)};
    uint8_t extra_data[AZURE_EXTRA_DATA_LEN];
    struct azure_claims c;

    if (!policy->has_azure) {
        return ATTEST_EVIDENCE_DENIED;
    }
    ATTEST_TRY(check_parts(e, AZURE_PARTS));
    azure_extra_data(report_data, extra_data);
    ATTEST_TRY(azure_judge(&ev, &policy->azure, (struct view){extra_data, sizeof extra_data},
                           roots, at_s, &c));
    take_snp(&c.paravisor, out);
    return ATTEST_OK;
}

enum attest_fault evidence_judge(struct view block, const struct evidence_policy *policy,
                                 const uint8_t report_data[EVIDENCE_DATA_LEN],
                                 const struct snp_roots *roots, int64_t at_s,
                                 struct evidence_claims *out)
{
    struct evidence e;

    memset(out, 0, sizeof *out);
    if (evidence_decode(block, &e) != ERR_OK) {
        return ATTEST_EVIDENCE_BLOCK;
    }
    switch (e.format) {
    case EVIDENCE_SNP:
        ATTEST_TRY(judge_snp(&e, policy, report_data, roots, at_s, out));
        break;
    case EVIDENCE_TDX:
        ATTEST_TRY(judge_tdx(&e, policy, report_data, at_s, out));
        break;
    case EVIDENCE_AZURE_SNP:
        ATTEST_TRY(judge_azure(&e, policy, report_data, roots, at_s, out));
        break;
    default:
        return ATTEST_EVIDENCE_FORMAT;
    }
    out->format = e.format;
    return ATTEST_OK;
}

/* ---- several nodes ---- */

static enum attest_fault judge_pair(const struct evidence_node *a,
                                    const struct evidence_node *b)
{
    const struct evidence_claims *x = a->claims;
    const struct evidence_claims *y = b->claims;

    if (memcmp(x->policy_hash, y->policy_hash, sizeof x->policy_hash) != 0) {
        return ATTEST_ROSTER_POLICY;
    }
    if (memcmp(x->guest, y->guest, sizeof x->guest) == 0) {
        return ATTEST_ROSTER_REPORT_ID;
    }
    if (!x->platform_known || !y->platform_known) {
        return ATTEST_ROSTER_CHIP_UNKNOWN;
    }
    if (memcmp(x->platform, y->platform, sizeof x->platform) == 0) {
        return ATTEST_ROSTER_CHIP;
    }
    return ATTEST_OK;
}

/* Beside each before it; then whether t up to it are of its provider, or of its line. */
static enum attest_fault judge_node(const struct evidence_node *nodes, size_t last, unsigned t)
{
    const struct evidence_node *node = &nodes[last];
    unsigned same_provider = 0;
    unsigned same_line = 0;

    for (size_t j = 0; j < last; j++) {
        ATTEST_TRY(judge_pair(&nodes[j], node));
    }
    for (size_t j = 0; j <= last; j++) {
        same_provider += view_equal(node->provider, nodes[j].provider) ? 1 : 0;
        same_line += node->claims->line == nodes[j].claims->line ? 1 : 0;
    }
    if (node->provider.n == 0) {
        return ATTEST_ROSTER_PROVIDER;
    }
    if (t > 1 && same_provider >= t) {
        return ATTEST_ROSTER_PROVIDER;
    }
    if (t > 1 && same_line >= t) {
        return ATTEST_ROSTER_LINE;
    }
    return ATTEST_OK;
}

enum attest_fault evidence_judge_roster(const struct evidence_node *nodes, size_t n, unsigned t)
{
    if (n > EVIDENCE_ROSTER_MAX || t == 0 || t > n) {
        return ATTEST_ROSTER_SIZE;
    }
    for (size_t i = 0; i < n; i++) {
        ATTEST_TRY(judge_node(nodes, i, t));
    }
    return ATTEST_OK;
}
