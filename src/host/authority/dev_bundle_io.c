#include "host/authority/dev_bundle_io.h"

#if defined(QUORATE_SIMULATED)

#include "bundle/bundle_judge.h"

#include "os/small_file.h"

#include <stdio.h>
#include <string.h>

static enum err say(char why[DEV_WHY_MAX], enum err e, const char *what)
{
    (void)snprintf(why, DEV_WHY_MAX, "the bundle: %s", what);
    return e;
}

/* The checks that need no certificate. */
static enum err holds(const struct bundle_verdict *v, char why[DEV_WHY_MAX])
{
    static const enum bundle_check needed[] = {BUNDLE_CHECK_RECORD, BUNDLE_CHECK_POLICY,
                                               BUNDLE_CHECK_EVIDENCE, BUNDLE_CHECK_ROSTER};

    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (v->checks[needed[i]] != ERR_OK) {
            (void)snprintf(why, DEV_WHY_MAX, "the bundle: %s does not hold (%s)",
                           bundle_check_name(needed[i]), err_name(v->checks[needed[i]]));
            return ERR_EVIDENCE;
        }
    }
    return ERR_OK;
}

/* Whether the requests are of the keys that the ceremony made, and of no others. */
static bool same_keys(const struct ceremony_record *r, const struct dev_request *q)
{
    const struct view classic = {r->classic.p, r->classic.n > 0 ? P384_PUBLIC_LEN : 0};

    return q->n_classic == 1 && q->has_pq && view_equal(q->classic[0].public_key, classic) &&
           view_equal(q->pq.public_key, r->pk) &&
           memcmp(q->epoch_id, r->known.epoch_id, sizeof q->epoch_id) == 0 &&
           q->threshold == r->plan.threshold && q->total == r->plan.total;
}

static void note(const struct bundle *b, const struct bundle_verdict *v, struct dev_request *q)
{
    struct view code[EVIDENCE_CODE_MAX];
    const size_t n = evidence_policy_code(&v->policy, code);

    _Static_assert(EVIDENCE_CODE_MAX <= QUORATE_BINDING_MEASUREMENTS_MAX, "room for each");
    memcpy(q->policy_hash, v->policy.hash, sizeof q->policy_hash);
    ceremony_record_id(b->record, q->record_id);
    for (size_t i = 0; i < n; i++) {
        memcpy(q->measurements[i], code[i].p, sizeof q->measurements[i]);
    }
    q->n_measurements = n;
    q->attested = true;
}

enum err dev_bundle_look(const char *path, int64_t now_s, struct dev_request *q,
                         char why[DEV_WHY_MAX])
{
    static uint8_t bytes[BUNDLE_MAX];
    static struct bundle bundle;
    static struct bundle_verdict verdict; /* half a megabyte: not for the stack */
    struct view in;
    enum err e = small_file_read(path, bytes, sizeof bytes, &in);

    if (e != ERR_OK) {
        return say(why, e, "it cannot be read");
    }
    e = bundle_decode(in, &bundle);
    if (e != ERR_OK) {
        return say(why, e, "it is none");
    }
    (void)bundle_judge(&bundle, &snp_roots_compiled, now_s, &verdict);
    TRY(holds(&verdict, why));
    if (!same_keys(&verdict.record, q)) {
        return say(why, ERR_MISMATCH, "its ceremony made other keys");
    }
    note(&bundle, &verdict, q);
    return ERR_OK;
}

#endif
