/* Two good legs that do not belong together: of another time, policy, authority or epoch.
 * Deleting a check in legs_record, record_place() or authority_rules makes a row fail. */
#include "legs_world.h"

/* ---- the window ---- */

static void the_window_has_two_ends(void **state)
{
    static const struct {
        int64_t after_ms;
        uint32_t classic_ms, pq_ms; /* accuracies */
        const char *legs;
    } rows[] = {
        {5000, 1000, 1000, "GGG"},      {5001, 1000, 1000, "GGN"},
        {86400000, 1000, 1000, "GGN"},  {-2000, 1000, 1000, "GGG"}, /* both accuracies */
        {-2001, 1000, 1000, "GGN"},     {-300, 100, 200, "GGG"},
        {-301, 100, 200, "GGN"},        {-299, 199, 100, "GGG"},
        {-86400000, 1000, 1000, "GGN"},
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const bool good = strcmp(rows[i].legs, "GGG") == 0;

        w->archive.time_ms = w->stamp.time_ms + rows[i].after_ms;
        w->stamp.accuracy_ms = rows[i].classic_ms;
        w->archive.accuracy_ms = rows[i].pq_ms;
        print_message("%d ms\n", (int)rows[i].after_ms);
        whole_is(w, rows[i].legs, good ? VERDICT_GENUINE : VERDICT_NOT_GENUINE,
                 good ? VERDICT_GENUINE : VERDICT_NOT_GENUINE,
                 good                   ? "same authority"
                 : rows[i].after_ms < 0 ? "earlier than the token"
                                        : "s after the time in the token");
    }
}

static void a_time_of_whole_seconds_may_have_been_cut(void **state)
{
    struct world *w = *state;

    w->archive.time_ms = HY_NOW_MS - 500; /* no fraction is left of it */
    w->stamp.time_ms = w->archive.time_ms + 1200;
    w->stamp.accuracy_ms = 100;
    w->archive.accuracy_ms = 100;
    whole_is(w, "GGG", IS_GENUINE, "same authority");
    w->stamp.time_ms++;
    whole_is(w, "GGN", IS_REFUSED, "earlier than the token");
}

static void the_window_is_the_verifiers(void **state)
{
    struct world *w = *state;

    w->archive.time_ms = w->stamp.time_ms + 9000;
    w->options.window_s = 9;
    whole_is(w, "GGG", IS_GENUINE, "window 9 s");
    w->options.window_s = 0;
    w->archive.time_ms = w->stamp.time_ms;
    whole_is(w, "GGG", IS_GENUINE, "window 0 s");
    w->archive.time_ms++;
    whole_is(w, "GGN", IS_REFUSED, "the window is 0 s");
}

static void a_record_on_a_classic_policy_is_an_archive_record(void **state)
{
    struct world *w = *state;

    w->stamp.policy = HY_CLASSIC_POLICY;
    whole_is(w, "GGU", VERDICT_GENUINE, VERDICT_NOT_GENUINE, "promises no record");
    w->archive.time_ms = w->stamp.time_ms + HY_DAY * 1000; /* late is what archives are */
    whole_is(w, "GGU", VERDICT_GENUINE, VERDICT_NOT_GENUINE, "promises no record");
    judge(w, w->whole.der);
    assert_true(w->report.proven_by_pq);
    assert_int_equal(gen_time_ms(&w->report.proven), w->archive.time_ms);
}

/* ---- policy, authority, epoch ---- */

static void an_archive_has_the_policy_of_archives(void **state)
{
    static const char *const others[] = {HY_CLASSIC_POLICY, HY_PQ_POLICY, HY_HYBRID_POLICY,
                                         "1.2.3"};
    struct world *w = *state;

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        w->archive.policy = others[i];
        whole_is(w, "GGN", IS_REFUSED, "policy of the archive time-stamp");
    }
}

static void policies_of_an_operator_are_told(void **state)
{
    static const uint8_t hybrid[] = {0x2a, 3, 4};
    static const uint8_t evidence[] = {0x2a, 3, 5};
    struct world *w = *state;

    w->stamp.policy = "1.2.3.4";
    w->archive.policy = "1.2.3.5";
    whole_is(w, "GGU", VERDICT_GENUINE, VERDICT_NOT_GENUINE, "promises no record");
    w->options.policies.hybrid = (struct view){hybrid, sizeof hybrid};
    whole_is(w, "GGN", IS_REFUSED, "policy of the archive time-stamp");
    w->options.policies.evidence = (struct view){evidence, sizeof evidence};
    whole_is(w, "GGG", IS_GENUINE, "same authority");
    assert_false(authority_is_requestable((struct view){evidence, sizeof evidence}));
    assert_false(authority_is_requestable(oid_body(OID_OUR_EVIDENCE)));
    assert_false(authority_is_requestable(oid_body(OID_OUR_EVIDENCE_SIMULATED)));
    assert_true(authority_is_requestable(oid_body(OID_OUR_DUAL)));
    assert_true(authority_is_requestable(oid_body(OID_OUR_DUAL_SIMULATED)));
    assert_true(authority_is_requestable(oid_body(OID_OUR_PQ)));
    assert_true(authority_is_requestable(oid_body(OID_OUR_HYBRID_SIMULATED)));
    assert_true(authority_is_requestable(oid_body(OID_OUR_HYBRID_SINGLE_SIMULATED)));
}

static void another_key_of_the_authority_is_another_authority(void **state)
{
    struct world *w = *state;

    w->archive.signer = w->other_pq; /* names our classic key; ours does not name it */
    whole_is(w, "GGN", IS_REFUSED, "names another ML-DSA key");
    w->archive.signer = w->pq;
    w->stamp.signer = w->other_classic;
    whole_is(w, "GGN", IS_REFUSED, "names another classic key");
}

static void both_certificates_are_bound(void **state)
{
    struct world *w = *state;

    w->pq_cert.no_binding = true;
    issue(w);
    whole_is(w, "GGN", IS_REFUSED, "ML-DSA certificate has no QuorateBinding");
    w->pq_cert.no_binding = false;
    w->pq_cert.garbled_binding = true;
    issue(w);
    whole_is(w, "GGN", IS_REFUSED, "ML-DSA certificate has no QuorateBinding");
    w->pq_cert.garbled_binding = false;
    w->classic_cert.no_binding = true;
    issue(w);
    whole_is(w, "GGN", IS_REFUSED, "classic certificate has no QuorateBinding");
}

static void epochs_do_not_mix(void **state)
{
    struct world *w = *state;

    w->pq_cert.epoch = 1;
    issue(w);
    whole_is(w, "GGN", IS_REFUSED, "another epoch");
}

static void simulated_goes_with_simulated(void **state)
{
    struct world *w = *state;

    w->options.verify.allow_simulated = true;
    w->stamp.policy = HY_HYBRID_SIMULATED;
    whole_is(w, "GGN", IS_REFUSED, "one policy is of a simulated");
    w->archive.policy = HY_EVIDENCE_SIMULATED;
    whole_is(w, "GGG", IS_GENUINE, "same authority");
    w->pq_cert.assurance = ASSURANCE_SIMULATED;
    issue(w);
    whole_is(w, "GGN", IS_REFUSED, "one certificate is of a simulated");
    w->classic_cert.assurance = ASSURANCE_SIMULATED;
    issue(w);
    whole_is(w, "GGG", IS_GENUINE, "same authority");
    w->options.verify.allow_simulated = false;
    whole_is(w, "NNN", IS_REFUSED, "--allow-simulated");
    w->stamp.policy = HY_HYBRID_POLICY; /* the certificates still say so */
    w->archive.policy = HY_EVIDENCE_POLICY;
    whole_is(w, "GGN", IS_REFUSED, "a simulated authority");
    w->options.verify.allow_simulated = true;
    whole_is(w, "GGG", IS_GENUINE, "same authority");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        CASE(the_window_has_two_ends),
        CASE(a_time_of_whole_seconds_may_have_been_cut),
        CASE(the_window_is_the_verifiers),
        CASE(a_record_on_a_classic_policy_is_an_archive_record),
        CASE(an_archive_has_the_policy_of_archives),
        CASE(policies_of_an_operator_are_told),
        CASE(another_key_of_the_authority_is_another_authority),
        CASE(both_certificates_are_bound),
        CASE(epochs_do_not_mix),
        CASE(simulated_goes_with_simulated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
