/* bundle_judge.h - whether a bundle shows what it says: from the ceremony to the certificates,
 * and down to the machines. Offline; nothing but the bundle, pinned roots and a time. Whoever
 * judges a token asks besides whether one of its certificates made that token. */
#ifndef BUNDLE_BUNDLE_JUDGE_H
#define BUNDLE_BUNDLE_JUDGE_H

#include "bundle/bundle_again.h"
#include "bundle/epoch_doc.h"

#include "attest/evidence_judge.h"
#include "format/quorate_binding.h"
#include "wire/ceremony_record.h"
#include "wire/retire_call.h"

/* What is looked at, in order. */
enum bundle_check {
    BUNDLE_CHECK_RECORD,   /* the nodes of the plan made these keys together */
    BUNDLE_CHECK_CLASSIC,  /* the classic certificate is of that P-384 key */
    BUNDLE_CHECK_PQ,       /* the pq certificate is of that ML-DSA key */
    BUNDLE_CHECK_POLICY,   /* the plan's policy can be read */
    BUNDLE_CHECK_BINDING,  /* both say so: epoch, signers, each other, policy, code, record */
    BUNDLE_CHECK_AGAIN,    /* operators gave places to other processes, as orders say */
    BUNDLE_CHECK_EVIDENCE, /* as many nodes as sign together show evidence that satisfies it */
    BUNDLE_CHECK_ROSTER,   /* and those are on machines apart */
    BUNDLE_CHECK_DOCUMENT, /* the document says all that, and nothing else */
    BUNDLE_CHECK_CHAIN,    /* the epochs before lead to this one */
    BUNDLE_CHECK_BEFORE,   /* the bundle of the epoch before is of the one that it names */
    BUNDLE_CHECK_RETIRED,  /* each statement that shares are erased is of a node of the plan */
    BUNDLE_CHECKS,
};

/* One node of the plan, with all who had its place: whoever had its share has it for the epoch,
 * so that it counts as long as no process of it was refused. */
struct bundle_node {
    bool shown;                    /* by whom the ceremony let in; fault and claims stand */
    enum attest_fault fault;       /* the first of its processes */
    struct evidence_claims claims; /* of the last one that showed any */
};

/* One process, in the order of bundle.evidence. */
struct bundle_process {
    enum attest_fault fault;
    struct evidence_claims claims;
};

struct bundle_verdict {
    size_t chain_at; /* the epoch at which the chain breaks, from 0: epoch_doc_chain() */
    /* ERR_OK: it holds. ERR_STATE: not made, for want of one before it. Else why not: what
     * reading gave, ERR_MISMATCH: it is of something else, ERR_EVIDENCE: nodes or roster say
     * why, ERR_EXTENSION: a certificate binds nothing. */
    enum err checks[BUNDLE_CHECKS];
    enum ceremony_check record_check; /* where BUNDLE_CHECK_RECORD is ERR_SIGNATURE */
    bool before;                      /* there is a bundle of the epoch before */
    unsigned retired;  /* nodes whose last process says that its shares are erased */
    unsigned silent;   /* processes that lost a place, and never said so */
    unsigned accepted; /* nodes whose evidence satisfies the policy */
    enum attest_fault policy_fault, roster_fault;
    unsigned policy_line;            /* at which reading the policy stopped */
    enum attest_assurance assurance; /* the lowest of those accepted */
    struct bundle_node nodes[PLAN_NODES_MAX];
    struct bundle_process processes[BUNDLE_EVIDENCE_MAX];
    struct bundle_again again;
    struct ceremony_record record;
    struct epoch_doc document; /* as it follows from the rest */
    struct ceremony_scratch scratch;
    struct evidence_policy policy;
};

/* When the epoch began, as far as the first certificate of a chain says, in seconds since 1970:
 * its evidence is judged as of then. A date is worth what its certificate is: who judges a
 * token takes the chain of a leg that the token was verified under. 0: no certificate stands
 * there. */
int64_t bundle_began(struct view chain);

/* Judges a bundle as of at_s: when evidence was made, and certificates began. The bundle of the
 * epoch before that may be in it is one to be judged by itself (bundle_before()); here it has
 * to be of that epoch. roots is what processors are believed by. *out may hold anything, is
 * half a megabyte and more, and may not be moved. Whether all checks hold. */
bool bundle_judge(const struct bundle *b, const struct snp_roots *roots, int64_t at_s,
                  struct bundle_verdict *out);

/* "ceremony", "classic certificate", ... */
const char *bundle_check_name(enum bundle_check c);

#endif
