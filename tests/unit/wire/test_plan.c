#include "plan_kit.h"
#include "testing.h"

#include "base/hex.h"
#include "crypto/hash.h"

static struct plan_kit kit;

static int make(void **state)
{
    (void)state;
    return plan_kit_make(&kit, 3, 5) == ERR_OK ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    plan_kit_free(&kit);
    return 0;
}

/* What the kit's plan gives after one change. */
static enum err decode_again(void)
{
    struct plan p;

    assert_int_equal(plan_kit_encode(&kit), ERR_OK);
    return plan_decode(kit.encoded, &p);
}

static void one_encoding(void **state)
{
    static uint8_t again[PLAN_MAX + 1];
    struct writer w = wr_init(again, sizeof again);
    struct plan p;
    struct view out;

    (void)state;
    assert_int_equal(plan_decode(kit.encoded, &p), ERR_OK);
    plan_encode(&w, &p);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_true(view_equal(out, kit.encoded));
    for (size_t n = 0; n < out.n; n++) {
        uint8_t *cut = malloc(n + 1);

        assert_non_null(cut);
        memcpy(cut, out.p, n);
        assert_true(plan_decode((struct view){cut, n}, &p) != ERR_OK);
        assert_int_equal(p.total, 0);
        free(cut);
    }
    again[out.n] = 0;
    assert_int_equal(plan_decode((struct view){again, out.n + 1}, &p), ERR_TRAILING);
}

static void numbers_are_bounded(void **state)
{
    struct plan *p = &kit.plan;

    (void)state;
    p->threshold = 1;
    assert_int_equal(decode_again(), ERR_RANGE);
    p->threshold = 6;
    assert_int_equal(decode_again(), ERR_RANGE);
    p->threshold = 3;
    p->level = 87;
    assert_int_equal(decode_again(), ERR_RANGE);
    p->level = PLAN_LEVEL_65;
    p->assurance = 2;
    assert_int_equal(decode_again(), ERR_RANGE);
    p->assurance = PLAN_SIMULATED;
    p->orders_needed = 3;
    assert_int_equal(decode_again(), ERR_RANGE);
    p->orders_needed = 1;
    p->repetitions_refuse++;
    assert_int_equal(decode_again(), ERR_RANGE);
    p->repetitions_refuse = p->repetitions_warn - 1;
    assert_int_equal(decode_again(), ERR_RANGE);
    p->repetitions_refuse = PLAN_REPETITIONS_MAX;
    p->policies[0].number = 0;
    assert_int_equal(decode_again(), ERR_RANGE);
    p->policies[0].number = 2;
    p->policies[0].key = KEY_DUAL;
    assert_int_equal(decode_again(), ERR_RANGE);
    p->policies[0].key = KEY_PQ;
    assert_int_equal(decode_again(), ERR_OK);
}

/* Its version says so, and three sign. */
static void a_p384_key_may_be_shared(void **state)
{
    struct plan *p = &kit.plan;
    struct plan out;

    (void)state;
    p->classic = PLAN_CLASSIC_SHARED;
    assert_int_equal(decode_again(), ERR_OK);
    assert_int_equal(kit.bytes[0], PLAN_VERSION_SHARED);
    assert_int_equal(plan_decode(kit.encoded, &out), ERR_OK);
    assert_int_equal(out.classic, PLAN_CLASSIC_SHARED);
    p->threshold = 2;
    assert_int_equal(decode_again(), ERR_RANGE);
    p->threshold = 3;
    p->classic = PLAN_CLASSIC_NODE;
    assert_int_equal(decode_again(), ERR_OK);
    assert_int_equal(plan_decode(kit.encoded, &out), ERR_OK);
    assert_int_equal(out.classic, PLAN_CLASSIC_NODE);
}

static void nodes_are_bounded(void **state)
{
    struct plan_node *n = &kit.plan.nodes[1];
    struct plan_node good = *n;

    (void)state;
    n->name = plan_kit_text("");
    assert_int_equal(decode_again(), ERR_RANGE);
    n->name = plan_kit_text("a b");
    assert_int_equal(decode_again(), ERR_RANGE);
    n->name = plan_kit_text("n0");
    assert_int_equal(decode_again(), ERR_ENCODING);
    *n = good;
    n->listen = plan_kit_text("a\n");
    assert_int_equal(decode_again(), ERR_RANGE);
    *n = good;
    const struct plan_node *const first = &kit.plan.nodes[0];
    struct plan p;

    assert_int_equal(decode_again(), ERR_OK);
    kit.bytes[5 + 1 + first->name.n + 97 + 32 + 32 + 1 + first->listen.n] = 1; /* evidence */
    assert_int_equal(plan_decode(kit.encoded, &p), ERR_RANGE);
    n->identity[50] ^= 1;
    assert_int_equal(decode_again(), ERR_RANGE);
    *n = good;
    memcpy(n->identity, kit.plan.nodes[0].identity, sizeof n->identity);
    assert_int_equal(decode_again(), ERR_ENCODING);
    *n = good;
    memcpy(n->signing_key, kit.plan.nodes[0].signing_key, sizeof n->signing_key);
    assert_int_equal(decode_again(), ERR_ENCODING);
    *n = good;
    memcpy(n->boot_nonce, kit.plan.nodes[0].boot_nonce, sizeof n->boot_nonce);
    assert_int_equal(decode_again(), ERR_ENCODING);
    *n = good;
    assert_int_equal(decode_again(), ERR_OK);
}

/* Every character alone, and the lengths. */
static void names_and_labels_have_few_characters(void **state)
{
    struct plan_node *const n = &kit.plan.nodes[1];
    const struct plan_node good = *n;
    uint8_t text[PLAN_LISTEN_MAX + PLAN_NAME_MAX + 1];

    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        const bool alone = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '-';

        text[0] = (uint8_t)c;
        n->name = (struct view){text, 1};
        assert_int_equal(decode_again(), alone ? ERR_OK : ERR_RANGE);
        n->name = good.name;
        n->listen = (struct view){text, 1};
        assert_int_equal(decode_again(), c > ' ' && c < 0x7f ? ERR_OK : ERR_RANGE);
        n->listen = good.listen;
    }
    memset(text, 'x', sizeof text);
    n->name = (struct view){text, PLAN_NAME_MAX};
    assert_int_equal(decode_again(), ERR_OK);
    n->name.n++;
    assert_int_equal(decode_again(), ERR_RANGE);
    n->name = good.name;
    n->listen = (struct view){text, PLAN_LISTEN_MAX};
    assert_int_equal(decode_again(), ERR_OK);
    n->listen.n++;
    assert_int_equal(decode_again(), ERR_RANGE);
    n->listen.n = 0;
    assert_int_equal(decode_again(), ERR_RANGE);
    *n = good;
}

/* Counts that no array has, before anything is read by them. */
static void counts_are_bounded(void **state)
{
    struct plan p;
    size_t end = 0;

    (void)state;
    kit.plan.operators[1][50] ^= 1;
    assert_int_equal(decode_again(), ERR_RANGE);
    kit.plan.operators[1][50] ^= 1;
    kit.plan.n_operators = 0;
    kit.plan.orders_needed = 0;
    kit.plan.n_policies = 0;
    assert_int_equal(decode_again(), ERR_OK);
    end = kit.encoded.n -
          2 * sizeof(uint64_t); /* counts of operators and policies stand before */
    kit.bytes[end - 2] = PLAN_OPERATORS_MAX + 1;
    assert_int_equal(plan_decode(kit.encoded, &p), ERR_RANGE);
    kit.bytes[end - 2] = 0;
    kit.bytes[end - 1] = WIRE_POLICIES_MAX + 1;
    assert_int_equal(plan_decode(kit.encoded, &p), ERR_RANGE);
    kit.bytes[end - 1] = 0;
    assert_int_equal(plan_decode(kit.encoded, &p), ERR_OK);
    kit.bytes[2] = PLAN_NODES_MAX + 1;
    assert_int_equal(plan_decode(kit.encoded, &p), ERR_RANGE);
    kit.bytes[2] = 5;
    kit.bytes[0] = 0x7f;
    assert_int_equal(plan_decode(kit.encoded, &p), ERR_VERSION);
}

static void lists_ascend(void **state)
{
    struct plan *p = &kit.plan;
    uint8_t first[P384_PUBLIC_LEN];

    (void)state;
    memcpy(first, p->operators[0], sizeof first);
    memcpy(p->operators[0], p->operators[1], sizeof first);
    assert_int_equal(decode_again(), ERR_ENCODING);
    memcpy(p->operators[1], first, sizeof first);
    assert_int_equal(decode_again(), ERR_ENCODING);
    memcpy(p->operators[1], p->operators[0], sizeof first);
    memcpy(p->operators[0], first, sizeof first);
    assert_int_equal(decode_again(), ERR_OK);
    p->policies[1] = p->policies[0];
    p->n_policies = 2;
    assert_int_equal(decode_again(), ERR_ENCODING);
    p->n_policies = 1;
    assert_int_equal(plan_kit_encode(&kit), ERR_OK);
}

/* epoch_id by hand: the identities and boot nonces in ascending order, whatever the plan's. */
static void epoch_id_is_what_the_page_says(void **state)
{
    static const char label[] = "quorate-epoch-v1";
    const uint8_t nonce[PLAN_NONCE_LEN] = {9};
    uint8_t want[EPOCH_ID_LEN];
    uint8_t got[EPOCH_ID_LEN];
    struct hash_state h;
    uint8_t previous[P384_PUBLIC_LEN] = {0};

    (void)state;
    hash_init(&h, HASH_SHA384);
    hash_update(&h, label, sizeof label - 1);
    hash_update_field(&h, kit.encoded.p, kit.encoded.n);
    for (size_t i = 0; i < 5; i++) {
        const uint8_t *least = NULL;

        for (size_t j = 0; j < 5; j++) {
            const uint8_t *one = kit.plan.nodes[j].identity;

            if (memcmp(one, previous, sizeof previous) > 0 &&
                (least == NULL || memcmp(one, least, sizeof previous) < 0)) {
                least = one;
            }
        }
        assert_non_null(least);
        hash_update_field(&h, least, P384_PUBLIC_LEN);
        memcpy(previous, least, sizeof previous);
    }
    for (size_t i = 5; i-- > 0;) { /* the kit's boot nonces descend */
        hash_update_field(&h, kit.plan.nodes[i].boot_nonce, PLAN_NONCE_LEN);
    }
    hash_update_field(&h, nonce, sizeof nonce);
    hash_final(&h, want);
    plan_epoch_id(kit.encoded, &kit.plan, nonce, got);
    assert_memory_equal(got, want, sizeof want);
}

/* The hashes that docs/wire.md shows for the plan of the kit. */
static void golden_hashes_hold(void **state)
{
    const uint8_t nonce[PLAN_NONCE_LEN] = {0};
    uint8_t out[PLAN_HASH_LEN];
    char text[2 * PLAN_HASH_LEN + 1];

    (void)state;
    plan_hash(kit.encoded, out);
    hex_write((struct view){out, sizeof out}, text);
    assert_string_equal(text, "04837c8a01a740d08f98d7ef9158a765dfabe954886203f2"
                              "88ec4444d59380b328e809e6a82f7daa48d1535a7fbd4609");
    plan_epoch_id(kit.encoded, &kit.plan, nonce, out);
    hex_write((struct view){out, sizeof out}, text);
    assert_string_equal(text, "3899bee25672d5fd6bcdd9e501b627113216fc506abb7a3d"
                              "1dd6d3d9e0fcdc7783e80337d13b96e0f4732be184b20422");
    hex_write((struct view){kit.encoded.p, 8}, text);
    assert_string_equal(text, "0103054101026e30");
    assert_int_equal(kit.encoded.n, 1163);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_encoding),
        cmocka_unit_test(numbers_are_bounded),
        cmocka_unit_test(a_p384_key_may_be_shared),
        cmocka_unit_test(nodes_are_bounded),
        cmocka_unit_test(lists_ascend),
        cmocka_unit_test(epoch_id_is_what_the_page_says),
        cmocka_unit_test(golden_hashes_hold),
        cmocka_unit_test(names_and_labels_have_few_characters),
        cmocka_unit_test(counts_are_bounded),
    };

    return cmocka_run_group_tests(tests, make, drop);
}
