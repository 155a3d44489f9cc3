/* Several cores behind one front: what it serves, says and asks for. */
#include "chain_fixture.h"
#include "fake_work.h"
#include "front_fixture.h"
#include "testing.h"

#include "host/front/pages.h"
#include "host/front/readiness.h"
#include "host/front/stamp_flow.h"

#include <stdlib.h>
#include <string.h>

static struct front *front;
static struct fixture *chains_of[2]; /* of two cores */
static struct held_chain *held[2];
static struct held_chain *pq;

/* Core number at becomes like the first, with a classic key of its own. */
static void teach(struct coord_core_view *core, const struct tsa_chain *chain)
{
    *core = fake.core;
    core->keys[0].len = chain->public_key.n;
    memcpy(core->keys[0].bytes, chain->public_key.p, chain->public_key.n);
    memcpy(core->status.activation[0], chain->activation_hash, ACTIVATION_HASH_LEN);
}

static void load(size_t at)
{
    static uint8_t pem[FIXTURE_PEM_MAX];
    char why[TSA_CHAIN_WHY_MAX];

    held[at] = held_chain_new();
    assert_int_equal(tsa_chain_parse(fixture_pem(chains_of[at], "lcr", pem), KEY_CLASSIC,
                                     FIXTURE_NOW, &held[at]->chain, why),
                     ERR_OK);
}

static struct serving *snapshot(void)
{
    struct serving_chains all = {.n = {2, pq != NULL}, .at = {{held[0], held[1]}, {pq}}};
    struct cores_view cores;

    cores_look(NULL, &cores);
    struct serving *const made =
        serving_new(&front->slot.now->config, &all, &cores, front->metrics);

    assert_non_null(made);
    serving_set_stage(made, front->stage, &front->stage->held);
    return made;
}

/* Three cores, two to sign; the first two have classic certificates that we hold. */
static int begin(void **state)
{
    const struct fixture_leaf leaf = FIXTURE_GOOD;

    (void)state;
    front = front_fixture_new(&chains_of[0]);
    chains_of[1] = fixture_new(&leaf);
    front_fixture_serve(front, chains_of[0], FIXTURE_HYBRID(""));
    pq = front->slot.now->legs[1].held[0];
    load(0);
    load(1);
    fake.epoch = (struct coord_epoch_view){.n = 3,
                                           .together = true,
                                           .has_roster = true,
                                           .threshold = 2,
                                           .total = 3,
                                           .answering = 3,
                                           .quorum = 3};
    memset(fake.epoch.epoch_id, 0x77, EPOCH_ID_LEN);
    teach(&fake.more[0], &held[1]->chain);
    teach(&fake.more[1], &held[1]->chain);
    fake.more[1].keys[0].bytes[5] ^= 1; /* a certificate that we do not hold */
    serving_swap(&front->slot, snapshot());
    return 0;
}

static int end(void **state)
{
    (void)state;
    held_chain_put(held[0]);
    held_chain_put(held[1]);
    front_fixture_free(front, chains_of[0]);
    fixture_free(chains_of[1]);
    return 0;
}

static struct readiness judge(void)
{
    struct serving *s = snapshot();
    struct cores_view cores;
    const struct time_views times = {0};

    cores_look(NULL, &cores);
    const struct readiness r = readiness_judge(s, &cores, &times, true, FIXTURE_NOW);

    serving_put(s);
    return r;
}

static void a_job_takes_any_certificate_that_is_held(void **state)
{
    const struct serving *s = front->slot.now;
    struct coord_job job = {.key = KEY_CLASSIC};

    (void)state;
    assert_int_equal(s->legs[0].state, ERR_OK);
    assert_int_equal(s->legs[0].n_live, 2);
    assert_memory_equal(s->epoch_id, fake.epoch.epoch_id, EPOCH_ID_LEN);
    serving_name(s, &job);
    assert_memory_equal(job.epoch_id, fake.epoch.epoch_id, EPOCH_ID_LEN);
    assert_int_equal(job.n_accepts, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct tsa_chain *chain =
            serving_leg_chain(&s->legs[0], job.accepts + i * ACTIVATION_HASH_LEN);

        assert_true(chain == &held[i]->chain);
    }
    assert_null(serving_leg_chain(&s->legs[0], fake.epoch.epoch_id));
}

/* Of a snapshot with those chains. */
static bool attested(const struct config *c, const struct serving_chains *all)
{
    struct cores_view cores;

    cores_look(NULL, &cores);
    struct serving *const s = serving_new(c, all, &cores, front->metrics);

    assert_non_null(s);
    const bool is = s->attested;

    serving_set_stage(s, front->stage, &front->stage->held);
    serving_put(s);
    return is;
}

static void nodes_are_attested_where_each_certificate_names_their_code(void **state)
{
    struct tsa_chain *const chains[] = {&held[0]->chain, &held[1]->chain, &pq->chain};
    const size_t n = sizeof chains / sizeof *chains;
    const struct serving_chains all = {.n = {2, 1}, .at = {{held[0], held[1]}, {pq}}};
    static struct config c;

    (void)state;
    c = front->slot.now->config;
    for (size_t i = 0; i < n; i++) {
        assert_false(attested(&c, &all));
        chains[i]->has_binding = true;
        chains[i]->binding.n_measurements = 0; /* a plan that has nobody attested */
        assert_false(attested(&c, &all));
        chains[i]->binding.n_measurements = 1;
    }
    assert_true(attested(&c, &all));
    for (size_t i = 0; i < n; i++) {
        chains[i]->has_binding = false;
        assert_false(attested(&c, &all));
        chains[i]->has_binding = true;
    }
    pq->chain.has_binding = false;
    for (size_t i = 0; i < c.n_policies; i++) {
        c.policies[i].profile = CONFIG_PROFILE_CLASSIC;
    }
    assert_true(attested(&c, &all)); /* nobody is given one under the other key */
    assert_false(attested(&c, &(struct serving_chains){.n = {0}}));
}

static void a_core_that_goes_takes_its_certificate_along(void **state)
{
    (void)state;
    fake.core.connected = false;
    struct serving *s = snapshot();

    assert_int_equal(s->legs[0].state, ERR_OK);
    assert_int_equal(s->legs[0].n_live, 1);
    assert_true(s->legs[0].chain == &held[1]->chain);
    assert_int_equal(s->legs[1].state, ERR_OK); /* two of three are there */
    serving_put(s);
    fake.more[0].fault = COORD_OTHER_EPOCH;
    s = snapshot();
    assert_int_equal(s->legs[0].n_live, 0);
    assert_int_equal(s->legs[0].state, ERR_STATE); /* one is there, under another */
    assert_int_equal(s->legs[1].state, ERR_QUORUM);
    serving_put(s);
    fake.more[1].status.time_valid = 0; /* and that is why */
    s = snapshot();
    assert_int_equal(s->legs[0].state, ERR_TIME);
    serving_put(s);
    fake.epoch.halted = true;
    s = snapshot();
    assert_int_equal(s->legs[0].state, ERR_HALTED);
    assert_int_equal(serving_check(s, &s->config.policies[0], FIXTURE_NOW), ERR_HALTED);
    serving_put(s);
}

/* All cores have the key of the first. */
static void share(void)
{
    fake.epoch.shared = (struct coord_shared_view){
        .is_shared = true,
        .answering = 3,
        .pairs = 3,
        .set_up = 3,
        .n = 2,
        .usable = 2,
        .triples = {{0x07, true, false, true, true, 16}, {0x0b, false, true, false, false, 3}}};
    teach(&fake.more[0], &held[0]->chain);
    teach(&fake.more[1], &held[0]->chain);
}

static void a_shared_classic_key_has_one_certificate_and_needs_several(void **state)
{
    (void)state;
    share();
    struct serving *s = snapshot();

    assert_int_equal(s->legs[0].state, ERR_OK);
    assert_int_equal(s->legs[0].n_live, 1);
    serving_put(s);
    assert_true(judge().ready);
    fake.epoch.shared.answering = 1;
    assert_false(judge().key_live);
    fake.more[0].status.activation[0][0] ^= 1;
    fake.more[1].status.activation[0][0] ^= 1;
    s = snapshot();
    assert_int_equal(s->legs[0].state, ERR_STATE); /* one is activated, two are needed */
    serving_put(s);
}

static void few_presignatures_or_setups_are_told_and_harm_nobody(void **state)
{
    const int64_t low = front->slot.now->config.presign.target / READINESS_LOW_PART;

    (void)state;
    share();
    fake.epoch.shared.triples[0].stock = (uint16_t)low;
    assert_string_equal(judge().degraded, ""); /* of who does not answer nothing is wanted */
    fake.epoch.shared.triples[0].stock--;
    assert_string_equal(judge().degraded, "presignatures low");
    fake.epoch.shared.triples[0].stock++;
    fake.epoch.shared.set_up--;
    assert_string_equal(judge().degraded, "pairs of cores are not set up");
    assert_true(judge().ready);
    fake.epoch.shared.usable = 1;
    assert_string_equal(judge().degraded, "only one three of cores makes presignatures");
    fake.epoch.shared.usable = 0;
    assert_string_equal(judge().degraded, "no three cores make presignatures");
    assert_true(judge().ready);
    fake.epoch.shared.is_shared = false;
    assert_string_equal(judge().degraded, "");
    for (unsigned n = 1; n <= 20; n++) { /* of three cores there is but one */
        assert_int_equal(coord_triples_of(0, n), COORD_TRIPLES_NONE);
        assert_int_equal(coord_triples_of(1, n),
                         n == 1 ? COORD_TRIPLES_ENOUGH : COORD_TRIPLES_ONE);
        assert_int_equal(coord_triples_of(2, n), COORD_TRIPLES_ENOUGH);
    }
}

static void pages_show_presignatures(void **state)
{
    static uint8_t space[PAGE_MAX + 1];
    struct writer w = wr_init(space, PAGE_MAX);
    const char *text = (const char *)space;

    (void)state;
    share();
    assert_int_equal(page_write(front, front->slot.now, ENDPOINT_STATUS, &w).status, 200);
    wr_u8(&w, 0);
    assert_non_null(strstr(text, "\"classic_leg\":\"threshold\""));
    assert_non_null(strstr(text, "\"reason\":\"\",\"degraded\":\"\""));
    assert_non_null(strstr(text, "\"pairs\":3,\"set_up\":3,\"usable\":2"));
    assert_non_null(strstr(text, "{\"nodes\":\"1,2,4\",\"stock\":3,\"answers\":false,"
                                 "\"set_up\":false,\"rests\":true,\"usable\":false}"));
    assert_non_null(strstr(text, "],\"stock\":19}"));
    w = wr_init(space, PAGE_MAX);
    assert_int_equal(page_write(front, front->slot.now, ENDPOINT_METRICS, &w).status, 200);
    wr_u8(&w, 0);
    assert_non_null(strstr(text, "quorate_presignatures{triple=\"1,2,3\"} 16\n"));
    assert_non_null(strstr(text, "quorate_presignature_triple_rests{triple=\"1,2,4\"} 1\n"));
    assert_non_null(strstr(text, "quorate_presignature_triples_usable 2\n"));
    assert_non_null(strstr(text, "quorate_presignature_pairs 3\n"));
    assert_non_null(strstr(text, "quorate_presignature_pairs_set_up 3\n"));
    assert_non_null(strstr(text, "quorate_presignatures_low 0\n"));
    assert_non_null(strstr(text, "quorate_presignature_refused_total{reason=\"none\"} 0\n"));
}

static void readiness_says_what_is_wrong_with_the_epoch(void **state)
{
    (void)state;
    assert_true(judge().ready);
    fake.epoch.quorum = 1;
    assert_false(judge().key_live);
    fake.epoch.answering = 1;
    assert_string_equal(judge().reason, "too few cores answer");
    fake.epoch.has_roster = false;
    assert_string_equal(judge().reason, "no ceremony yet");
    fake.epoch.has_roster = true;
    fake.epoch.halted = true;
    assert_string_equal(judge().reason,
                        "halted: too many cores of this epoch are gone for ever");
}

static void the_clock_is_that_of_the_best_quorum(void **state)
{
    struct cores_view cores;

    (void)state;
    fake.core.status.hi_ns = fake.core.status.lo_ns + 40000000;
    fake.more[0].status.hi_ns = fake.more[0].status.lo_ns + 20000000;
    fake.more[1].status.hi_ns = fake.more[1].status.lo_ns + 60000000;
    assert_int_equal(judge().error_bound_us, 20000); /* of the second best */
    fake.more[0].silent = true;
    assert_int_equal(judge().error_bound_us, 30000);
    fake.more[1].status.time_valid = 0;
    assert_int_equal(judge().error_bound_us, -1);
    assert_false(judge().clock);
    cores_look(NULL, &cores);
    assert_true(cores_main(&cores) == &cores.at[0]);
    fake.core.banned = true;
    cores_look(NULL, &cores);
    assert_true(cores_main(&cores) == &cores.at[2]);
    assert_int_equal(cores_check(&cores), ERR_OK);
}

static void pages_show_each_core(void **state)
{
    static uint8_t space[PAGE_MAX + 1];
    struct writer w = wr_init(space, PAGE_MAX);
    const char *text = (const char *)space;

    (void)state;
    fake.more[0].silent = true;
    fake.more[1].fault = COORD_STRANGER;
    assert_int_equal(page_write(front, front->slot.now, ENDPOINT_STATUS, &w).status, 200);
    wr_u8(&w, 0);
    assert_non_null(strstr(text, "\"left_out\":\"not a node of the ceremony\""));
    assert_non_null(strstr(text, "\"silent\":true"));
    assert_non_null(strstr(text, "\"threshold\":2,\"total\":3,\"answering\":3"));
    assert_non_null(strstr(text, "\"classic_leg\":\"single-node\""));
    w = wr_init(space, PAGE_MAX);
    assert_int_equal(page_write(front, front->slot.now, ENDPOINT_METRICS, &w).status, 200);
    wr_u8(&w, 0);
    assert_non_null(strstr(text, "quorate_cluster_core_answers{core=\"1\"} 1"));
    assert_non_null(strstr(text, "quorate_cluster_core_silent{core=\"2\"} 1"));
    assert_non_null(strstr(text, "quorate_cluster_core_left_out{core=\"3\"} 1"));
    assert_non_null(strstr(text, "quorate_epoch_halted 0"));
    w = wr_init(space, PAGE_MAX);
    assert_int_equal(page_write(front, front->slot.now, ENDPOINT_READYZ, &w).status, 503);
    wr_u8(&w, 0);
    assert_non_null(strstr(text, "\"classic_leg\":\"single-node\""));
    w = wr_init(space, PAGE_MAX);
    assert_int_equal(page_write(front, front->slot.now, ENDPOINT_TSA_PEM, &w).status, 200);
    wr_u8(&w, 0);
    size_t leaves = 0; /* of both cores, and of the pq key */

    for (const char *at = text; (at = strstr(at, "BEGIN CERTIFICATE")) != NULL; at++) {
        leaves++;
    }
    assert_int_equal(leaves, 3);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(a_job_takes_any_certificate_that_is_held),
        CASE(nodes_are_attested_where_each_certificate_names_their_code),
        CASE(a_core_that_goes_takes_its_certificate_along),
        CASE(a_shared_classic_key_has_one_certificate_and_needs_several),
        CASE(few_presignatures_or_setups_are_told_and_harm_nobody),
        CASE(pages_show_presignatures),
        CASE(readiness_says_what_is_wrong_with_the_epoch),
        CASE(the_clock_is_that_of_the_best_quorum),
        CASE(pages_show_each_core),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
