/* core_log.h - whether a file of a core's signed log (wire/audit_log.h) is what that core
 * signed: every event of one start of it, in order, none missing before the end. Pure. */
#ifndef CLIENT_AUDIT_CORE_LOG_H
#define CLIENT_AUDIT_CORE_LOG_H

#include "wire/audit_log.h"
#include "wire/reenrol_order.h"

/* X(enumerator, text, enum err that it counts as), in the order in which the checks stand. */
#define CORE_LOG_FAULTS(X)                                                         \
    X(CORE_LOG_FORM, "no file of a core's log", ERR_ENCODING)                      \
    X(CORE_LOG_BOOT, "a page of another start of a core", ERR_MISMATCH)            \
    X(CORE_LOG_KEY, "a page of another audit key", ERR_MISMATCH)                   \
    X(CORE_LOG_SIGNATURE, "a head that the audit key did not sign", ERR_SIGNATURE) \
    X(CORE_LOG_MISSING, "entries are missing", ERR_EVIDENCE)                       \
    X(CORE_LOG_ORDER, "an entry stands where another belongs", ERR_EVIDENCE)       \
    X(CORE_LOG_ALTERED, "entries are not those that were signed", ERR_EVIDENCE)    \
    X(CORE_LOG_CUT, "entries that were signed are missing at the end", ERR_EVIDENCE)

enum core_log_fault {
    CORE_LOG_OK = 0,
#define CORE_LOG_ENUMERATOR(name, text, err) name,
    CORE_LOG_FAULTS(CORE_LOG_ENUMERATOR)
#undef CORE_LOG_ENUMERATOR
};

const char *core_log_fault_text(enum core_log_fault f);
enum err core_log_fault_err(enum core_log_fault f);

/* An order by which another process had a lost core's place. */
struct core_log_reenrol {
    uint64_t seq; /* of its last entry */
    uint64_t index, incarnation;
    uint64_t helpers;              /* bit index - 1 of each; 0: the core had missed the order */
    bool told;                     /* helpers, and machine */
    uint8_t order[AUDIT_HASH_LEN]; /* SHA-384 of its body */
    uint8_t machine[PLAN_PLATFORM_LEN]; /* id; of a plan without a policy zeros */
};

struct core_log_facts {
    uint8_t boot_nonce[BOOT_NONCE_LEN], audit_key[AUDIT_KEY_LEN];
    uint64_t proven;           /* entries 1 to here are as they were signed */
    uint64_t signed_until;     /* the highest number that a head names */
    uint64_t at;               /* the entry after which it failed */
    int64_t from_ns, until_ns; /* times of the first and last proven entry; 0: it had none */
    bool retired;              /* that one says that the core retired: nothing follows */
    size_t n_reenrols;         /* in proven entries, as many as a core takes */
    struct core_log_reenrol reenrols[REENROL_TAKEN_MAX];
};

/* The log of one start, in one file or, where that was full, several. Not to be called with
 * secrets: none are there. */
struct core_log {
    struct core_log_facts *facts; /* the caller's */
    bool begun;
    struct audit_chain chain;
    bool awaits; /* a head whose entries are still to come */
    struct audit_head awaited;
    struct audit_head last; /* whose signature was verified last */
    struct audit_entry entry, proven;
};
void core_log_begin(struct core_log *l, struct core_log_facts *facts);
/* The next file, whole; after a fault no more. */
enum core_log_fault core_log_take(struct core_log *l, struct view file);
/* After the last one: fills facts, as far as it came, and gives f, the last that
 * core_log_take() gave, or CORE_LOG_CUT. */
enum core_log_fault core_log_end(struct core_log *l, enum core_log_fault f);

#endif
