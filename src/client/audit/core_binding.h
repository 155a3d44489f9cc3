/* core_binding.h - whose a core's log is: evidence that a front showed to somebody's nonce (GET
 * /evidence, docs/wire.md 17.1) names the audit key of each core, and machines vouch for that.
 * Pure; offline. */
#ifndef CLIENT_AUDIT_CORE_BINDING_H
#define CLIENT_AUDIT_CORE_BINDING_H

#include "attest/evidence_judge.h"
#include "client/audit/core_log.h"
#include "wire/evidence_file.h"

/* X(enumerator, text), in the order in which the checks stand. */
#define CORE_BINDING_FAULTS(X)                                     \
    X(CORE_BINDING_FORM, "no file of evidence")                    \
    X(CORE_BINDING_NONCE, "evidence for another nonce")            \
    X(CORE_BINDING_KEY, "evidence of no core with this audit key") \
    X(CORE_BINDING_BOOT, "evidence of another start of the core")  \
    X(CORE_BINDING_REFUSED, "evidence of this audit key that the policy refuses")

enum core_binding_fault {
    CORE_BINDING_OK = 0,
#define CORE_BINDING_ENUMERATOR(name, text) name,
    CORE_BINDING_FAULTS(CORE_BINDING_ENUMERATOR)
#undef CORE_BINDING_ENUMERATOR
};

const char *core_binding_fault_text(enum core_binding_fault f);

struct core_binding {
    const struct evidence_policy *policy;
    const struct snp_roots *roots;
    const uint8_t *nonce; /* REPORT_DATA_NONCE_LEN bytes that were asked with; NULL: any */
    int64_t at_s;         /* when it is judged */
};

struct core_binding_facts {
    enum attest_fault fault;       /* of CORE_BINDING_REFUSED: why */
    struct evidence_claims claims; /* of CORE_BINDING_OK */
    uint8_t nonce[REPORT_DATA_NONCE_LEN];
};

/* Whether a file of evidence binds the key and start that a log names, of which *log says all.
 * Where several nodes in it claim that key, one that passes is enough: who may put nodes into a
 * file may leave them out, too. *out is zero where it does not say otherwise. */
enum core_binding_fault core_binding_judge(struct view file, const struct core_log_facts *log,
                                           const struct core_binding *by,
                                           struct core_binding_facts *out);

#endif
