#include "client/audit/core_binding.h"

#include <string.h>

static const char *const texts[] = {[CORE_BINDING_OK] = "ok",
#define CORE_BINDING_TEXT(name, text) [name] = (text),
                                    CORE_BINDING_FAULTS(CORE_BINDING_TEXT)
#undef CORE_BINDING_TEXT
};

const char *core_binding_fault_text(enum core_binding_fault f)
{
    return texts[f];
}

static enum core_binding_fault judge_node(const struct evidence_file *f,
                                          const struct evidence_file_node *node,
                                          const struct core_log_facts *log,
                                          const struct core_binding *by,
                                          struct core_binding_facts *out)
{
    uint8_t report_data[REPORT_DATA_LEN];
    struct hello h;

    if (hello_decode(node->hello, &h) != ERR_OK) {
        return CORE_BINDING_FORM;
    }
    if (memcmp(h.audit_key, log->audit_key, sizeof h.audit_key) != 0) {
        return CORE_BINDING_KEY;
    }
    if (memcmp(h.boot_nonce, log->boot_nonce, sizeof h.boot_nonce) != 0) {
        return CORE_BINDING_BOOT;
    }
    evidence_file_report_data(f, node, &h, report_data);
    out->fault =
        evidence_judge(node->block, by->policy, report_data, by->roots, by->at_s, &out->claims);
    return out->fault == ATTEST_OK ? CORE_BINDING_OK : CORE_BINDING_REFUSED;
}

enum core_binding_fault core_binding_judge(struct view file, const struct core_log_facts *log,
                                           const struct core_binding *by,
                                           struct core_binding_facts *out)
{
    enum core_binding_fault furthest = CORE_BINDING_FORM;
    struct core_binding_facts facts = {.fault = ATTEST_OK};
    struct evidence_file f;

    memset(out, 0, sizeof *out);
    if (evidence_file_decode(file, &f) != ERR_OK) {
        return CORE_BINDING_FORM;
    }
    memcpy(out->nonce, f.nonce, sizeof out->nonce);
    if (by->nonce != NULL && memcmp(by->nonce, f.nonce, sizeof f.nonce) != 0) {
        return CORE_BINDING_NONCE;
    }
    for (size_t i = 0; i < f.n; i++) {
        const enum core_binding_fault one = judge_node(&f, &f.nodes[i], log, by, &facts);

        if (one == CORE_BINDING_OK) {
            out->claims = facts.claims;
            out->fault = ATTEST_OK;
            return CORE_BINDING_OK;
        }
        if (one > furthest) {
            furthest = one;
            out->fault = facts.fault;
        }
    }
    return furthest;
}
