#include "p384_fixture.h"

#include "crypto/ecdh_p384.h"
#include "crypto/p384_internal.h"

/* NIST CAVS 14.1, ECC CDH primitive, P-384, COUNT = 0. */
static const char peer_hex[] =
    "04a7c76b970c3b5fe8b05d2838ae04ab47697b9eaf52e764592efda27fe7513272"
    "734466b400091adbf2d68c58e0c50066ac68f19f2e1cb879aed43a9969b91a0839"
    "c4c38a49749b661efedf243451915ed0905a32b060992b468c64766fc8437a";
static const char d_hex[] = "3cc3122a68f0d95027ad38c067916ba0eb8c38894d22e1b15618b6818a661774"
                            "ad463b205da88cf699ab4d43c9cf98a1";
static const char secret_hex[] =
    "5f9d29dc5e31a163060356213669c8ce132e22f57c9a04f40ba7fcead493b457"
    "e5621e766c40a2e3d4d6a04b25e533f1";

static void from_hex(const char *hex, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};

        out[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
}

static void gives_the_known_answer(void **state)
{
    struct p384_signer *s = new_signer(1);
    uint8_t peer[P384_PUBLIC_LEN];
    uint8_t d[P384_SCALAR_LEN];
    uint8_t want[P384_SCALAR_LEN];
    struct ecdh_p384_secret got;
    struct p384_key k;

    (void)state;
    from_hex(peer_hex, peer, sizeof peer);
    from_hex(d_hex, d, sizeof d);
    from_hex(secret_hex, want, sizeof want);
    assert_int_equal(p384_key_from_scalar(s, d, &k), ERR_OK);
    assert_int_equal(ecdh_p384_agree(s, &k, peer, &got), ERR_OK);
    assert_memory_equal(got.x, want, sizeof want);
    free(s);
}

static void agrees_both_ways(void **state)
{
    struct p384_signer *s = new_signer(2);

    (void)state;
    for (int i = 0; i < 20; i++) {
        struct ecdh_p384_secret ab;
        struct ecdh_p384_secret ba;
        struct p384_key a;
        struct p384_key b;

        assert_int_equal(p384_key_generate(s, &a), ERR_OK);
        assert_int_equal(p384_key_generate(s, &b), ERR_OK);
        assert_int_equal(ecdh_p384_agree(s, &a, b.public_key, &ab), ERR_OK);
        assert_int_equal(ecdh_p384_agree(s, &b, a.public_key, &ba), ERR_OK);
        assert_memory_equal(&ab, &ba, sizeof ab);
        assert_memory_not_equal(ab.x, a.public_key + 1, sizeof ab.x);
    }
    free(s);
}

/* Off the curve, coordinates of p or more, compressed, infinity in the room of a point. */
static void refuses_what_is_no_point(void **state)
{
    static const struct ecdh_p384_secret zero;
    struct p384_signer *s = new_signer(3);
    struct ecdh_p384_secret got;
    uint8_t peer[P384_PUBLIC_LEN];
    struct p384_key k;

    (void)state;
    assert_int_equal(p384_key_generate(s, &k), ERR_OK);
    for (size_t i = 0; i < sizeof peer; i++) {
        memcpy(peer, k.public_key, sizeof peer);
        peer[i] ^= 1;
        memset(&got, 0x77, sizeof got);
        assert_int_equal(ecdh_p384_agree(s, &k, peer, &got), i == 0 ? ERR_ENCODING : ERR_RANGE);
        assert_memory_equal(&got, &zero, sizeof got);
    }
    memset(peer, 0, sizeof peer);
    assert_int_equal(ecdh_p384_agree(s, &k, peer, &got), ERR_ENCODING);
    peer[0] = 0x04;
    assert_int_equal(ecdh_p384_agree(s, &k, peer, &got), ERR_RANGE);
    memset(peer + 1, 0xff, sizeof peer - 1);
    assert_int_equal(ecdh_p384_agree(s, &k, peer, &got), ERR_RANGE);
    free(s);
}

/* Neither the secret nor d is left in the signer. */
static void leaves_nothing_behind(void **state)
{
    struct p384_signer *s = new_signer(4);
    struct ecdh_p384_secret got;
    struct p384_key a;
    struct p384_key b;

    (void)state;
    assert_int_equal(p384_key_generate(s, &a), ERR_OK);
    assert_int_equal(p384_key_generate(s, &b), ERR_OK);
    assert_int_equal(ecdh_p384_agree(s, &a, b.public_key, &got), ERR_OK);
    for (size_t i = 0; i < sizeof s->work.stack; i++) {
        assert_int_equal(s->work.stack[i], 0);
    }
    for (size_t i = 0; i < sizeof s->work.arena_memory; i++) {
        assert_int_equal(s->work.arena_memory[i], 0);
    }
    print_message("arena: %zu bytes at most\n", s->work.arena.peak);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_known_answer),
        cmocka_unit_test(agrees_both_ways),
        cmocka_unit_test(refuses_what_is_no_point),
        cmocka_unit_test(leaves_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
