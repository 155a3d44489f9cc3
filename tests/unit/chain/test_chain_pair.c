/* Whether two chains are of one authority; the chains are made by hand, and only what counts.
 */
#include "testing.h"

#include "crypto/hash.h"
#include "host/chain/chain_pair.h"

#include <stdlib.h>
#include <string.h>

static struct tsa_chain *classic, *pq;
static uint8_t hashes[2][HASH_MAX]; /* of the keys */
static const uint8_t epochs[2][48] = {{1}, {2}};

static struct tsa_chain *make_chain(const char *spki)
{
    struct tsa_chain *c = calloc(1, sizeof *c);

    assert_non_null(c);
    c->spki = (struct view){(const uint8_t *)spki, strlen(spki)};
    c->has_binding = true;
    c->binding = (struct quorate_binding){.epoch_id = {epochs[0], sizeof epochs[0]},
                                          .n_other_keys = 1,
                                          .threshold = 1,
                                          .total = 1,
                                          .assurance = ASSURANCE_HARDWARE};
    return c;
}

static int begin(void **state)
{
    (void)state;
    classic = make_chain("classic key");
    pq = make_chain("pq key");
    hash_once(HASH_SHA384, classic->spki, hashes[0]);
    hash_once(HASH_SHA384, pq->spki, hashes[1]);
    classic->binding.other_keys[0] = (struct view){hashes[1], 48};
    pq->binding.other_keys[0] = (struct view){hashes[0], 48};
    return 0;
}

static int end(void **state)
{
    (void)state;
    free(classic);
    free(pq);
    return 0;
}

static void expect(enum err e, const char *says)
{
    const char *why = NULL;

    assert_int_equal(chain_pair_check(classic, pq, &why), e);
    assert_non_null(strstr(why, says));
    assert_true(e != ERR_OK || why[0] == '\0');
}

static void takes_what_fits(void **state)
{
    static const uint8_t another[48] = {9};

    (void)state;
    expect(ERR_OK, "");
    /* one of several */
    pq->binding.n_other_keys = 2;
    pq->binding.other_keys[1] = pq->binding.other_keys[0];
    pq->binding.other_keys[0] = (struct view){another, sizeof another};
    expect(ERR_OK, "");
    /* what says nothing says nothing wrong */
    classic->has_binding = false;
    expect(ERR_OK, "");
    pq->has_binding = false;
    expect(ERR_OK, "");
}

static void refuses_another_key(void **state)
{
    (void)state;
    for (int other_has = 0; other_has < 2; other_has++) {
        classic->has_binding = other_has == 1;
        pq->has_binding = true;
        pq->binding.other_keys[0].p = hashes[1];
        expect(ERR_MISMATCH, "its QuorateBinding does not name the key of chain");
        pq->binding.n_other_keys = 0;
        expect(ERR_MISMATCH, "its QuorateBinding does not name the key of chain");
        pq->binding.n_other_keys = 1;
        pq->binding.other_keys[0].p = hashes[0];
        classic->has_binding = true;
        pq->has_binding = other_has == 1;
        classic->binding.other_keys[0].p = hashes[0];
        expect(ERR_MISMATCH, "the QuorateBinding of chain does not name its key");
        classic->binding.other_keys[0].p = hashes[1];
    }
}

static void refuses_another_epoch_or_assurance(void **state)
{
    (void)state;
    pq->binding.epoch_id.p = epochs[1];
    expect(ERR_MISMATCH, "two epochs");
    pq->binding.epoch_id.p = epochs[0];
    pq->binding.assurance = ASSURANCE_MIXED;
    expect(ERR_OK, "");
    pq->binding.assurance = ASSURANCE_SIMULATED;
    expect(ERR_MISMATCH, "simulated");
    classic->binding.assurance = ASSURANCE_SIMULATED;
    expect(ERR_OK, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(takes_what_fits, begin, end),
        cmocka_unit_test_setup_teardown(refuses_another_key, begin, end),
        cmocka_unit_test_setup_teardown(refuses_another_epoch_or_assurance, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
