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

/* By the certificate that the token was verified under: beside a token of the pq leg alone
 * anybody may show a classic certificate of any date. */
static int64_t began(const struct bundle_epoch *e)
{
    const bool pq_alone = e->classic != BUNDLE_LEG_SAME && e->pq == BUNDLE_LEG_SAME;

    return bundle_began(pq_alone ? e->bundle.pq : e->bundle.classic);
}

static void judge(struct bundle_epoch *e, const struct legs_report *token)
{
    const bool pq_alone = token->profile == PROFILE_PQ;
    const struct view pq = pq_alone ? token->token.signer_der : token->pq.signer_der;

    e->classic = leg_of(!pq_alone, token->token.signer_der, e->bundle.classic);
    e->pq = leg_of(pq_alone || token->has_pq, pq, e->bundle.pq);
    e->holds = bundle_judge(&e->bundle, &snp_roots_compiled, began(e), &e->verdict);
}

static bool is_of(const struct bundle_epoch *e)
{
    return e->classic != BUNDLE_LEG_OTHER && e->pq != BUNDLE_LEG_OTHER &&
           (e->classic == BUNDLE_LEG_SAME || e->pq == BUNDLE_LEG_SAME);
}

void bundle_report_make(struct bundle_report *r, struct view bytes,
                        const struct legs_report *token)
{
    memset(r, 0, sizeof *r);
    r->read = bundle_decode(bytes, &r->epochs[0].bundle);
    if (r->read != ERR_OK) {
        return;
    }
    /* One that cannot be read is a fault of the first: BUNDLE_CHECK_BEFORE. */
    r->n = bundle_before(&r->epochs[0].bundle, &r->epochs[1].bundle) == ERR_OK ? 2 : 1;
    r->holds = true;
    for (size_t i = 0; i < r->n; i++) {
        judge(&r->epochs[i], token);
        r->holds = r->holds && r->epochs[i].holds;
        r->of = is_of(&r->epochs[i]) && !is_of(&r->epochs[r->of]) ? i : r->of;
    }
    r->holds = r->holds && is_of(&r->epochs[r->of]);
}

static enum bundle_measured measure(struct bundle_report *r, const char *folder)
{
    const struct bundle_verdict *const v = &r->epochs[r->of].verdict;
    const struct view text = r->epochs[r->of].bundle.recipe;
    struct recipe recipe;
    unsigned show_it = 0;

    if (text.n == 0 || recipe_decode(text, &recipe) != ERR_OK) {
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

/* Why epochs are no chain. */
static void chain_reason(const struct bundle_verdict *v, char out[REASON_MAX])
{
    const unsigned long at = (unsigned long)v->chain_at + 1;
    const enum err e = v->checks[BUNDLE_CHECK_CHAIN];

    if (e == ERR_TRUNCATED) {
        (void)snprintf(out, REASON_MAX, "epoch %lu is missing", at);
    } else if (e == ERR_RANGE) {
        (void)snprintf(out, REASON_MAX,
                       "out of order: another stands in the place of epoch %lu", at);
    } else if (e == ERR_MISMATCH) {
        (void)snprintf(out, REASON_MAX,
                       "epoch %lu names another document than that of the epoch before", at);
    } else {
        (void)snprintf(out, REASON_MAX, "no document stands in the place of epoch %lu", at);
    }
}

/* Why a check does not hold. */
static void fault_of(const struct bundle_verdict *v, enum bundle_check c, char out[REASON_MAX])
{
    if (c == BUNDLE_CHECK_CHAIN) {
        chain_reason(v, out);
    } else if (c == BUNDLE_CHECK_BEFORE && v->checks[c] == ERR_MISMATCH) {
        (void)snprintf(out, REASON_MAX,
                       "its bundle is of another epoch than the chain leads to");
    } else if (c != BUNDLE_CHECK_EVIDENCE) {
        (void)snprintf(out, REASON_MAX, "%s",
                       c == BUNDLE_CHECK_POLICY   ? attest_fault_name(v->policy_fault)
                       : c == BUNDLE_CHECK_ROSTER ? attest_fault_name(v->roster_fault)
                                                  : err_name(v->checks[c]));
    }
}

/* What a check that holds has found. */
static void finding_of(const struct bundle_verdict *v, enum bundle_check c,
                       char out[REASON_MAX])
{
    const struct plan *const p = &v->record.plan;
    char hash[HASH_TEXT] = "";

    if (c == BUNDLE_CHECK_RECORD) {
        hex_write((struct view){v->record.known.epoch_id, 8}, hash);
        (void)snprintf(out, REASON_MAX, "%u nodes made both keys together, epoch %s..",
                       (unsigned)p->total, hash);
    } else if (c == BUNDLE_CHECK_POLICY) {
        hex_write((struct view){v->policy.hash, 8}, hash);
        (void)snprintf(out, REASON_MAX, "of the plan, SHA-384 %s..", hash);
    } else if (c == BUNDLE_CHECK_BINDING) {
        (void)snprintf(out, REASON_MAX, "%u of %u sign, code and policy are named",
                       (unsigned)p->threshold, (unsigned)p->total);
    } else if (c == BUNDLE_CHECK_CHAIN) {
        (void)snprintf(out, REASON_MAX, "epoch %llu", (unsigned long long)v->document.number);
    } else if (c == BUNDLE_CHECK_BEFORE) {
        (void)snprintf(out, REASON_MAX, "%s",
                       v->before                 ? "below, by itself"
                       : v->document.number == 1 ? "there is none: this is the first"
                                                 : "not in this bundle: its own file shows it");
    } else if (c == BUNDLE_CHECK_AGAIN) {
        again_text(&v->again, out);
    } else if (c == BUNDLE_CHECK_RETIRED) {
        retired_text(v, out);
    }
}

/* What a check found, in a few words. */
static void reason_of(const struct bundle_verdict *v, enum bundle_check c, char out[REASON_MAX])
{
    out[0] = '\0';
    if (v->checks[c] == ERR_OK) {
        finding_of(v, c, out);
    } else if (v->checks[c] != ERR_STATE) {
        fault_of(v, c, out);
    }
    if (c == BUNDLE_CHECK_EVIDENCE && v->checks[c] != ERR_STATE) {
        (void)snprintf(out, REASON_MAX, "%u of %u nodes, %u are needed", v->accepted,
                       (unsigned)v->record.plan.total, (unsigned)v->record.plan.threshold);
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
static const struct bundle_process *process_of(const struct bundle_epoch *e, unsigned place,
                                               uint32_t incarnation)
{
    for (size_t i = 0; i < e->bundle.n_evidence; i++) {
        if (e->bundle.evidence[i].index == place &&
            e->bundle.evidence[i].incarnation == incarnation) {
            return &e->verdict.processes[i];
        }
    }
    return NULL;
}

static void print_one(const struct bundle_epoch *e, unsigned place, uint32_t incarnation,
                      FILE *out)
{
    const struct bundle_process *const p = process_of(e, place, incarnation);
    char name[PLAN_NAME_MAX + 1], full[PLAN_NAME_MAX + 16];

    name_of(e->verdict.record.plan.nodes[place].name, name);
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
static void print_nodes(const struct bundle_epoch *e, FILE *out)
{
    const struct bundle_again *const a = &e->verdict.again;

    for (unsigned i = 0; i < e->verdict.record.plan.total; i++) {
        print_one(e, i, 1, out);
        for (size_t k = 0; k < a->n; k++) {
            if (a->orders[k].node == i) {
                print_one(e, i, a->orders[k].attempt + 1, out);
            }
        }
    }
}

static const char *verdict_text(const struct bundle_report *r)
{
    return r->holds ? "GENUINE" : "NOT GENUINE";
}

static void print_checks(const struct bundle_epoch *e, FILE *out)
{
    const struct bundle_verdict *const v = &e->verdict;

    for (unsigned i = 0; i < BUNDLE_CHECKS; i++) {
        char reason[REASON_MAX];

        reason_of(v, (enum bundle_check)i, reason);
        (void)fprintf(out, "    %-20s %s%s%s\n", bundle_check_name((enum bundle_check)i),
                      result(v->checks[i]), reason[0] != '\0' ? "  " : "", reason);
        if (i == BUNDLE_CHECK_EVIDENCE && v->checks[i] != ERR_STATE) {
            print_nodes(e, out);
        }
    }
}

static void print_epoch(const struct bundle_report *r, size_t i, FILE *out)
{
    const struct bundle_epoch *const e = &r->epochs[i];

    (void)fprintf(out, i == 0 ? "bundle of the epoch:\n" : "bundle of the epoch before:\n");
    if (i == r->of) {
        (void)fprintf(out, "    %-20s %s\n", "classic signer", leg_text(e->classic));
        (void)fprintf(out, "    %-20s %s\n", "pq signer", leg_text(e->pq));
    }
    print_checks(e, out);
    if (i == r->of && r->measured != BUNDLE_NOT_MEASURED) {
        (void)fprintf(out, "    %-20s %s  %s\n", "measurement",
                      r->measured == BUNDLE_MEASURED ? "PASS" : "FAIL", measured_text(r));
    }
}

void bundle_report_print(const struct bundle_report *r, FILE *out)
{
    const struct bundle_verdict *const v = &r->epochs[r->of].verdict;

    if (r->read != ERR_OK) {
        (void)fprintf(out, "bundle: cannot be read (%s)\n", err_name(r->read));
        return;
    }
    for (size_t i = 0; i < r->n; i++) {
        print_epoch(r, i, out);
    }
    if (r->n > 1 && is_of(&r->epochs[r->of])) {
        (void)fprintf(out, "the token is of epoch %llu\n",
                      (unsigned long long)v->record.plan.number);
    }
    (void)fprintf(out, "bundle: %s, assurance %s%s\n", verdict_text(r),
                  assurance_name(v->assurance),
                  v->assurance == ATTEST_ASSURANCE_SIMULATED
                      ? ": software played the processors, nobody vouches for them"
                      : "");
}

/* Of one place, those who came by an order. */
static json_t *later_json(const struct bundle_epoch *e, unsigned place)
{
    const struct bundle_again *const a = &e->verdict.again;
    json_t *const list = json_array();

    for (size_t k = 0; k < a->n; k++) {
        const uint32_t incarnation = a->orders[k].attempt + 1;
        const struct bundle_process *const p = process_of(e, place, incarnation);

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

static json_t *nodes_json(const struct bundle_epoch *e)
{
    const struct bundle_verdict *const v = &e->verdict;
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
                            assurance_name(n->claims.assurance), "later", later_json(e, i)));
    }
    return list;
}

static json_t *checks_json(const struct bundle_verdict *v)
{
    json_t *const checks = json_object();

    for (unsigned i = 0; i < BUNDLE_CHECKS; i++) {
        (void)json_object_set_new(checks, bundle_check_name((enum bundle_check)i),
                                  json_string(result(v->checks[i])));
    }
    return checks;
}

static json_t *epoch_json(const struct bundle_verdict *v)
{
    char epoch[HASH_TEXT], policy[HASH_TEXT], record[HASH_TEXT];

    hex_write((struct view){v->document.epoch_id, EPOCH_DOC_HASH_LEN}, epoch);
    hex_write((struct view){v->document.policy_hash, EPOCH_DOC_HASH_LEN}, policy);
    hex_write((struct view){v->document.record_id, EPOCH_DOC_HASH_LEN}, record);
    return json_pack("{s:I, s:i, s:i, s:s, s:s, s:s}", "number", (json_int_t)v->document.number,
                     "retired", (int)v->retired, "silent", (int)v->silent, "epoch_id", epoch,
                     "policy_hash", policy, "record_id", record);
}

json_t *bundle_report_json(const struct bundle_report *r)
{
    const struct bundle_verdict *const v = &r->epochs[0].verdict;
    const struct bundle_epoch *const of = &r->epochs[r->of];

    if (r->read != ERR_OK) {
        return json_pack("{s:s, s:s}", "verdict", "COULD NOT TELL", "error", err_name(r->read));
    }
    json_t *const checks = checks_json(v);

    if (r->measured != BUNDLE_NOT_MEASURED) {
        (void)json_object_set_new(
            checks, "measurement",
            json_string(r->measured == BUNDLE_MEASURED ? "PASS" : "FAIL"));
    }
    json_t *const out =
        json_pack("{s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:o}", "verdict", verdict_text(r),
                  "assurance", assurance_name(of->verdict.assurance), "classic",
                  leg_text(of->classic), "pq", leg_text(of->pq), "token_epoch",
                  is_of(of) ? (json_int_t)of->verdict.record.plan.number : 0, "checks", checks,
                  "nodes", nodes_json(&r->epochs[0]), "epoch", epoch_json(v));

    if (out != NULL && r->n > 1) {
        const struct bundle_verdict *const before = &r->epochs[1].verdict;

        (void)json_object_set_new(out, "before",
                                  json_pack("{s:o, s:o, s:o}", "checks", checks_json(before),
                                            "nodes", nodes_json(&r->epochs[1]), "epoch",
                                            epoch_json(before)));
    }
    return out;
}
