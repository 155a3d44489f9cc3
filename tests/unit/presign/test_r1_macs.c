/* What R1s of the shared classic key have for each other node: a MAC that none but the two
 * could have made (docs/wire.md 3.6). */
#include "testing.h"

#include "base/hex.h"
#include "enclave/presign/r1_macs.h"

#include <stdlib.h>
#include <string.h>

#define NODES 5
#define T 3

static struct work_stack *stack;
static struct r1_macs macs[NODES];
static struct r2_head head;
static uint8_t r1s[T * R1_PROVEN_LEN];

static int setup(void **state)
{
    (void)state;
    stack = aligned_alloc(_Alignof(struct work_stack), sizeof *stack);
    assert_non_null(stack);
    work_stack_init(stack);
    for (unsigned i = 0; i < NODES; i++) {
        r1_macs_init(&macs[i], i);
        for (unsigned j = 0; j < NODES; j++) {
            const uint8_t key[R1_MAC_KEY_LEN] = {(uint8_t)(1U << i | 1U << j)};

            r1_macs_meet(&macs[i], j, key);
        }
    }
    head = (struct r2_head){.key = KEY_CLASSIC, .t = T, .signers = {1, 3, 4}};
    for (unsigned i = 0; i < T; i++) {
        uint8_t *const r1 = r1s + (size_t)i * R1_PROVEN_LEN;

        memset(r1, 0xb0, R1_BODY_LEN);
        r1[0] = (uint8_t)i;
        assert_int_equal(r1_macs_write(&macs[head.signers[i] - 1], stack, r1), ERR_OK);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(stack);
    return 0;
}

static enum err check(unsigned node)
{
    return r1_macs_check(&macs[node], stack, &head, (struct view){r1s, sizeof r1s});
}

static void each_signer_takes_the_others(void **state)
{
    (void)state;
    for (unsigned i = 0; i < T; i++) {
        assert_int_equal(check(head.signers[i] - 1U), ERR_OK);
    }
}

/* Golden: docs/wire.md 3.6. */
static void it_has_these_bytes(void **state)
{
    static const uint8_t zero[R1_MAC_LEN];
    uint8_t r1[R1_PROVEN_LEN];
    uint8_t want[R1_MAC_LEN];
    uint8_t maced[R1_MACED_LEN];
    size_t n = 0;

    (void)state;
    memset(r1, 0xb0, sizeof r1);
    r1_maced(r1, maced);
    assert_memory_equal(maced, "quorate-r1-mac-v1\xb0", 18);
    assert_int_equal(maced[R1_MACED_LEN - 1], 0xb0);
    assert_int_equal(r1_macs_write(&macs[0], stack, r1), ERR_OK);
    assert_memory_equal(r1 + R1_BODY_LEN, zero, sizeof zero); /* its own place */
    assert_memory_equal(r1 + R1_BODY_LEN + (size_t)NODES * R1_MAC_LEN, zero, sizeof zero);
    assert_int_equal(hex_parse("9372200527e3225e3fbbae3d5f7bd0cc", want, sizeof want, &n),
                     ERR_OK);
    assert_memory_equal(r1 + R1_BODY_LEN + R1_MAC_LEN, want, sizeof want);
}

/* Any byte of the body or of the MAC for that node; not those of the MACs for others, nor what
 * it said itself. */
static void another_byte_is_nobodys_word(void **state)
{
    const size_t mine = R1_PROVEN_LEN + R1_BODY_LEN; /* of the second, for place 0 */

    (void)state;
    for (size_t at = 0; at < R1_PROVEN_LEN; at++) {
        const size_t place = R1_PROVEN_LEN + at;
        const bool looked_at = at < R1_BODY_LEN || (place >= mine && place < mine + R1_MAC_LEN);

        r1s[place] ^= 1;
        assert_int_equal(check(0), looked_at ? ERR_SIGNATURE : ERR_OK);
        r1s[place] ^= 1;
        r1s[at] ^= 1;
        assert_int_equal(check(0), ERR_OK); /* it is in its table */
        r1s[at] ^= 1;
    }
}

/* One says that another said it, with the key that it has of the verifier, or of that other. */
static void nobody_speaks_for_another(void **state)
{
    uint8_t *const r1 = r1s + R1_PROVEN_LEN; /* of place 2 */
    uint8_t other[R1_PROVEN_LEN];
    uint8_t key[R1_MAC_KEY_LEN];

    (void)state;
    memcpy(other, r1, sizeof other);
    assert_int_equal(r1_macs_write(&macs[3], stack, other), ERR_OK);
    memcpy(r1, other, sizeof other);
    assert_int_equal(check(0), ERR_SIGNATURE);
    for (unsigned i = 0; i < R1_MACS_MAX; i++) { /* no MAC of it fits elsewhere either */
        memcpy(r1 + R1_BODY_LEN, other + R1_BODY_LEN + (size_t)i * R1_MAC_LEN, R1_MAC_LEN);
        assert_int_equal(check(0), ERR_SIGNATURE);
    }
    memcpy(key, macs[3].key[2], sizeof key);
    r1_macs_meet(&macs[3], 0, key); /* what the two have with each other */
    assert_int_equal(r1_macs_write(&macs[3], stack, r1), ERR_OK);
    assert_int_equal(check(0), ERR_SIGNATURE);
}

static void without_a_key_it_is_refused(void **state)
{
    static const uint8_t zero[R1_MAC_LEN];
    uint8_t *const r1 = r1s + R1_PROVEN_LEN;
    uint8_t key[R1_MAC_KEY_LEN] = {0};
    struct r1_macs host;

    (void)state;
    r1_macs_forget(&macs[0], 2);
    assert_memory_equal(macs[0].key[2], key, sizeof key);
    assert_int_equal(check(0), ERR_SIGNATURE); /* whatever stands there */
    memset(r1 + R1_BODY_LEN, 0, R1_MACS_LEN);
    assert_int_equal(check(0), ERR_SIGNATURE);
    r1_macs_init(&host, 2); /* anybody could know a key of zeros */
    r1_macs_meet(&host, 0, key);
    assert_int_equal(r1_macs_write(&host, stack, r1), ERR_OK);
    assert_int_equal(check(0), ERR_SIGNATURE);
    assert_int_equal(r1_macs_write(&macs[0], stack, r1s), ERR_OK);
    assert_memory_equal(r1s + R1_BODY_LEN + (size_t)2 * R1_MAC_LEN, zero, sizeof zero);
    key[0] = 0x99; /* another process, with another key */
    r1_macs_meet(&macs[0], 2, key);
    assert_int_equal(r1_macs_write(&macs[2], stack, r1), ERR_OK);
    assert_int_equal(check(0), ERR_SIGNATURE);
    r1_macs_meet(&macs[2], 0, key);
    assert_int_equal(r1_macs_write(&macs[2], stack, r1), ERR_OK);
    assert_int_equal(check(0), ERR_OK);
}

static void what_has_no_place_is_refused(void **state)
{
    const uint8_t key[R1_MAC_KEY_LEN] = {1};

    (void)state;
    head.signers[2] = R1_MACS_MAX + 1;
    assert_int_equal(check(0), ERR_RANGE);
    head.signers[2] = 0;
    assert_int_equal(check(0), ERR_RANGE);
    head.signers[2] = 6; /* there is no such node */
    assert_int_equal(check(0), ERR_SIGNATURE);
    head.t = 2;
    assert_int_equal(check(0), ERR_LENGTH);
    r1_macs_meet(&macs[0], 0, key);
    r1_macs_meet(&macs[0], R1_MACS_MAX, key);
    r1_macs_forget(&macs[0], R1_MACS_MAX);
    assert_false(macs[0].known[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_signer_takes_the_others, setup, tear_down),
        cmocka_unit_test_setup_teardown(it_has_these_bytes, setup, tear_down),
        cmocka_unit_test_setup_teardown(another_byte_is_nobodys_word, setup, tear_down),
        cmocka_unit_test_setup_teardown(nobody_speaks_for_another, setup, tear_down),
        cmocka_unit_test_setup_teardown(without_a_key_it_is_refused, setup, tear_down),
        cmocka_unit_test_setup_teardown(what_has_no_place_is_refused, setup, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
