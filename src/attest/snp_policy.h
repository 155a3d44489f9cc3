/* snp_policy.h - what a report must say: a text that people write, sign off and hash. It has
 * the form of our other files and is read by no library of others, so that a core, a host and a
 * client hold the same bytes to mean the same (docs/attestation.md has one to copy).
 *
 * Every key of every section stands once, but for the lists; what is not demanded is written as
 * "any". A section [line NAME] admits processors of that line, and a line without one is
 * denied. Not to be had by any policy: debugging, migration, a floor of zeros. Sections of
 * other kinds of evidence are passed over (policy_text.h). */
#ifndef ATTEST_SNP_POLICY_H
#define ATTEST_SNP_POLICY_H

#include "attest/policy_text.h"
#include "attest/snp_vek.h"

#define SNP_POLICY_LIST_MAX 16 /* values of one list */
#define SNP_POLICY_HASH_LEN POLICY_HASH_LEN

/* Digests of which one must be. */
struct snp_digests {
    bool any; /* whichever */
    size_t n;
    uint8_t d[SNP_POLICY_LIST_MAX][SNP_MEASUREMENT_LEN];
};

struct snp_id_wanted {
    bool any;
    uint8_t id[SNP_ID_LEN];
};

struct snp_provider {
    size_t n;
    uint8_t csp_id[SNP_CSP_ID_MAX];
};

struct snp_line_policy {
    bool admitted;
    struct snp_tcb floor;    /* of REPORTED, COMMITTED and LAUNCH_TCB; never all zero */
    uint64_t mitigations;    /* bits of both MIT_VECTORs that must be set */
    uint64_t policy_set;     /* bits of POLICY that must be set */
    uint64_t platform_set;   /* bits of PLATFORM_INFO that must be set, */
    uint64_t platform_clear; /* and that must not */
};

struct snp_policy {
    uint8_t hash[SNP_POLICY_HASH_LEN];
    /* [guest] */
    struct snp_digests measurements; /* never any */
    struct snp_digests id_keys, author_keys;
    struct snp_id_wanted family_id, image_id;
    uint8_t host_data[SNP_HOST_DATA_LEN];
    uint32_t vmpl;
    uint32_t guest_svn;           /* at least */
    uint8_t abi_major, abi_minor; /* of POLICY, at least */
    bool smt_allowed;             /* by POLICY and by PLATFORM_INFO */
    /* [platform] */
    bool vcek_allowed, vlek_allowed;
    size_t n_providers; /* whose VLEKs are taken */
    struct snp_provider providers[SNP_POLICY_LIST_MAX];
    bool crl_required, masked_chip_allowed, provisional_allowed;
    struct snp_line_policy lines[SNP_LINE_COUNT];
};

/* Reads a policy and nothing after it. On failure *out is all zero and *at is the number of the
 * line at which it stopped, from 1.
 *
 * As policy_text_read(). ATTEST_POLICY_SECTION: one that stands twice, a line that is unknown.
 * ATTEST_POLICY_TWICE: "any" beside other values. ATTEST_POLICY_VALUE: not of the key's form.
 * ATTEST_POLICY_FULL: over SNP_POLICY_LIST_MAX values. ATTEST_POLICY_FLOOR: a floor of zeros.
 * ATTEST_POLICY_MISSING: a section, a line, or a provider where VLEKs are taken. */
MUST_CHECK enum attest_fault snp_policy_parse(struct view text, struct snp_policy *out,
                                              unsigned *at);

/* The same with a section of that name in the place of [guest], which is passed over then. */
MUST_CHECK enum attest_fault snp_policy_parse_as(struct view text, const char *guest,
                                                 struct snp_policy *out, unsigned *at);

#endif
