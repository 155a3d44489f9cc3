#include "testing.h"
#include "vector_file.h"

#include "crypto/hash.h"
#include "crypto/p384.h"

#include <gmp.h>
#include <string.h>

#define MESSAGE_LIMIT 8192

struct tally {
    size_t valid, refused_der, refused_range, refused_verify, gives_d_away;
};

/* One INTEGER: strict DER, not negative, into 48 bytes. ERR_RANGE: it is longer. */
static enum err read_integer(struct reader *r, uint8_t out[P384_SCALAR_LEN])
{
    uint8_t tag;
    uint8_t len;
    struct view v;

    TRY(rd_u8(r, &tag));
    TRY(rd_u8(r, &len));
    if (tag != 0x02 || len == 0 || len > 0x7f) {
        return ERR_ENCODING;
    }
    TRY(rd_take(r, len, &v));
    if (v.p[0] & 0x80 || (v.n > 1 && v.p[0] == 0 && !(v.p[1] & 0x80))) {
        return ERR_ENCODING;
    }
    if (v.p[0] == 0) {
        v.p++;
        v.n--;
    }
    if (v.n > P384_SCALAR_LEN) {
        return ERR_RANGE;
    }
    memset(out, 0, P384_SCALAR_LEN);
    if (v.n > 0) {
        memcpy(out + P384_SCALAR_LEN - v.n, v.p, v.n);
    }
    return ERR_OK;
}

/* Ecdsa-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }, RFC 3279 2.2.3. */
static enum err read_sig(struct view der, uint8_t out[P384_SIG_LEN])
{
    struct reader r = rd_init(der);
    uint8_t tag;
    uint8_t len;
    enum err first;
    enum err second;

    TRY(rd_u8(&r, &tag));
    TRY(rd_u8(&r, &len));
    if (tag == 0x30 && len == 0x81) {
        TRY(rd_u8(&r, &len));
        if (len < 0x80) {
            return ERR_ENCODING;
        }
    } else if (tag != 0x30 || len > 0x7f) {
        return ERR_ENCODING;
    }
    if (r.n != len) {
        return ERR_LENGTH;
    }
    first = read_integer(&r, out);
    if (first != ERR_OK && first != ERR_RANGE) {
        return first;
    }
    second = read_integer(&r, out + P384_SCALAR_LEN);
    if (second != ERR_OK) {
        return second;
    }
    TRY(rd_finish(&r));
    return first;
}

/* Whether the signature gives the private key away: d = h / r mod n. */
static bool gives_d_away(const uint8_t *public_key, const uint8_t *digest, const uint8_t *sig)
{
    static const uint8_t seed[DRBG_SEED_LEN];
    static const char order[] = "ffffffffffffffffffffffffffffffffffffffffffffffff"
                                "c7634d81f4372ddf581a0db248b0a77aecec196accc52973";
    void *memory = aligned_alloc(4096, p384_signer_size());
    struct p384_signer *s;
    struct p384_key key = {0};
    uint8_t d[P384_SCALAR_LEN] = {0};
    mpz_t n;
    mpz_t h;
    mpz_t r;
    bool same;

    assert_int_equal(p384_signer_init(memory, seed, &s), ERR_OK);
    mpz_init_set_str(n, order, 16);
    mpz_inits(h, r, NULL);
    mpz_import(h, P384_DIGEST_LEN, 1, 1, 1, 0, digest);
    mpz_import(r, P384_SCALAR_LEN, 1, 1, 1, 0, sig);
    mpz_invert(r, r, n);
    mpz_mul(h, h, r);
    mpz_mod(h, h, n);
    mpz_export(d + P384_SCALAR_LEN - (mpz_sizeinbase(h, 2) + 7) / 8, NULL, 1, 1, 1, 0, h);
    mpz_clears(n, h, r, NULL);
    same = p384_key_from_scalar(s, d, &key) == ERR_OK &&
           memcmp(key.public_key, public_key, P384_PUBLIC_LEN) == 0;
    free(memory);
    return same;
}

static void check(const json_t *test, const uint8_t *public_key, enum hash_alg alg,
                  struct tally *t)
{
    const bool valid = strcmp(vector_text(test, "result"), "valid") == 0;
    static uint8_t message[MESSAGE_LIMIT];
    static uint8_t der[MESSAGE_LIMIT];
    uint8_t digest[HASH_MAX];
    uint8_t sig[P384_SIG_LEN];
    struct view v = {message, vector_bytes(test, "msg", message, sizeof message)};
    enum err e;

    /* A longer digest counts with its leftmost 384 bits, FIPS 186-5 6.4.1. */
    hash_once(alg, v, digest);
    e = read_sig((struct view){der, vector_bytes(test, "sig", der, sizeof der)}, sig);
    if (e == ERR_RANGE) {
        t->refused_range++;
    } else if (e != ERR_OK) {
        t->refused_der++;
    } else {
        e = p384_verify(public_key, digest, sig);
        t->refused_verify += e != ERR_OK;
    }
    if (valid && e == ERR_SIGNATURE && gives_d_away(public_key, digest, sig)) {
        t->gives_d_away++; /* p384_verify() says that it refuses these */
        return;
    }
    t->valid += e == ERR_OK;
    if ((e == ERR_OK) != valid) {
        fail_msg("tcId %d (%s): %s, want %s",
                 (int)json_integer_value(json_object_get(test, "tcId")),
                 vector_text(test, "comment"), err_name(e), vector_text(test, "result"));
    }
}

static void check_file(const char *path, enum hash_alg alg, const struct tally *want)
{
    json_t *root = vector_file(path);
    const json_t *group;
    const json_t *test;
    size_t i;
    size_t j;
    struct tally t = {0};

    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        uint8_t public_key[P384_PUBLIC_LEN];

        assert_int_equal(vector_bytes(json_object_get(group, "publicKey"), "uncompressed",
                                      public_key, sizeof public_key),
                         P384_PUBLIC_LEN);
        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            check(test, public_key, alg, &t);
        }
    }
    json_decref(root);
    print_message("%s: %zu valid; refused: %zu as not DER, %zu as over 48 bytes, %zu by "
                  "p384_verify, %zu of these because they give d away\n",
                  path, t.valid, t.refused_der, t.refused_range, t.refused_verify,
                  t.gives_d_away);
    assert_memory_equal(&t, want, sizeof t);
}

/* InvalidEncoding, BerEncodedSignature, InvalidTypesInSignature and MissingZero are cases of
 * DER: the decoder above refuses them, and p384_verify() never sees them. */
static void sha384_file_gives_the_expected_results(void **state)
{
    const struct tally want = {193, 221, 14, 76, 1};

    (void)state;
    check_file("02-ecdsa-p384/ecdsa_secp384r1_sha384_test.json", HASH_SHA384, &want);
}

static void sha512_file_gives_the_expected_results(void **state)
{
    const struct tally want = {230, 221, 15, 76, 1};

    (void)state;
    check_file("02-ecdsa-p384/ecdsa_secp384r1_sha512_test.json", HASH_SHA512, &want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha384_file_gives_the_expected_results),
        cmocka_unit_test(sha512_file_gives_the_expected_results),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
