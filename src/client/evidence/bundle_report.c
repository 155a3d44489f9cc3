#include "client/evidence/bundle_report.h"

#include "base/hex.h"

#include <string.h>

#define HASH_TEXT (2 * EPOCH_DOC_HASH_LEN + 1)
#define REASON_MAX 192

/* Whether a leg of the token was made under the first certificate of that chain. */
static enum bundle_leg leg_of(bool there, struct view signer, struct view chain)
{
    struct reader r = rd_init(chain);
    struct view leaf;

    if (!there || signer.n == 0) {
        return BUNDLE_LEG_ABSENT;
    }
    return bundle_next_certificate(&r, &leaf) == ERR_OK && view_equal(leaf, signer)
               ? BUNDLE_LEG_SAME
               : BUNDLE_LEG_OTHER;
}

void bundle_report_make(struct bundle_report *r, struct view bytes,
                        const struct legs_report *token)
{
    memset(r, 0, sizeof *r);
    r->read = bundle_decode(bytes, &r->bundle);
    if (r->read != ERR_OK) {
        return;
    }
    const bool pq_alone = token->profile == PROFILE_PQ;
    const struct view pq = pq_alone ? token->token.signer_der : token->pq.signer_der;

    r->classic = leg_of(!pq_alone, token->token.signer_der, r->bundle.classic);
    r->pq = leg_of(pq_alone || token->has_pq, pq, r->bundle.pq);
    r->holds =
        bundle_judge(&r->bundle, &snp_roots_compiled, bundle_began(&r->bundle), &r->verdict) &&
        r->classic != BUNDLE_LEG_OTHER && r->pq != BUNDLE_LEG_OTHER &&
        (r->classic == BUNDLE_LEG_SAME || r->pq == BUNDLE_LEG_SAME);
}

static enum bundle_measured measure(struct bundle_report *r, const char *folder)
{
    const struct bundle_verdict *const v = &r->verdict;
    struct recipe recipe;
    unsigned show_it = 0;

    if (r->bundle.recipe.n == 0 || recipe_decode(r->bundle.recipe, &recipe) != ERR_OK) {
        return BUNDLE_NO_RECIPE;
    }
    if (recipe_measure(&recipe, folder, r->digest, r->why) != ERR_OK) {
        return BUNDLE_BAD_FILES;
    }
    for (unsigned i = 0; i < v->record.plan.total; i++) {
        const struct bundle_node *const n = &v->nodes[i];

        show_it += n->shown && n->fault == ATTEST_OK &&
                   memcmp(n->claims.measurement, r->digest, sizeof r->digest) == 0;
    }
    return show_it > 0 && show_it >= v->record.plan.threshold ? BUNDLE_MEASURED
                                                              : BUNDLE_OTHER_DIGEST;
}

void bundle_report_measure(struct bundle_report *r, const char *folder)
{
    if (r->read == ERR_OK) {
        r->measured = measure(r, folder);
        r->holds = r->holds && r->measured == BUNDLE_MEASURED;
    }
}

/* ---- words ---- */

static const char *measured_text(const struct bundle_report *r)
{
    switch (r->measured) {
    case BUNDLE_MEASURED:
        return "the files of the recipe give what the nodes show";
    case BUNDLE_NO_RECIPE:
        return "the bundle has no recipe";
    case BUNDLE_BAD_FILES:
        return r->why;
    case BUNDLE_OTHER_DIGEST:
        return "the files of the recipe give another measurement than the nodes show";
    case BUNDLE_NOT_MEASURED:
        break;
    }
    return "";
}

static const char *assurance_name(enum attest_assurance a)
{
    return a == ATTEST_ASSURANCE_HARDWARE    ? "hardware"
           : a == ATTEST_ASSURANCE_SIMULATED ? "simulated"
                                             : "none";
}

static const char *leg_text(enum bundle_leg l)
{
    return l == BUNDLE_LEG_SAME ? "PASS" : l == BUNDLE_LEG_OTHER ? "FAIL" : "NOT CHECKED";
}

static const char *result(enum err e)
{
    return e == ERR_OK ? "PASS" : e == ERR_STATE ? "NOT CHECKED" : "FAIL";
}

static void name_of(struct view v, char out[PLAN_NAME_MAX + 1])
{
    memcpy(out, v.p, v.n);
    out[v.n] = '\0';
}

/* A share that was given again is the share that was there: who ever had it, has it. */
static void again_text(const struct bundle_again *a, char out[REASON_MAX])
{
    unsigned places = 0;

    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        places += a->roster.incarnation[i] > 1;
    }
    if (places == 0) {
        (void)snprintf(out, REASON_MAX, "every place is with the process that made the keys");
    } else {
        (void)snprintf(out, REASON_MAX,
                       "%u place%s went to other processes, as operators ordered: each process "
                       "of a place counts",
                       places, places == 1 ? "" : "s");
    }
}

static void retired_text(const struct bundle_verdict *v, char out[REASON_MAX])
{
    char silent[REASON_MAX / 2] = "";

    if (v->retired == 0) {
        (void)snprintf(out, REASON_MAX, "nobody says that this epoch has ended");
        return;
    }
    if (v->silent > 0) {
        (void)snprintf(silent, sizeof silent,
                       "; %u process%s of before lost a place, and never said so", v->silent,
                       v->silent == 1 ? "" : "es");
    }
    (void)snprintf(out, REASON_MAX,
                   "this epoch has ended: %u of %u nodes say that their shares are erased%s",
                   v->retired, (unsigned)v->record.plan.total, silent);
}

/* What a check found, in a few words. */
static void reason_of(const struct bundle_report *r, enum bundle_check c, char out[REASON_MAX])
{
    const struct bundle_verdict *const v = &r->verdict;
    const struct plan *const p = &v->record.plan;
    const bool ok = v->checks[c] == ERR_OK;
    char hash[HASH_TEXT] = "";

    out[0] = '\0';
    if (v->checks[c] == ERR_STATE) {
        return;
    }
    if (!ok) {
        (void)snprintf(out, REASON_MAX, "%s",
                       c == BUNDLE_CHECK_POLICY   ? attest_fault_name(v->policy_fault)
                       : c == BUNDLE_CHECK_ROSTER ? attest_fault_name(v->roster_fault)
                                                  : err_name(v->checks[c]));
    }
    if (c == BUNDLE_CHECK_RECORD && ok) {
        hex_write((struct view){v->record.known.epoch_id, 8}, hash);
        (void)snprintf(out, REASON_MAX, "%u nodes made both keys together, epoch %s..",
                       (unsigned)p->total, hash);
    } else if (c == BUNDLE_CHECK_POLICY && ok) {
        hex_write((struct view){v->policy.hash, 8}, hash);
        (void)snprintf(out, REASON_MAX, "of the plan, SHA-384 %s..", hash);
    } else if (c == BUNDLE_CHECK_BINDING && ok) {
        (void)snprintf(out, REASON_MAX, "%u of %u sign, code and policy are named",
                       (unsigned)p->threshold, (unsigned)p->total);
    } else if (c == BUNDLE_CHECK_EVIDENCE) {
        (void)snprintf(out, REASON_MAX, "%u of %u nodes, %u are needed", v->accepted,
                       (unsigned)p->total, (unsigned)p->threshold);
    } else if (c == BUNDLE_CHECK_CHAIN && ok) {
        (void)snprintf(out, REASON_MAX, "epoch %llu", (unsigned long long)v->document.number);
    } else if (c == BUNDLE_CHECK_AGAIN && ok) {
        again_text(&v->again, out);
    } else if (c == BUNDLE_CHECK_RETIRED && ok) {
        retired_text(v, out);
    }
}

static const char *node_text(const struct bundle_node *n)
{
    return !n->shown ? "not shown" : n->fault == ATTEST_OK ? "PASS" : "FAIL";
}

static void print_process(const char *name, const struct bundle_process *p, FILE *out)
{
    char code[HASH_TEXT], chip[HASH_TEXT];

    if (p->fault != ATTEST_OK) {
        (void)fprintf(out, "      %-12s FAIL: %s\n", name, attest_fault_name(p->fault));
        return;
    }
    hex_write((struct view){p->claims.measurement, 8}, code);
    hex_write((struct view){p->claims.platform, 8}, chip);
    (void)fprintf(out, "      %-12s PASS  code %s.. on chip %s.., %s, %s\n", name, code, chip,
                  snp_line_name((enum snp_line)p->claims.line),
                  assurance_name(p->claims.assurance));
}

/* What that process shows; NULL: nothing. */
static const struct bundle_process *process_of(const struct bundle_report *r, unsigned place,
                                               uint32_t incarnation)
{
    for (size_t i = 0; i < r->bundle.n_evidence; i++) {
        if (r->bundle.evidence[i].index == place &&
            r->bundle.evidence[i].incarnation == incarnation) {
            return &r->verdict.processes[i];
        }
    }
    return NULL;
}

static void print_one(const struct bundle_report *r, unsigned place, uint32_t incarnation,
                      FILE *out)
{
    const struct bundle_process *const p = process_of(r, place, incarnation);
    char name[PLAN_NAME_MAX + 1], full[PLAN_NAME_MAX + 16];

    name_of(r->verdict.record.plan.nodes[place].name, name);
    if (incarnation == 1) {
        (void)snprintf(full, sizeof full, "%s", name);
    } else {
        (void)snprintf(full, sizeof full, "%s #%u", name, incarnation);
    }
    if (p == NULL) {
        (void)fprintf(out, "      %-12s not shown\n", full);
    } else {
        print_process(full, p, out);
    }
}

/* Each with all who had its place: "#2" came by an order of attempt 1. */
static void print_nodes(const struct bundle_report *r, FILE *out)
{
    const struct bundle_again *const a = &r->verdict.again;

    for (unsigned i = 0; i < r->verdict.record.plan.total; i++) {
        print_one(r, i, 1, out);
        for (size_t k = 0; k < a->n; k++) {
            if (a->orders[k].node == i) {
                print_one(r, i, a->orders[k].attempt + 1, out);
            }
        }
    }
}

static const char *verdict_text(const struct bundle_report *r)
{
    return r->holds ? "GENUINE" : "NOT GENUINE";
}

void bundle_report_print(const struct bundle_report *r, FILE *out)
{
    if (r->read != ERR_OK) {
        (void)fprintf(out, "bundle: cannot be read (%s)\n", err_name(r->read));
        return;
    }
    (void)fprintf(out, "bundle of the epoch:\n");
    (void)fprintf(out, "    %-20s %s\n", "classic signer", leg_text(r->classic));
    (void)fprintf(out, "    %-20s %s\n", "pq signer", leg_text(r->pq));
    for (unsigned i = 0; i < BUNDLE_CHECKS; i++) {
        char reason[REASON_MAX];

        reason_of(r, (enum bundle_check)i, reason);
        (void)fprintf(out, "    %-20s %s%s%s\n", bundle_check_name((enum bundle_check)i),
                      result(r->verdict.checks[i]), reason[0] != '\0' ? "  " : "", reason);
        if (i == BUNDLE_CHECK_EVIDENCE && r->verdict.checks[i] != ERR_STATE) {
            print_nodes(r, out);
        }
    }
    if (r->measured != BUNDLE_NOT_MEASURED) {
        (void)fprintf(out, "    %-20s %s  %s\n", "measurement",
                      r->measured == BUNDLE_MEASURED ? "PASS" : "FAIL", measured_text(r));
    }
    (void)fprintf(out, "bundle: %s, assurance %s%s\n", verdict_text(r),
                  assurance_name(r->verdict.assurance),
                  r->verdict.assurance == ATTEST_ASSURANCE_SIMULATED
                      ? ": software played the processors, nobody vouches for them"
                      : "");
}

/* Of one place, those who came by an order. */
static json_t *later_json(const struct bundle_report *r, unsigned place)
{
    const struct bundle_again *const a = &r->verdict.again;
    json_t *const list = json_array();

    for (size_t k = 0; k < a->n; k++) {
        const uint32_t incarnation = a->orders[k].attempt + 1;
        const struct bundle_process *const p = process_of(r, place, incarnation);

        if (a->orders[k].node == place) {
            (void)json_array_append_new(
                list,
                json_pack("{s:I, s:s, s:s}", "incarnation", (json_int_t)incarnation, "result",
                          p == NULL               ? "not shown"
                          : p->fault == ATTEST_OK ? "PASS"
                                                  : "FAIL",
                          "fault", p == NULL ? "" : attest_fault_name(p->fault)));
        }
    }
    return list;
}

static json_t *nodes_json(const struct bundle_report *r)
{
    const struct bundle_verdict *const v = &r->verdict;
    json_t *const list = json_array();

    for (unsigned i = 0; i < v->record.plan.total; i++) {
        const struct bundle_node *const n = &v->nodes[i];
        char name[PLAN_NAME_MAX + 1], code[HASH_TEXT], chip[2 * EVIDENCE_PLATFORM_LEN + 1];

        name_of(v->record.plan.nodes[i].name, name);
        hex_write((struct view){n->claims.measurement, sizeof n->claims.measurement}, code);
        hex_write((struct view){n->claims.platform, sizeof n->claims.platform}, chip);
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "name", name, "result",
                            node_text(n), "fault", n->shown ? attest_fault_name(n->fault) : "",
                            "measurement", code, "platform", chip, "assurance",
                            assurance_name(n->claims.assurance), "later", later_json(r, i)));
    }
    return list;
}

json_t *bundle_report_json(const struct bundle_report *r)
{
    const struct bundle_verdict *const v = &r->verdict;
    char epoch[HASH_TEXT], policy[HASH_TEXT], record[HASH_TEXT];

    if (r->read != ERR_OK) {
        return json_pack("{s:s, s:s}", "verdict", "COULD NOT TELL", "error", err_name(r->read));
    }
    json_t *const checks = json_object();

    for (unsigned i = 0; i < BUNDLE_CHECKS; i++) {
        (void)json_object_set_new(checks, bundle_check_name((enum bundle_check)i),
                                  json_string(result(v->checks[i])));
    }
    if (r->measured != BUNDLE_NOT_MEASURED) {
        (void)json_object_set_new(
            checks, "measurement",
            json_string(r->measured == BUNDLE_MEASURED ? "PASS" : "FAIL"));
    }
    hex_write((struct view){v->document.epoch_id, EPOCH_DOC_HASH_LEN}, epoch);
    hex_write((struct view){v->document.policy_hash, EPOCH_DOC_HASH_LEN}, policy);
    hex_write((struct view){v->document.record_id, EPOCH_DOC_HASH_LEN}, record);
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:{s:I, s:i, s:i, s:s, s:s, s:s}}",
                     "verdict", verdict_text(r), "assurance", assurance_name(v->assurance),
                     "classic", leg_text(r->classic), "pq", leg_text(r->pq), "checks", checks,
                     "nodes", nodes_json(r), "epoch", "number", (json_int_t)v->document.number,
                     "retired", (int)v->retired, "silent", (int)v->silent, "epoch_id", epoch,
                     "policy_hash", policy, "record_id", record);
}
