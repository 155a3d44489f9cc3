/* Operators sign orders with keys in PEM, as OpenSSL makes them. */
#include "openssl_evp.h"
#include "reenrol_kit.h"
#include "testing.h"

#include "host/ceremony/order_file.h"
#include "host/ceremony/platform_list.h"

static struct plan_kit kit;
static const uint8_t epoch_id[EPOCH_ID_LEN] = {1};
static char pem[2][1024];

static struct view make_key(const char *curve, char *out)
{
    EVP_PKEY *const key = EVP_EC_gen(curve);
    BIO *const bio = BIO_new(BIO_s_mem());
    char *text = NULL;

    assert_non_null(key);
    assert_int_equal(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    const size_t n = (size_t)BIO_get_mem_data(bio, &text);

    assert_true(n < sizeof pem[0]);
    memcpy(out, text, n);
    BIO_free(bio);
    EVP_PKEY_free(key);
    return (struct view){(const uint8_t *)out, n};
}

static enum err sign(struct reenrol_order *o, struct view key)
{
    uint8_t body[REENROL_BODY_LEN];
    struct writer w = wr_init(body, sizeof body);

    reenrol_body_encode(&w, o);
    return order_sign(&(struct order_signed){{body, w.len}, o->signatures, &o->n}, &kit.plan,
                      key);
}

static void operators_sign_one_after_the_other(void **state)
{
    const struct view keys[2] = {make_key("P-384", pem[0]), make_key("P-384", pem[1])};
    uint8_t public_key[2][P384_PUBLIC_LEN];
    struct reenrol_order o;

    (void)state;
    assert_int_equal(plan_kit_make(&kit, 3, 5), ERR_OK);
    assert_int_equal(order_public(keys[0], public_key[0]), ERR_OK);
    assert_int_equal(order_public(keys[1], public_key[1]), ERR_OK);
    const size_t first = memcmp(public_key[0], public_key[1], P384_PUBLIC_LEN) < 0 ? 0 : 1;

    memcpy(kit.plan.operators[0], public_key[first], P384_PUBLIC_LEN);
    memcpy(kit.plan.operators[1], public_key[1 - first], P384_PUBLIC_LEN);
    kit.plan.orders_needed = 2;
    assert_int_equal(reenrol_kit_order(&kit, epoch_id, 4, 1, 0, &o), ERR_OK);
    assert_int_equal(sign(&o, keys[1 - first]), ERR_OK);
    assert_int_equal(o.n, 1);
    assert_int_equal(o.signatures[0].place, 1);
    assert_int_equal(reenrol_order_judge(&o, &kit.plan, epoch_id), ERR_QUORUM);
    assert_int_equal(sign(&o, keys[first]), ERR_OK);
    assert_int_equal(sign(&o, keys[1 - first]), ERR_OK); /* replaced */
    assert_int_equal(o.n, 2);
    assert_int_equal(o.signatures[0].place, 0);
    assert_int_equal(reenrol_order_judge(&o, &kit.plan, epoch_id), ERR_OK);
    plan_kit_free(&kit);
}

static void other_keys_are_refused(void **state)
{
    const struct view stranger = make_key("P-384", pem[0]);
    const struct view other = make_key("P-256", pem[1]);
    static const char none[] = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    uint8_t public_key[P384_PUBLIC_LEN];
    struct reenrol_order o;

    (void)state;
    assert_int_equal(plan_kit_make(&kit, 3, 5), ERR_OK);
    assert_int_equal(reenrol_kit_order(&kit, epoch_id, 4, 1, 1, &o), ERR_OK);
    assert_int_equal(sign(&o, stranger), ERR_MISMATCH);
    assert_int_equal(sign(&o, other), ERR_ENCODING);
    assert_int_equal(sign(&o, plan_kit_text(none)), ERR_ENCODING);
    assert_int_equal(sign(&o, (struct view){NULL, 0}), ERR_ENCODING);
    assert_int_equal(order_public(other, public_key), ERR_ENCODING);
    assert_int_equal(o.n, 1);
    assert_int_equal(reenrol_order_judge(&o, &kit.plan, epoch_id), ERR_OK);
    plan_kit_free(&kit);
}

/* On which machine: said by people where the plan lists several. */
static void a_machine_is_chosen_among_those_of_the_plan(void **state)
{
    static char hex[2][2 * PLAN_PLATFORM_LEN + 1];
    uint8_t ids[2][PLAN_PLATFORM_LEN];
    uint8_t out[PLAN_PLATFORM_LEN];
    struct plan_node node = {.platforms = {ids[0], sizeof ids}};

    (void)state;
    memset(ids[0], 0x11, sizeof ids[0]);
    memset(ids[1], 0x22, sizeof ids[1]);
    memset(hex[0], '2', 2 * PLAN_PLATFORM_LEN);
    memset(hex[1], '3', 2 * PLAN_PLATFORM_LEN);
    assert_int_equal(platform_choose(&node, NULL, out), ERR_RANGE);
    assert_int_equal(platform_choose(&node, hex[0], out), ERR_OK);
    assert_memory_equal(out, ids[1], sizeof out);
    assert_int_equal(platform_choose(&node, hex[1], out), ERR_MISMATCH);
    assert_int_equal(platform_choose(&node, "22", out), ERR_ENCODING);
    assert_int_equal(platform_choose(&node, "", out), ERR_ENCODING);
    node.platforms.n = PLAN_PLATFORM_LEN;
    assert_int_equal(platform_choose(&node, NULL, out), ERR_OK);
    assert_memory_equal(out, ids[0], sizeof out);
    assert_int_equal(platform_choose(&node, hex[0], out), ERR_MISMATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_sign_one_after_the_other),
        cmocka_unit_test(other_keys_are_refused),
        cmocka_unit_test(a_machine_is_chosen_among_those_of_the_plan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
