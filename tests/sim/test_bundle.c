/* A bundle as an attested ceremony of five leaves it, on simulated chips; and every part of it
 * as of something else. */
#include "bundle_scene.h"

#include "client/evidence/bundle_report.h"

static void a_good_one_holds(void **state)
{
    (void)state;
    assert_true(judged(&good));
    assert_int_equal(verdict->accepted, NODES);
    assert_int_equal(verdict->assurance, ATTEST_ASSURANCE_SIMULATED);
    assert_int_equal(verdict->document.assurance, EPOCH_SIMULATED);
    assert_int_equal(verdict->document.number, 1);
    struct wish w = good;

    w.shown = 0x15; /* as many as sign together */
    assert_true(judged(&w));
    assert_int_equal(verdict->accepted, THRESHOLD);
}

static void too_few_nodes_are_too_few(void **state)
{
    (void)state;
    struct wish w = good;

    w.shown = 0x11;
    assert_int_equal(stops_at(&w), BUNDLE_CHECK_EVIDENCE);
    assert_int_equal(verdict->accepted, 2);
    assert_int_equal(verdict->checks[BUNDLE_CHECK_ROSTER], ERR_STATE);
    assert_int_equal(verdict->checks[BUNDLE_CHECK_DOCUMENT], ERR_STATE);
}

static void evidence_of_something_else_counts_for_nothing(void **state)
{
    (void)state;
    struct wish w = good;

    w.purpose = REPORT_ASKED;
    assert_int_equal(stops_at(&w), BUNDLE_CHECK_EVIDENCE);
    assert_int_equal(verdict->nodes[3].fault, ATTEST_JUDGE_REPORT_DATA);
    w = good;
    w.code = 0x12;
    assert_int_equal(stops_at(&w), BUNDLE_CHECK_EVIDENCE);
    assert_int_equal(verdict->nodes[0].fault, ATTEST_JUDGE_MEASUREMENT);
    w = good;
    w.swapped = true;
    w.shown = 0x0f;
    assert_int_equal(stops_at(&w), BUNDLE_CHECK_EVIDENCE);
    assert_int_equal(verdict->nodes[0].fault, ATTEST_JUDGE_REPORT_DATA);
    assert_int_equal(verdict->nodes[2].fault, ATTEST_OK);
    w = good;
    w.first_chip = NODES; /* a machine that the plan does not list */
    w.shown = 0x07;
    assert_int_equal(stops_at(&w), BUNDLE_CHECK_EVIDENCE);
    assert_int_equal(verdict->nodes[0].fault, ATTEST_ATTESTOR_PLATFORM);
    w = good;
    w.vlek = true; /* the machine is told, and nobody vouches for it */
    assert_true(judged(&w));
    assert_int_equal(verdict->nodes[0].fault, ATTEST_ATTESTOR_PLATFORM);
    assert_false(verdict->nodes[0].claims.platform_known);
    assert_memory_equal(verdict->nodes[0].claims.platform, platforms[0], PLAN_PLATFORM_LEN);
    assert_int_equal(verdict->accepted, NODES - 1);
    assert_true(judged(&good));
    b.evidence[4].index = NODES; /* a place that the plan does not have */
    assert_false(judge_again());
    assert_int_equal(verdict->checks[BUNDLE_CHECK_EVIDENCE], ERR_RANGE);
}

/* Each by itself is as the plan has it. */
static void nodes_are_on_machines_apart(void **state)
{
    (void)state;
    struct wish w = good;

    w.same_guest = true;
    assert_int_equal(stops_at(&w), BUNDLE_CHECK_ROSTER);
    assert_int_equal(verdict->checks[BUNDLE_CHECK_ROSTER], ERR_EVIDENCE);
    assert_int_equal(verdict->roster_fault, ATTEST_ROSTER_REPORT_ID);
    assert_int_equal(verdict->accepted, NODES);
}

/* Both certificates are of the right keys. */
static void a_certificate_binds_what_the_bundle_shows(void **state)
{
    struct wish w = good;

    (void)state;
    assert_true(judged(&good));
    for (int lie = LIE_NONE + 1; lie < LIES; lie++) {
        w.lies[0] = (enum lie)lie;
        certify(&w);
        assert_false(judge_again());
        assert_int_equal(verdict->checks[BUNDLE_CHECK_CLASSIC], ERR_OK);
        assert_int_equal(verdict->checks[BUNDLE_CHECK_BINDING],
                         lie == LIE_NO_BINDING   ? ERR_EXTENSION
                         : lie == LIE_UNREADABLE ? ERR_TAG
                                                 : ERR_MISMATCH);
    }
    w.lies[0] = LIE_NONE;
    w.lies[1] = LIE_EPOCH;
    certify(&w);
    assert_false(judge_again());
    assert_int_equal(verdict->checks[BUNDLE_CHECK_BINDING], ERR_MISMATCH);
}

static void a_certificate_is_of_this_epoch(void **state)
{
    static const uint8_t no_certificate[] = {0x31, 0x00, 0x30, 0x00};
    (void)state;
    struct wish w = good;

    w.other_classic = true;
    assert_int_equal(stops_at(&w), BUNDLE_CHECK_CLASSIC);
    assert_int_equal(verdict->checks[BUNDLE_CHECK_BINDING], ERR_STATE);
    w = good;
    w.other_pq = true;
    assert_int_equal(stops_at(&w), BUNDLE_CHECK_PQ);
    assert_true(judged(&good));
    b.pq = b.classic;
    assert_false(judge_again());
    assert_int_equal(verdict->checks[BUNDLE_CHECK_PQ], ERR_BAD_ALG);
    for (size_t at = 0; at < 4; at += 2) { /* none, and an empty one */
        b.classic = b.pq = (struct view){no_certificate + at, 2};
        assert_false(judge_again());
        assert_int_equal(verdict->checks[BUNDLE_CHECK_CLASSIC],
                         at == 0 ? ERR_TAG : ERR_TRUNCATED);
        assert_int_equal(verdict->checks[BUNDLE_CHECK_PQ], at == 0 ? ERR_TAG : ERR_TRUNCATED);
        assert_true(bundle_began(b.classic) == 0);
    }
    w = good;
    w.classic_later_s = 1;
    certify(&w);
    assert_true(bundle_began(b.classic) == AT_S + 1);
    assert_true(bundle_began(b.pq) == AT_S);
}

static void the_document_says_nothing_else(void **state)
{
    (void)state;
    assert_true(judged(&good));
    for (size_t at = 0; at < b.document.n; at += 131) {
        document[at] ^= 1;
        assert_false(judge_again());
        assert_int_equal(verdict->checks[BUNDLE_CHECK_DOCUMENT], ERR_MISMATCH);
        document[at] ^= 1;
    }
    assert_true(judge_again());
}

static void epochs_before_lead_to_this_one(void **state)
{
    (void)state;
    struct epoch_doc other;
    static uint8_t bytes[EPOCH_DOC_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);

    assert_true(judged(&good));
    other = verdict->document;
    epoch_doc_encode(&w, &other);
    b.n_earlier = 1;
    b.earlier[0] = (struct view){bytes, w.len};
    assert_false(judge_again());
    assert_int_equal(verdict->checks[BUNDLE_CHECK_CHAIN], ERR_RANGE);
    b.n_earlier = 0;
    assert_true(judge_again());
}

static void nodes_say_that_it_is_over(void **state)
{
    static uint8_t bytes[2][RETIRED_LEN];

    (void)state;
    assert_true(judged(&good));
    assert_int_equal(verdict->retired, 0);
    b.n_retirements = 2;
    b.retirements[0] = retirement(4, &signing_keys[4], bytes[0]);
    b.retirements[1] = retirement(1, &signing_keys[1], bytes[1]);
    assert_true(judge_again());
    assert_int_equal(verdict->retired, 2);
    b.retirements[1] = b.retirements[0]; /* twice */
    assert_false(judge_again());
    assert_int_equal(verdict->checks[BUNDLE_CHECK_RETIRED], ERR_ENCODING);
    b.retirements[1] = retirement(1, &signing_keys[2], bytes[1]); /* by another */
    assert_false(judge_again());
    assert_int_equal(verdict->checks[BUNDLE_CHECK_RETIRED], ERR_SIGNATURE);
    b.retirements[1].n--;
    assert_false(judge_again());
    assert_int_equal(verdict->checks[BUNDLE_CHECK_RETIRED], ERR_TRUNCATED);
    b.n_retirements = 0;
    assert_true(judge_again());
}

static void a_changed_record_is_none(void **state)
{
    (void)state;
    static uint8_t copy[CEREMONY_RECORD_MAX];
    const struct view whole = b.record;

    assert_true(judged(&good));
    memcpy(copy, whole.p, whole.n);
    for (int cut = 0; cut < 2; cut++) {
        copy[whole.n / 2] ^= 1;
        b.record = (struct view){copy, whole.n - (size_t)cut};
        assert_false(judge_again());
        assert_int_equal(verdict->checks[BUNDLE_CHECK_RECORD],
                         cut == 0 ? ERR_SIGNATURE : ERR_TRUNCATED);
        for (unsigned i = 1; i < BUNDLE_CHECKS; i++) {
            assert_int_equal(verdict->checks[i], ERR_STATE);
        }
    }
    b.record = whole;
}

static void who_believes_no_simulated_root_believes_none_of_it(void **state)
{
    (void)state;
    const struct snp_roots none = {NULL, 0};

    assert_true(judged(&good));
    assert_false(bundle_judge(&b, &none, AT_S, verdict));
    assert_int_equal(verdict->checks[BUNDLE_CHECK_BINDING], ERR_OK);
    assert_int_equal(verdict->checks[BUNDLE_CHECK_EVIDENCE], ERR_EVIDENCE);
    assert_int_equal(verdict->nodes[0].fault, ATTEST_ARK_PIN);
}

/* Why the chain, or the bundle of the epoch before, does not hold. */
static void assert_broken(enum bundle_check c, enum err e)
{
    assert_false(judge_again());
    assert_int_equal(verdict->checks[c], e);
    for (unsigned i = 0; i < BUNDLE_CHECK_CHAIN; i++) {
        assert_int_equal(verdict->checks[i], ERR_OK); /* the epoch itself does */
    }
}

static struct view encoded(const struct bundle *of, uint8_t room[BUNDLE_MAX])
{
    struct writer w = wr_init(room, BUNDLE_MAX);
    struct view out;

    bundle_encode(&w, of);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    return out;
}

/* ---- beside a token ---- */

#define TWENTY_YEARS_S (INT64_C(20) * 365 * 86400)

static struct bundle_report report;

/* Of that profile, whose SignerInfos name these certificates. */
static bool reported(enum token_profile profile, struct view signer, struct view pq_signer)
{
    static uint8_t room[BUNDLE_MAX];
    struct legs_report token = {.profile = profile, .has_pq = pq_signer.n > 0};

    token.token.signer_der = signer;
    token.pq.signer_der = pq_signer;
    bundle_report_make(&report, encoded(&b, room), &token);
    assert_int_equal(report.read, ERR_OK);
    return report.holds;
}

static void a_token_is_of_the_epoch(void **state)
{
    static const uint8_t nothing[1] = {0};
    const struct view none = {NULL, 0};
    struct legs_report token = {.profile = PROFILE_CLASSIC};
    struct wish w = good;

    (void)state;
    assert_true(judged(&good));
    assert_true(reported(PROFILE_CLASSIC, b.classic, none));
    assert_int_equal(report.epochs[0].classic, BUNDLE_LEG_SAME);
    assert_int_equal(report.epochs[0].pq, BUNDLE_LEG_ABSENT);
    assert_true(reported(PROFILE_PQ, b.pq, none));
    assert_int_equal(report.epochs[0].classic, BUNDLE_LEG_ABSENT);
    assert_int_equal(report.epochs[0].pq, BUNDLE_LEG_SAME);
    assert_true(reported(PROFILE_DUAL, b.classic, b.pq));
    assert_false(reported(PROFILE_DUAL, b.classic, b.classic));
    assert_int_equal(report.epochs[0].pq, BUNDLE_LEG_OTHER);
    assert_false(reported(PROFILE_DUAL, b.pq, b.pq));
    assert_int_equal(report.epochs[0].classic, BUNDLE_LEG_OTHER);
    assert_false(reported(PROFILE_CLASSIC, b.pq, none));
    assert_false(reported(PROFILE_PQ, b.classic, none));
    assert_false(reported(PROFILE_CLASSIC, none, none)); /* nobody knows by whom it is */
    assert_int_equal(report.epochs[0].classic, BUNDLE_LEG_ABSENT);
    b.classic = (struct view){nothing, 1}; /* and no certificate to compare it with */
    assert_false(reported(PROFILE_CLASSIC, b.classic, none));
    assert_int_equal(report.epochs[0].classic, BUNDLE_LEG_OTHER);
    w.shown = 0x11;
    assert_false(judged(&w)); /* an epoch that nobody vouches for */
    assert_false(reported(PROFILE_CLASSIC, b.classic, none));
    assert_int_equal(report.epochs[0].classic, BUNDLE_LEG_SAME);
    bundle_report_make(&report, (struct view){nothing, 1}, &token);
    assert_int_equal(report.read, ERR_TRUNCATED);
    assert_false(report.holds);
}

/* A token of the pq leg alone is verified under no classic certificate: anybody may have made
 * the one beside it, and its date does not choose when evidence is good. */
static void a_certificate_beside_the_token_sets_no_date(void **state)
{
    struct wish w = good;

    (void)state;
    w.classic_later_s = -TWENTY_YEARS_S;
    (void)judged(&w);
    assert_true(reported(PROFILE_PQ, b.pq, (struct view){NULL, 0}));
    assert_false(reported(PROFILE_DUAL, b.classic, b.pq));
    assert_int_equal(report.epochs[0].verdict.nodes[0].fault, ATTEST_ARK_TIME);
    assert_false(reported(PROFILE_PQ, b.classic, (struct view){NULL, 0})); /* of neither */
    assert_int_equal(report.epochs[0].verdict.nodes[0].fault, ATTEST_ARK_TIME);
}

/* ---- in words ---- */

static bool printed(const char *line)
{
    char *text = NULL;
    size_t n = 0;
    FILE *const f = open_memstream(&text, &n);

    assert_non_null(f);
    bundle_report_print(&report, f);
    assert_int_equal(fclose(f), 0);
    const bool found = strstr(text, line) != NULL;

    free(text);
    return found;
}

/* What JSON says: of the whole, and of a node. */
static void assert_said(const char *verdict_said, size_t node, const char *result,
                        const char *fault)
{
    json_t *const j = bundle_report_json(&report);
    const json_t *const n = json_array_get(json_object_get(j, "nodes"), node);

    assert_string_equal(json_string_value(json_object_get(j, "verdict")), verdict_said);
    assert_string_equal(json_string_value(json_object_get(n, "result")), result);
    assert_string_equal(json_string_value(json_object_get(n, "fault")), fault);
    json_decref(j);
}

/* A process that was refused, and one that shows nothing, are told as that. */
static void each_node_is_told_as_it_was_judged(void **state)
{
    static const uint8_t nothing[1] = {0};
    const struct legs_report token = {.profile = PROFILE_CLASSIC};
    struct wish w = good;
    const char *refused;
    char line[96];

    (void)state;
    w.vlek = true;
    w.shown = 0x0f;
    assert_true(judged(&w));
    assert_true(reported(PROFILE_CLASSIC, b.classic, (struct view){NULL, 0}));
    assert_int_not_equal(report.epochs[0].verdict.nodes[0].fault, ATTEST_OK);
    refused = attest_fault_name(report.epochs[0].verdict.nodes[0].fault);
    (void)snprintf(line, sizeof line, "      %-12s FAIL: %s\n", "n0", refused);
    assert_true(printed(line));
    assert_said("GENUINE", 0, "FAIL", refused);
    assert_true(printed("      n1           PASS  code 1122"));
    assert_said("GENUINE", 1, "PASS", attest_fault_name(ATTEST_OK));
    assert_true(printed("      n4           not shown\n"));
    assert_said("GENUINE", 4, "not shown", "");
    assert_true(printed("nobody says that this epoch has ended\n"));
    bundle_report_make(&report, (struct view){nothing, 1}, &token);
    (void)snprintf(line, sizeof line, "bundle: cannot be read (%s)\n", err_name(ERR_TRUNCATED));
    assert_true(printed(line));
    json_t *const j = bundle_report_json(&report);

    assert_string_equal(json_string_value(json_object_get(j, "verdict")), "COULD NOT TELL");
    assert_string_equal(json_string_value(json_object_get(j, "error")),
                        err_name(ERR_TRUNCATED));
    json_decref(j);
}

/* A token of the first of two epochs, by the bundle of the second. */
static void assert_token_of_the_first(struct view classic)
{
    const struct view none = {NULL, 0};

    assert_true(reported(PROFILE_CLASSIC, classic, none));
    assert_int_equal(report.n, 2);
    assert_int_equal(report.of, 1);
    assert_int_equal(report.epochs[0].classic, BUNDLE_LEG_OTHER);
    assert_true(reported(PROFILE_CLASSIC, b.classic, none));
    assert_int_equal(report.of, 0);
}

/* Neither itself, nor one whose document nobody has. */
static void before_the_first_there_is_none(void **state)
{
    static uint8_t room[BUNDLE_MAX];

    (void)state;
    assert_true(judged(&good));
    b.before = encoded(&b, room);
    assert_broken(BUNDLE_CHECK_BEFORE, ERR_MISMATCH);
    b.before = encoded(&(struct bundle){.record = b.record}, room);
    assert_broken(BUNDLE_CHECK_BEFORE, ERR_MISMATCH);
    b.before = (struct view){NULL, 0};
}

/* Last of the tests but two: from here on the world is that of the second epoch. */
static void the_next_epoch_follows_the_first(void **state)
{
    static uint8_t rooms[3][BUNDLE_MAX], first_document[EPOCH_DOC_MAX];
    static struct bundle before;
    struct view first, document_of_first;

    (void)state;
    assert_true(judged(&good));
    first = encoded(&b, rooms[0]);
    memcpy(first_document, b.document.p, b.document.n);
    document_of_first = (struct view){first_document, b.document.n};
    rig_free(r);
    memset(r, 0, sizeof *r);
    hold_ceremony(8, document_of_first);
    b.n_earlier = 1;
    b.earlier[0] = document_of_first;
    b.before = first;
    assert_true(judged(&good));
    assert_int_equal(verdict->document.number, 2);
    assert_int_equal(bundle_before(&b, &before), ERR_OK);
    assert_true(bundle_judge(&before, &snp_roots_compiled, AT_S, verdict));
    assert_int_equal(verdict->document.number, 1);
    assert_token_of_the_first(before.classic);

    b.n_earlier = 0;
    assert_broken(BUNDLE_CHECK_CHAIN, ERR_TRUNCATED);
    assert_int_equal(verdict->checks[BUNDLE_CHECK_BEFORE], ERR_STATE);
    b.n_earlier = 2;
    b.earlier[1] = document_of_first;
    assert_broken(BUNDLE_CHECK_CHAIN, ERR_RANGE);
    b.n_earlier = 1;
    first_document[9 + 5 * EPOCH_DOC_HASH_LEN] ^= 1; /* its classic key */
    assert_broken(BUNDLE_CHECK_CHAIN, ERR_MISMATCH);
    first_document[9 + 5 * EPOCH_DOC_HASH_LEN] ^= 1;
    assert_true(judge_again());

    b.before = encoded(&(struct bundle){.document = b.document}, rooms[1]);
    assert_broken(BUNDLE_CHECK_BEFORE, ERR_MISMATCH); /* of the epoch itself */
    b.before =
        encoded(&(struct bundle){.document = document_of_first, .before = first}, rooms[1]);
    assert_broken(BUNDLE_CHECK_BEFORE, ERR_RANGE);
    b.before = (struct view){first.p, first.n - 1};
    assert_broken(BUNDLE_CHECK_BEFORE, ERR_TRUNCATED);
    b.before = (struct view){NULL, 0}; /* its own file has it */
    assert_true(judge_again());

    rooms[0][first.n / 2] ^= 1; /* in the record, or what a node shows */
    b.before = first;
    assert_true(judge_again()); /* the document stands, and is the one that this epoch names */
    assert_int_equal(bundle_before(&b, &before), ERR_OK);
    assert_false(bundle_judge(&before, &snp_roots_compiled, AT_S, verdict));
    assert_false(reported(PROFILE_CLASSIC, b.classic, (struct view){NULL, 0}));
    assert_true(report.epochs[0].holds);
    b.before = (struct view){first.p, first.n - 1};
    assert_false(reported(PROFILE_CLASSIC, b.classic, (struct view){NULL, 0}));
    assert_int_equal(report.n, 1);
    b.before = (struct view){NULL, 0};
}

/* Last of the tests but one: of an epoch whose nodes made no P-384 key, under a policy that
 * cannot be read. */
static void a_ceremony_may_leave_things_out(void **state)
{
    const struct view none = {NULL, 0};

    (void)state;
    rig_free(r);
    memset(r, 0, sizeof *r);
    rig_make(r, THRESHOLD, NODES, 9);
    make_plan(plan_kit_text("version = 2\n"), none);
    run_ceremony();
    assert_false(judged(&good));
    assert_int_equal(verdict->checks[BUNDLE_CHECK_RECORD], ERR_OK);
    assert_int_equal(verdict->checks[BUNDLE_CHECK_CLASSIC], ERR_MISMATCH);
    assert_int_equal(verdict->checks[BUNDLE_CHECK_PQ], ERR_OK);
    assert_int_equal(verdict->policy_fault, ATTEST_POLICY_VALUE);
    assert_int_equal(verdict->checks[BUNDLE_CHECK_POLICY],
                     attest_fault_err(ATTEST_POLICY_VALUE));
    assert_int_equal(verdict->checks[BUNDLE_CHECK_BINDING], ERR_STATE);
    assert_int_equal(verdict->checks[BUNDLE_CHECK_EVIDENCE], ERR_STATE);
    assert_int_equal(verdict->checks[BUNDLE_CHECK_RETIRED], ERR_OK);
}

/* Last of the tests: what a plan promises, its nodes have to show. */
static void hardware_that_is_promised_is_no_software(void **state)
{
    (void)state;
    rig_free(r);
    memset(r, 0, sizeof *r);
    promised = PLAN_ATTESTED;
    hold_ceremony(10, (struct view){NULL, 0});
    assert_int_equal(stops_at(&good), BUNDLE_CHECK_EVIDENCE);
    assert_int_equal(verdict->accepted, 0);
    assert_int_equal(verdict->nodes[0].fault, ATTEST_ATTESTOR_ASSURANCE);
    promised = PLAN_SIMULATED;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_one_holds),
        cmocka_unit_test(too_few_nodes_are_too_few),
        cmocka_unit_test(evidence_of_something_else_counts_for_nothing),
        cmocka_unit_test(nodes_are_on_machines_apart),
        cmocka_unit_test(a_certificate_binds_what_the_bundle_shows),
        cmocka_unit_test(a_certificate_is_of_this_epoch),
        cmocka_unit_test(the_document_says_nothing_else),
        cmocka_unit_test(epochs_before_lead_to_this_one),
        cmocka_unit_test(nodes_say_that_it_is_over),
        cmocka_unit_test(a_changed_record_is_none),
        cmocka_unit_test(who_believes_no_simulated_root_believes_none_of_it),
        cmocka_unit_test(a_token_is_of_the_epoch),
        cmocka_unit_test(a_certificate_beside_the_token_sets_no_date),
        cmocka_unit_test(each_node_is_told_as_it_was_judged),
        cmocka_unit_test(before_the_first_there_is_none),
        cmocka_unit_test(the_next_epoch_follows_the_first),
        cmocka_unit_test(a_ceremony_may_leave_things_out),
        cmocka_unit_test(hardware_that_is_promised_is_no_software),
    };

    return cmocka_run_group_tests(tests, bundle_scene_make, bundle_scene_drop);
}
