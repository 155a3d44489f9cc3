/* evidence_judge.h - evidence blocks (wire/evidence.h) of every format, judged by one policy
 * text: what a core, a host and a client ask. What comes out no longer depends on the format,
 * so that nodes can be set beside one another. */
#ifndef ATTEST_EVIDENCE_JUDGE_H
#define ATTEST_EVIDENCE_JUDGE_H

#include "attest/azure_judge.h"
#include "attest/tdx_judge.h"
#include "wire/evidence.h"

#define EVIDENCE_DATA_LEN 64 /* REPORT_DATA */
#define EVIDENCE_PLATFORM_LEN 64
#define EVIDENCE_GUEST_LEN 32
#define EVIDENCE_MEASUREMENT_LEN 48
#define EVIDENCE_LINE_TDX 0x100 /* of Intel: beside enum snp_line */
#define EVIDENCE_CODE_MAX 16    /* measurements of a policy: a certificate names no more */

_Static_assert((int)SNP_LINE_COUNT < EVIDENCE_LINE_TDX, "no line of AMD has that number");

/* What a policy text demands, format by format. A format of which it has no section is denied.
 */
struct evidence_policy {
    uint8_t hash[POLICY_HASH_LEN];
    bool has_snp, has_tdx, has_azure;
    struct snp_policy snp;     /* [guest], [platform], [line NAME] */
    struct tdx_policy tdx;     /* [tdx] */
    struct azure_policy azure; /* [azure], [paravisor], [platform], [line NAME] */
};

/* Reads a policy and nothing after it. A section that is there is read whole, with all that
 * belongs to it. On failure *out is all zero and *at is the number of the line at which it
 * stopped.
 *
 * As policy_text_read(). ATTEST_POLICY_MISSING: it admits no format. ATTEST_POLICY_FULL, too:
 * it admits more code than EVIDENCE_CODE_MAX, of all formats. As snp_policy_parse(), where it
 * has [guest]; as tdx_policy_parse(), where it has [tdx]; as azure_policy_parse(), where it has
 * [azure] or [paravisor]. */
MUST_CHECK enum attest_fault evidence_policy_parse(struct view text,
                                                   struct evidence_policy *out, unsigned *at);

/* The code that a policy admits, as evidence_claims.measurement names it: what stands under
 * [guest], then MRTDs of [tdx], then what stands under [paravisor], each in its order. Returns
 * how many; views point into *p. */
size_t evidence_policy_code(const struct evidence_policy *p,
                            struct view code[EVIDENCE_CODE_MAX]);

/* What may be said of a node whose evidence passed. */
struct evidence_claims {
    uint8_t format; /* enum evidence_format */
    enum attest_assurance assurance;
    uint16_t line;       /* of processors: enum snp_line, or EVIDENCE_LINE_TDX */
    bool platform_known; /* else platform is zero */
    uint8_t platform[EVIDENCE_PLATFORM_LEN]; /* CHIP_ID; TDX: SHA-512 of PPID | FMSPC */
    uint8_t guest[EVIDENCE_GUEST_LEN];       /* which run of which guest: REPORT_ID; TDX:
                                              * SHA-256 of platform | MRTD */
    uint8_t measurement[EVIDENCE_MEASUREMENT_LEN];
    int64_t from_s, until_s; /* the span in which its chain holds */
    int64_t at_s;
    uint8_t policy_hash[POLICY_HASH_LEN];
};

/* Judges a whole block at at_s: report_data is what it must carry, which the caller computes of
 * its own nonce. On failure *out is all zero. In this order:
 *
 * ATTEST_EVIDENCE_BLOCK: no evidence block. ATTEST_EVIDENCE_FORMAT: of a format that nobody
 * judges here. ATTEST_EVIDENCE_DENIED: of one that the policy has no section for.
 * ATTEST_EVIDENCE_PARTS: it has parts that are not of its format. Then as snp_judge(); of
 * TDX, whose collateral is one part, as tdx_collateral_parse() and tdx_judge(), under Intel's
 * root whatever roots says; of a guest of Azure as azure_judge(), with azure_extra_data() of
 * report_data. What is measured there is the paravisor. */
MUST_CHECK enum attest_fault evidence_judge(struct view block,
                                            const struct evidence_policy *policy,
                                            const uint8_t report_data[EVIDENCE_DATA_LEN],
                                            const struct snp_roots *roots, int64_t at_s,
                                            struct evidence_claims *out);

/* ---- several nodes ---- */

struct evidence_node {
    const struct evidence_claims *claims;
    struct view provider; /* who runs it, as the plan says; not empty */
};

#define EVIDENCE_ROSTER_MAX 16 /* nodes */

/* Whether nodes that passed one by one may share a key of which t make use: t of them are never
 * of one provider or one line of processors, where t is at least 2.
 *
 * ATTEST_ROSTER_SIZE: no nodes, over EVIDENCE_ROSTER_MAX, or t is 0 or more than they are.
 * ATTEST_ROSTER_POLICY: judged by different policies. ATTEST_ROSTER_REPORT_ID: one guest twice.
 * ATTEST_ROSTER_CHIP_UNKNOWN: a chip that is not told, of more than one node.
 * ATTEST_ROSTER_CHIP: two on one chip. ATTEST_ROSTER_PROVIDER: t of one provider, or none is
 * named. ATTEST_ROSTER_LINE: t of one line. */
MUST_CHECK enum attest_fault evidence_judge_roster(const struct evidence_node *nodes, size_t n,
                                                   unsigned t);

#endif
