/* Whole ceremonies of real nodes over the host's relay, in one process: honest ones, and with
 * one node that lies. */
#include "ceremony_cores.h"
#include "testing.h"

#include "host/ceremony/relay.h"
#include "wire/ceremony_call.h"

#include <stdlib.h>
#include <string.h>

struct net {
    struct ceremony_cores cores;
    struct relay *relay;
    struct entropy_source entropy;
    uint8_t *body, *answer;
    uint8_t dead; /* node that never answers */
    uint64_t frames, bytes;
};

static enum err draw(void *self, uint8_t *out, size_t n)
{
    struct net *net = self;

    for (size_t i = 0; i < n; i++) {
        out[i] = (uint8_t)rig_random(&net->cores.rig);
    }
    return ERR_OK;
}

static void make(struct net *net, uint8_t t, uint8_t n, uint64_t seed)
{
    memset(net, 0, sizeof *net);
    ceremony_cores_make(&net->cores, t, n, seed);
    net->dead = CEREMONY_NOBODY;
    net->entropy = (struct entropy_source){draw, net};
    net->body = malloc(FRAME_BODY_LONG_MAX);
    net->answer = malloc(FRAME_BODY_LONG_MAX);
    assert_true(net->body != NULL && net->answer != NULL);
    assert_int_equal(relay_new(net->cores.rig.kit.encoded, &net->entropy, 0, &net->relay),
                     ERR_OK);
}

static void end(struct net *net)
{
    relay_free(net->relay);
    free(net->body);
    free(net->answer);
    ceremony_cores_free(&net->cores);
}

/* One question to one node, and its answer. */
static bool talk(struct net *net, uint8_t i)
{
    struct writer body = wr_init(net->body, FRAME_BODY_LONG_MAX);
    struct writer answer = wr_init(net->answer, FRAME_BODY_LONG_MAX);
    const int64_t now_ms = net->cores.rig.now_ns / 1000000;
    struct view asked;
    struct view said;
    uint8_t type = 0;

    if (!relay_ask(net->relay, i, now_ms, &type, &body)) {
        return false;
    }
    net->frames++;
    if (i == net->dead) {
        return true;
    }
    assert_int_equal(wr_finish(&body, &asked), ERR_OK);
    ceremony_cores_answer(&net->cores, i, type, asked, &answer);
    assert_int_equal(wr_finish(&answer, &said), ERR_OK);
    net->bytes += asked.n + said.n;
    relay_answer(net->relay, i, said, now_ms);
    return true;
}

/* Until it is over: nodes in an order that the seed gives, and time passes when nobody moves.
 */
static void run(struct net *net)
{
    const uint8_t total = net->cores.rig.kit.plan.total;

    for (unsigned idle = 0; net->relay->state == RELAY_RUNS; idle++) {
        const uint8_t first = (uint8_t)(rig_random(&net->cores.rig) % total);

        assert_true(idle < 100000);
        net->cores.rig.now_ns += 1000000;
        bool moved = false;

        for (uint8_t i = 0; i < total && net->relay->state == RELAY_RUNS; i++) {
            moved = talk(net, (uint8_t)((first + i) % total)) || moved;
        }
        if (!moved && net->cores.rig.now_ns / 1000000 < relay_next_ms(net->relay)) {
            net->cores.rig.now_ns = relay_next_ms(net->relay) * 1000000;
        }
        relay_tick(net->relay, net->cores.rig.now_ns / 1000000);
    }
}

/* ---- tests ---- */

static void check_record(const struct net *net)
{
    static struct ceremony_record record;
    static struct ceremony_scratch scratch;
    struct ceremony_finding findings[CEREMONY_CHECKS];

    assert_int_equal(net->relay->state, RELAY_DONE);
    assert_int_equal(ceremony_record_decode(relay_record(net->relay), &record), ERR_OK);
    assert_true(ceremony_record_verify(&record, &scratch, findings));
    assert_true(view_equal(relay_record(net->relay), net->cores.rig.nodes[0].c.record_bytes));
    assert_memory_equal(record.known.nonce, net->relay->nonce, PLAN_NONCE_LEN);
}

static void test_honest(void **state)
{
    static const struct {
        uint8_t t, n;
    } sizes[] = {{2, 2}, {2, 3}, {3, 5}};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct net *net = malloc(sizeof *net);

        assert_non_null(net);
        make(net, sizes[i].t, sizes[i].n, i + 1);
        run(net);
        check_record(net);
        print_message("(%u,%u): %u attempts, %llu frames, %llu bytes\n", sizes[i].t, sizes[i].n,
                      net->relay->attempt, (unsigned long long)net->frames,
                      (unsigned long long)net->bytes);
        end(net);
        free(net);
    }
}

static void test_liar_is_named(void **state)
{
    static const uint8_t rounds[] = {CEREMONY_RHO, CEREMONY_T_REVEAL, CEREMONY_DONE};

    (void)state;
    for (size_t i = 0; i < sizeof rounds; i++) {
        struct net *net = malloc(sizeof *net);

        assert_non_null(net);
        make(net, 2, 3, 40 + i);
        net->cores.rig.bad = 1;
        net->cores.rig.round = rounds[i];
        net->cores.rig.at = 3;
        run(net);
        assert_true(net->cores.rig.touched > 0);
        assert_int_equal(net->relay->state, RELAY_FAILED);
        assert_int_equal(net->relay->end.why, RELAY_PROVEN);
        assert_int_equal(net->relay->end.node, 1);
        rig_check_secrets(&net->cores.rig);
        end(net);
        free(net);
    }
}

static void test_dead_node(void **state)
{
    struct net *net = malloc(sizeof *net);

    (void)state;
    assert_non_null(net);
    make(net, 2, 3, 60);
    net->dead = 2;
    run(net);
    assert_int_equal(net->relay->state, RELAY_FAILED);
    assert_int_equal(net->relay->end.why, RELAY_SILENT);
    assert_int_equal(net->relay->end.node, 2);
    end(net);
    free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_honest),
        cmocka_unit_test(test_liar_is_named),
        cmocka_unit_test(test_dead_node),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
