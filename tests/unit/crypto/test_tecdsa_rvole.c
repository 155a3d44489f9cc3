/* Products of two parties: the relations of rows and outputs against the definitions, and the
 * cheats that each party has. */
#include "tecdsa_kit.h"
#include "testing.h"

#include "crypto/tecdsa/tecdsa_gf128.h"
#include "crypto/tecdsa/tecdsa_rvole.h"

/* Of each relation; 10^4 with QUORATE_LONG=1. */
static unsigned runs = 12;

static uint64_t number = 1;
static struct tecdsa_gadget gadget;
static struct tecdsa_setup_bob bob;
static struct tecdsa_setup_alice alice;
static struct tecdsa_ote_scratch ote_scratch;
static struct tecdsa_rvole_scratch rvole_scratch;
static struct tecdsa_rows t, q;
static struct tecdsa_ote_message extension;
static struct tecdsa_rvole_message message;
static uint8_t sid1[TECDSA_HASH_LEN], sid2[TECDSA_HASH_LEN], nonce[TECDSA_NONCE_LEN];
static uint8_t x[TECDSA_COLUMN_LEN];
static struct tecdsa_scalar a[2], c[2], d[2], b;
static const struct tecdsa_ote_of of1 = {sid1, nonce};
static const struct tecdsa_rvole_of of2 = {bob.id, sid2, 1, 2, &gadget};

static bool bit(const uint8_t *bits, unsigned i)
{
    return (bits[i / 8] >> (i % 8) & 1) == 1;
}

static void extend(void)
{
    tecdsa_noise(&number, sid1, sizeof sid1);
    tecdsa_noise(&number, nonce, sizeof nonce);
    tecdsa_noise(&number, x, sizeof x);
    tecdsa_ote_extend(&bob, &of1, x, &ote_scratch, &t, &extension);
}

static void send(void)
{
    struct tecdsa_rvole_inputs inputs;

    tecdsa_noise(&number, sid2, sizeof sid2);
    tecdsa_noise(&number, inputs.seed, sizeof inputs.seed);
    a[0] = inputs.a[0] = tecdsa_noise_scalar(&number);
    a[1] = inputs.a[1] = tecdsa_noise_scalar(&number);
    tecdsa_rvole_send(&of2, &q, alice.delta, &inputs, &rvole_scratch, &message, c);
}

static enum err receive(void)
{
    return tecdsa_rvole_receive(&of2, &t, x, &message, &rvole_scratch, d);
}

static void assert_products(void)
{
    tecdsa_rvole_factor(&gadget, x, &b);
    for (unsigned i = 0; i < 2; i++) {
        struct tecdsa_scalar sum;
        struct tecdsa_scalar product;

        tecdsa_scalar_add(&c[i], &d[i], &sum);
        tecdsa_scalar_mul(&a[i], &b, &product);
        assert_true(tecdsa_scalar_equal(&sum, &product) != 0);
    }
}

/* Q_j = T_j xor beta_j delta, bit after bit. */
static void rows_are_correlated(void **state)
{
    (void)state;
    for (int run = 0; run < 3; run++) {
        extend();
        assert_int_equal(tecdsa_ote_check(&alice, &of1, &extension, &ote_scratch, &q), ERR_OK);
        for (unsigned j = 0; j < TECDSA_XI; j++) {
            for (unsigned col = 0; col < TECDSA_OTS; col++) {
                assert_int_equal(bit(q.row[j], col),
                                 bit(t.row[j], col) ^ (bit(x, j) && bit(alice.delta, col)));
            }
        }
        assert_true(tecdsa_erased(&ote_scratch, sizeof ote_scratch));
    }
}

/* The columns are SHAKE256 of nettle, a row is their bits, and u hides x. */
static void columns_are_those_of_the_definition(void **state)
{
    static const uint8_t prg[] = "TECDSA384-v1\0prg";
    static const uint8_t column[] = "TECDSA384-v1\0column";
    struct shake256 s;
    uint8_t domain[TECDSA_HASH_LEN];

    (void)state;
    extend();
    shake256_init(&s);
    shake256_update(&s, prg, sizeof prg);
    shake256_update_field(&s, bob.id, sizeof bob.id);
    shake256_update_field(&s, sid1, sizeof sid1);
    shake256_update_field(&s, nonce, sizeof nonce);
    shake256_final(&s, domain, sizeof domain);
    for (unsigned col = 0; col < TECDSA_OTS; col += 5) {
        uint8_t out[2][TECDSA_COLUMN_LEN];

        for (int i = 0; i < 2; i++) {
            shake256_update(&s, column, sizeof column);
            shake256_update_field(&s, domain, sizeof domain);
            shake256_update_field(&s, bob.k[i][col], TECDSA_OT_KEY_LEN);
            shake256_final(&s, out[i], sizeof out[i]);
        }
        for (unsigned j = 0; j < TECDSA_XI; j++) {
            assert_int_equal(bit(t.row[j], col), bit(out[0], j));
        }
        for (unsigned i = 0; i < TECDSA_COLUMN_LEN; i++) {
            assert_int_equal(extension.u[col][i], out[0][i] ^ out[1][i] ^ x[i]);
        }
    }
}

/* The cheat of one column, as its author would do it: u of one column is of another x, and the
 * check is computed for the message that is sent. It passes exactly if delta's bit is 0. */
static void one_column_cheat_tells_one_bit_of_delta(void **state)
{
    unsigned caught = 0;

    (void)state;
    for (unsigned run = 0; run < 40; run++) {
        const unsigned col = (run * 29 + 3) % TECDSA_OTS;
        uint8_t chi[80];
        struct tecdsa_hash h;
        struct tecdsa_rows honest;
        enum err e;

        extend();
        honest = t;
        extension.u[col][run % TECDSA_BETA_LEN] ^= 1;
        tecdsa_hash_start(&h, "chi");
        tecdsa_hash_field(&h, bob.id, sizeof bob.id);
        tecdsa_hash_field(&h, sid1, sizeof sid1);
        tecdsa_hash_field(&h, nonce, sizeof nonce);
        tecdsa_hash_field(&h, extension.u, sizeof extension.u);
        tecdsa_hash_finish(&h, chi, sizeof chi);
        tecdsa_gf128_hash(x, chi, 5, extension.x);
        for (unsigned k = 0; k < TECDSA_OTS; k++) { /* F of t0, whose last block he knows too */
            uint8_t t0[TECDSA_COLUMN_LEN] = {0};
            uint8_t pads[4][TECDSA_COLUMN_LEN];
            struct tecdsa_hash_head head;
            uint8_t domain[TECDSA_HASH_LEN];

            tecdsa_hash_start(&h, "prg");
            tecdsa_hash_field(&h, bob.id, sizeof bob.id);
            tecdsa_hash_field(&h, sid1, sizeof sid1);
            tecdsa_hash_field(&h, nonce, sizeof nonce);
            tecdsa_hash_finish(&h, domain, sizeof domain);
            tecdsa_hash_head_start(&head, "column");
            tecdsa_hash_head_field(&head, domain, sizeof domain);
            tecdsa_hash_x4(
                &head,
                (const uint8_t *const[4]){bob.k[0][k], bob.k[0][k], bob.k[0][k], bob.k[0][k]},
                TECDSA_OT_KEY_LEN, (uint8_t *const[4]){pads[0], pads[1], pads[2], pads[3]},
                TECDSA_COLUMN_LEN);
            memcpy(t0, pads[0], sizeof t0);
            tecdsa_gf128_hash(t0, chi, 5, extension.t[k]);
        }
        e = tecdsa_ote_check(&alice, &of1, &extension, &ote_scratch, &q);
        assert_int_equal(e, bit(alice.delta, col) ? ERR_MISMATCH : ERR_OK);
        assert_int_equal(tecdsa_erased(&q, sizeof q), e != ERR_OK);
        assert_true(tecdsa_erased(&ote_scratch, sizeof ote_scratch));
        assert_memory_equal(&honest, &t, sizeof t);
        caught += e != ERR_OK ? 1u : 0u;
    }
    assert_in_range(caught, 8, 32);
}

/* Anything changed on the way, another session, another nonce, another setup. */
static void changed_extensions_are_refused(void **state)
{
    const size_t places[] = {0, 95, 24575, 24576, 24591, 24592, 28687};

    (void)state;
    extend();
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        ((uint8_t *)&extension)[places[i]] ^= 1;
        assert_int_equal(tecdsa_ote_check(&alice, &of1, &extension, &ote_scratch, &q),
                         ERR_MISMATCH);
        ((uint8_t *)&extension)[places[i]] ^= 1;
    }
    sid1[0] ^= 1;
    assert_int_equal(tecdsa_ote_check(&alice, &of1, &extension, &ote_scratch, &q),
                     ERR_MISMATCH);
    sid1[0] ^= 1;
    nonce[31] ^= 1;
    assert_int_equal(tecdsa_ote_check(&alice, &of1, &extension, &ote_scratch, &q),
                     ERR_MISMATCH);
    nonce[31] ^= 1;
    alice.id[0] ^= 1;
    assert_int_equal(tecdsa_ote_check(&alice, &of1, &extension, &ote_scratch, &q),
                     ERR_MISMATCH);
    alice.id[0] ^= 1;
    assert_int_equal(tecdsa_ote_check(&alice, &of1, &extension, &ote_scratch, &q), ERR_OK);
}

static void products_are_shared(void **state)
{
    (void)state;
    for (unsigned run = 0; run < runs; run++) {
        extend();
        assert_int_equal(tecdsa_ote_check(&alice, &of1, &extension, &ote_scratch, &q), ERR_OK);
        send();
        assert_int_equal(receive(), ERR_OK);
        assert_products();
        assert_true(tecdsa_erased(&rvole_scratch, sizeof rvole_scratch));
    }
}

/* Products without the transfers: rows as they would be. */
static void gadget_and_rows_give_products(void **state)
{
    (void)state;
    for (unsigned run = 0; run < runs; run++) {
        tecdsa_noise(&number, x, sizeof x);
        tecdsa_noise(&number, &t, sizeof t);
        for (unsigned j = 0; j < TECDSA_XI; j++) {
            for (unsigned i = 0; i < TECDSA_ROW_LEN; i++) {
                q.row[j][i] = t.row[j][i] ^ (bit(x, j) ? alice.delta[i] : 0);
            }
        }
        send();
        assert_int_equal(receive(), ERR_OK);
        assert_products();
    }
}

/* A second implementation of what Alice sends, from the definitions; in one row one of her
 * inputs may be another by 1. Hashes are nettle's. */
struct slow {
    uint8_t domain[TECDSA_HASH_LEN];
    struct tecdsa_scalar pad[TECDSA_XI][4], full[4];
    struct tecdsa_rvole_message m;
};
static struct slow slow;

static void hash_start(struct shake256 *s, const char *tag)
{
    shake256_init(s);
    shake256_update(s, "TECDSA384-v1", 13);
    shake256_update(s, tag, strlen(tag) + 1);
}

static void slow_pad(unsigned j, bool moved, struct tecdsa_scalar out[4])
{
    struct shake256 s;
    uint8_t in[2 + TECDSA_ROW_LEN] = {(uint8_t)j, (uint8_t)(j >> 8)};
    uint8_t wide[4 * TECDSA_WIDE_LEN];

    for (unsigned i = 0; i < TECDSA_ROW_LEN; i++) {
        in[2 + i] = q.row[j][i] ^ (moved ? alice.delta[i] : 0);
    }
    hash_start(&s, "rot");
    shake256_update_field(&s, slow.domain, sizeof slow.domain);
    shake256_update_field(&s, in, sizeof in);
    shake256_final(&s, wide, sizeof wide);
    for (unsigned i = 0; i < 4; i++) {
        tecdsa_scalar_reduce(wide + i * TECDSA_WIDE_LEN, &out[i]);
    }
}

static struct tecdsa_scalar slow_theta(unsigned i, unsigned k)
{
    struct shake256 s;
    uint8_t sent[TECDSA_HASH_LEN];
    uint8_t wide[TECDSA_WIDE_LEN];
    const uint8_t ik[2] = {(uint8_t)i, (uint8_t)k};
    struct tecdsa_scalar theta;

    hash_start(&s, "sent");
    shake256_update_field(&s, slow.domain, sizeof slow.domain);
    shake256_update_field(&s, slow.m.a, sizeof slow.m.a);
    shake256_final(&s, sent, sizeof sent);
    hash_start(&s, "theta");
    shake256_update_field(&s, sent, sizeof sent);
    shake256_update_field(&s, &ik[0], 1);
    shake256_update_field(&s, &ik[1], 1);
    shake256_final(&s, wide, sizeof wide);
    tecdsa_scalar_reduce(wide, &theta);
    return theta;
}

/* v_{2+k} + theta_{0,k} v_0 + theta_{1,k} v_1 */
static struct tecdsa_scalar slow_joined(const struct tecdsa_scalar v[4],
                                        const struct tecdsa_scalar theta[2][2], unsigned k)
{
    struct tecdsa_scalar sum = v[2 + k];

    for (unsigned i = 0; i < 2; i++) {
        struct tecdsa_scalar product;

        tecdsa_scalar_mul(&theta[i][k], &v[i], &product);
        tecdsa_scalar_add(&sum, &product, &sum);
    }
    return sum;
}

static void slow_inputs(const uint8_t seed[TECDSA_SEED_LEN])
{
    static const uint8_t parties[2] = {1, 2};
    struct shake256 s;
    uint8_t wide[2][TECDSA_WIDE_LEN];

    hash_start(&s, "rvole");
    shake256_update_field(&s, bob.id, sizeof bob.id);
    shake256_update_field(&s, sid2, sizeof sid2);
    shake256_update_field(&s, &parties[0], 1);
    shake256_update_field(&s, &parties[1], 1);
    shake256_final(&s, slow.domain, sizeof slow.domain);
    hash_start(&s, "a-hat");
    shake256_update_field(&s, slow.domain, sizeof slow.domain);
    shake256_update_field(&s, seed, TECDSA_SEED_LEN);
    shake256_final(&s, (uint8_t *)wide, sizeof wide);
    for (unsigned i = 0; i < 2; i++) {
        slow.full[i] = a[i];
        tecdsa_scalar_reduce(wide[i], &slow.full[2 + i]);
    }
}

static void slow_mu(const struct tecdsa_scalar theta[2][2])
{
    static uint8_t checks[TECDSA_XI][2][TECDSA_SCALAR_LEN];
    struct shake256 s;

    for (unsigned j = 0; j < TECDSA_XI; j++) {
        for (unsigned k = 0; k < 2; k++) {
            const struct tecdsa_scalar v = slow_joined(slow.pad[j], theta, k);

            tecdsa_scalar_encode(&v, checks[j][k]);
        }
    }
    hash_start(&s, "mu");
    shake256_update_field(&s, slow.domain, sizeof slow.domain);
    shake256_update_field(&s, checks, sizeof checks);
    shake256_final(&s, slow.m.mu, sizeof slow.m.mu);
}

static void slow_send(const uint8_t seed[TECDSA_SEED_LEN], unsigned cheat_row,
                      unsigned cheat_column)
{
    const struct tecdsa_scalar one = {{1}};
    struct tecdsa_scalar theta[2][2];

    slow_inputs(seed);
    for (unsigned j = 0; j < TECDSA_XI; j++) {
        struct tecdsa_scalar moved[4];

        slow_pad(j, false, slow.pad[j]);
        slow_pad(j, true, moved);
        for (unsigned i = 0; i < 4; i++) {
            struct tecdsa_scalar v;

            tecdsa_scalar_sub(&slow.pad[j][i], &moved[i], &v);
            tecdsa_scalar_add(&v, &slow.full[i], &v);
            if (j == cheat_row && i == cheat_column) {
                tecdsa_scalar_add(&v, &one, &v);
            }
            tecdsa_scalar_encode(&v, slow.m.a[j][i]);
        }
    }
    for (unsigned i = 0; i < 4; i++) {
        theta[i / 2][i % 2] = slow_theta(i / 2, i % 2);
    }
    for (unsigned k = 0; k < 2; k++) {
        const struct tecdsa_scalar v =
            slow_joined(slow.full, (const struct tecdsa_scalar(*)[2])theta, k);

        tecdsa_scalar_encode(&v, slow.m.eta[k]);
    }
    slow_mu((const struct tecdsa_scalar(*)[2])theta);
}

static void sends_what_the_definition_says(void **state)
{
    uint8_t seed[TECDSA_SEED_LEN];
    const uint64_t then = number;

    (void)state;
    extend();
    assert_int_equal(tecdsa_ote_check(&alice, &of1, &extension, &ote_scratch, &q), ERR_OK);
    number = then;
    send();
    number = then; /* the same sid2 and seed again */
    tecdsa_noise(&number, sid2, sizeof sid2);
    tecdsa_noise(&number, seed, sizeof seed);
    slow_send(seed, TECDSA_XI, 0);
    assert_memory_equal(&slow.m, &message, sizeof message);
}

/* One of Alice's inputs is another by 1 in one row, and all else fits it. She passes exactly if
 * Bob's bit there is 0, and then his output is right all the same. */
static void one_row_cheat_tells_one_bit_of_beta(void **state)
{
    uint8_t seed[TECDSA_SEED_LEN];
    unsigned caught = 0;

    (void)state;
    extend();
    assert_int_equal(tecdsa_ote_check(&alice, &of1, &extension, &ote_scratch, &q), ERR_OK);
    for (unsigned run = 0; run < 40; run++) {
        const unsigned j = (run * 97 + 5) % TECDSA_XI;
        const uint64_t then = number;
        enum err e;

        send();
        number = then;
        tecdsa_noise(&number, sid2, sizeof sid2);
        tecdsa_noise(&number, seed, sizeof seed);
        slow_send(seed, j, run % 4);
        message = slow.m;
        e = receive();
        assert_int_equal(e, bit(x, j) ? ERR_MISMATCH : ERR_OK);
        assert_int_equal(tecdsa_erased(d, sizeof d), e != ERR_OK);
        if (e == ERR_OK) {
            assert_products();
        }
        caught += e != ERR_OK ? 1u : 0u;
    }
    assert_in_range(caught, 8, 32);
}

static void changed_products_are_refused(void **state)
{
    const size_t places[] = {47, 122879, 122880 + 47, 122880 + 95, 122976, 123039};

    (void)state;
    extend();
    assert_int_equal(tecdsa_ote_check(&alice, &of1, &extension, &ote_scratch, &q), ERR_OK);
    send();
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        ((uint8_t *)&message)[places[i]] ^= 1;
        assert_int_equal(receive(), ERR_MISMATCH);
        assert_true(tecdsa_erased(d, sizeof d));
        ((uint8_t *)&message)[places[i]] ^= 1;
    }
    sid2[0] ^= 1; /* another session */
    assert_int_equal(receive(), ERR_MISMATCH);
    sid2[0] ^= 1;
    assert_int_equal(receive(), ERR_OK);
    memset(message.a[639][3], 0xff, TECDSA_SCALAR_LEN);
    assert_int_equal(receive(), ERR_RANGE);
    send();
    memset(message.eta[1], 0xff, TECDSA_SCALAR_LEN);
    assert_int_equal(receive(), ERR_RANGE);
}

int main(void)
{
    const char *const value = getenv("QUORATE_LONG");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_correlated),
        cmocka_unit_test(columns_are_those_of_the_definition),
        cmocka_unit_test(one_column_cheat_tells_one_bit_of_delta),
        cmocka_unit_test(changed_extensions_are_refused),
        cmocka_unit_test(products_are_shared),
        cmocka_unit_test(gadget_and_rows_give_products),
        cmocka_unit_test(sends_what_the_definition_says),
        cmocka_unit_test(one_row_cheat_tells_one_bit_of_beta),
        cmocka_unit_test(changed_products_are_refused),
    };

    if (value != NULL && strcmp(value, "1") == 0) {
        runs = 10000;
    }
    tecdsa_gadget_init(&gadget);
    tecdsa_deal_setup(&number, 1, 2, &bob, &alice);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
