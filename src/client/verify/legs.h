/* legs.h - the legs of a token and what binds them: classic signature, ML-DSA signature, one
 * authority and one time. Each leg is judged by itself with verify.h; the manual of quorate
 * verify has the rules. */
#ifndef CLIENT_VERIFY_LEGS_H
#define CLIENT_VERIFY_LEGS_H

#include "client/verify/authority_rules.h"
#include "client/verify/record_check.h"
#include "client/verify/verify.h"

#define LEGS_WINDOW_S 5         /* preset of the window */
#define LEGS_WINDOW_MAX 2592000 /* 30 days: more is archiving */

enum leg { LEG_CLASSIC, LEG_PQ, LEG_BINDING, LEG_COUNT };

enum leg_result { LEG_NOT_CHECKED, LEG_GENUINE, LEG_NOT_GENUINE, LEG_ABSENT };

struct leg_report {
    enum leg_result result;
    char reason[VERIFY_REASON_MAX]; /* printable ASCII */
};

/* How a token is made. */
enum token_profile {
    PROFILE_CLASSIC,  /* one SignerInfo, not of ML-DSA, without record */
    PROFILE_PQ,       /* one SignerInfo of ML-DSA */
    PROFILE_RECORD,   /* one SignerInfo, not of ML-DSA, with a record */
    PROFILE_DUAL,     /* two SignerInfos, one of them of ML-DSA */
    PROFILE_DUAL_ONE, /* one that says, or whose policy says, that it was one of two */
};

struct legs_options {
    struct verify_options verify;
    struct authority_policies policies;
    uint32_t window_s;
    bool require_classic, require_pq;
    bool has_pq_since; /* from pq_since_s on, by the verifier's clock, pq is required */
    int64_t pq_since_s, now_s;
};

/* What the verdict is made of. */
struct legs_facts {
    enum token_profile profile;
    bool hybrid_policy;
    enum leg_result leg[LEG_COUNT];
    bool require_classic, require_pq;
};

struct legs_report {
    enum token_profile profile;
    bool hybrid_policy;
    struct verify_report token; /* the token; of a dual one its classic SignerInfo */
    bool has_pq;
    struct verify_report pq; /* the archive time-stamp, or the SignerInfo of ML-DSA */
    struct leg_report leg[LEG_COUNT];
    uint32_t window_s;
    bool pq_required; /* by the caller, or by now */
    enum verdict verdict;
    enum leg decisive;      /* LEG_COUNT when the verdict is GENUINE */
    bool quantum_safe;      /* both legs and the binding are genuine */
    bool proven_by_pq;      /* proven is the time of the pq leg, else genTime of the token */
    struct gen_time proven; /* when the bytes existed; stands if the verdict is GENUINE */
    struct record record;
    uint8_t *room; /* on the heap: the SignerInfos of a dual token, each alone */
};

/* Judges in (DER or BER; token_unwrap_pem() takes PEM off), which must outlive *out. *out is
 * always valid for legs_free(). Results as verify_token(). */
MUST_CHECK enum err legs_judge(struct view in, const struct verify_expect *expect,
                               const struct legs_options *options, struct legs_report *out);
void legs_free(struct legs_report *r);

/* The verdict that the facts give, and the leg that decided it (LEG_COUNT: none). Pure. */
enum verdict legs_verdict(const struct legs_facts *f, enum leg *decisive, bool *quantum_safe);

/* "classic", "pq", "binding"; "GENUINE", "NOT GENUINE", "ABSENT", "NOT CHECKED". */
const char *leg_name(enum leg leg);
const char *leg_result_name(enum leg_result r);

#endif
