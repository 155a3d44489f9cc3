#include "testing.h"

#include "base/hex.h"
#include "crypto/hash.h"
#include "wire/evidence.h"
#include "wire/report_data.h"

#include <stdlib.h>
#include <string.h>

static uint8_t bytes[EVIDENCE_MAX + 1];

static struct view text(const char *t)
{
    return (struct view){(const uint8_t *)t, strlen(t)};
}

/* A block of three parts. */
static struct view make(void)
{
    struct writer w = wr_init(bytes, sizeof bytes);
    struct evidence e = {.format = EVIDENCE_SNP};
    struct view out;

    e.part[EVIDENCE_REPORT - 1] = text("report");
    e.part[EVIDENCE_VEK - 1] = text("vek");
    e.part[EVIDENCE_COLLATERAL - 1] = text("c");
    evidence_encode(&w, &e);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    return out;
}

static enum err decode(size_t n)
{
    struct evidence e;
    const enum err got = evidence_decode((struct view){bytes, n}, &e);

    if (got != ERR_OK) {
        const struct evidence zero = {0};

        assert_memory_equal(&e, &zero, sizeof e);
    }
    return got;
}

static void golden_block(void **state)
{
    const struct view block = make();
    char hex[2 * 64 + 1];
    struct evidence e;

    (void)state;
    hex_write(block, hex);
    assert_string_equal(hex, "010103"
                             "01060000007265706f7274"
                             "020300000076656b"
                             "080100000063");
    assert_int_equal(evidence_decode(block, &e), ERR_OK);
    assert_int_equal(e.format, EVIDENCE_SNP);
    assert_true(view_equal(evidence_part(&e, EVIDENCE_REPORT), text("report")));
    assert_true(view_equal(evidence_part(&e, EVIDENCE_VEK), text("vek")));
    assert_int_equal(evidence_part(&e, EVIDENCE_ASK).n, 0);
    assert_true(view_equal(evidence_part(&e, EVIDENCE_COLLATERAL), text("c")));
}

static void every_prefix_is_refused(void **state)
{
    const struct view block = make();
    struct evidence e;

    (void)state;
    for (size_t n = 0; n < block.n; n++) {
        uint8_t *const cut = malloc(n + 1);

        assert_non_null(cut);
        memcpy(cut, block.p, n);
        assert_int_equal(evidence_decode((struct view){cut, n}, &e), ERR_TRUNCATED);
        free(cut);
    }
    assert_int_equal(decode(block.n + 1), ERR_TRAILING);
}

static void a_block_has_one_encoding(void **state)
{
    const size_t n = make().n;

    (void)state;
    bytes[0] = 2;
    assert_int_equal(decode(n), ERR_VERSION);
    bytes[0] = 1;
    bytes[1] = 0;
    assert_int_equal(decode(n), ERR_RANGE);
    bytes[1] = 4;
    assert_int_equal(decode(n), ERR_RANGE);
    bytes[1] = 3;
    assert_int_equal(decode(n), ERR_OK);
    bytes[2] = 0;
    assert_int_equal(decode(n), ERR_RANGE);
    bytes[2] = EVIDENCE_KINDS + 1;
    assert_int_equal(decode(n), ERR_RANGE);
    bytes[2] = 3;
    bytes[14] = 1; /* the second part is a report again */
    assert_int_equal(decode(n), ERR_ENCODING);
    bytes[14] = 8; /* as the third */
    assert_int_equal(decode(n), ERR_ENCODING);
    bytes[14] = EVIDENCE_KINDS + 1;
    assert_int_equal(decode(n), ERR_RANGE);
    bytes[14] = 0;
    assert_int_equal(decode(n), ERR_RANGE);
    bytes[14] = 2;
    bytes[3] = 0;
    assert_int_equal(decode(n), ERR_RANGE);
    bytes[3] = 1;
    assert_int_equal(decode(n), ERR_OK);
    bytes[18] = 1; /* a length beyond the block */
    assert_int_equal(decode(n), ERR_TRUNCATED);
    bytes[18] = 0;
    bytes[15] = 0;
    assert_int_equal(decode(n), ERR_RANGE);
    static const uint8_t empty[] = {1, 1, 2, 1, 1, 0, 0, 0, 'x', 2, 0, 0, 0, 0};
    struct evidence e;

    assert_int_equal(evidence_decode((struct view){empty, sizeof empty}, &e), ERR_RANGE);
}

static void a_report_must_be_there(void **state)
{
    static const uint8_t only_vek[] = {1, 1, 1, 2, 1, 0, 0, 0, 'v'};
    struct evidence e;

    (void)state;
    assert_int_equal(evidence_decode((struct view){only_vek, sizeof only_vek}, &e),
                     ERR_ENCODING);
}

static void the_longest_is_taken_and_no_longer(void **state)
{
    static const uint8_t long_part[EVIDENCE_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct evidence e = {.format = EVIDENCE_TDX};
    struct view out;

    (void)state;
    e.part[0] = (struct view){long_part, EVIDENCE_MAX - 8};
    evidence_encode(&w, &e);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(out.n, EVIDENCE_MAX);
    assert_int_equal(decode(out.n), ERR_OK);
    w = wr_init(bytes, sizeof bytes);
    e.part[0].n++;
    evidence_encode(&w, &e);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(decode(out.n), ERR_LENGTH);
}

static void hash_of_no_evidence(void **state)
{
    uint8_t got[EVIDENCE_HASH_LEN];
    uint8_t want[EVIDENCE_HASH_LEN];

    (void)state;
    evidence_hash((struct view){NULL, 0}, got);
    hash_once(HASH_SHA384, (struct view){NULL, 0}, want);
    assert_memory_equal(got, want, sizeof want);
}

/* ---- REPORT_DATA ---- */

static struct report_binding binding(void)
{
    static const uint8_t peer[P384_PUBLIC_LEN] = {4, 0x22};
    struct report_binding b = {
        .purpose = REPORT_CHANNEL, .role = REPORT_CORE, .place = 2, .incarnation = 0x01020304};

    memset(b.epoch_id, 0xe0, sizeof b.epoch_id);
    memset(b.identity, 0x11, sizeof b.identity);
    b.peer = (struct view){peer, sizeof peer};
    memset(b.nonce, 0x42, sizeof b.nonce);
    memset(b.context, 0xc0, sizeof b.context);
    return b;
}

/* The 64 bytes that docs/wire.md shows. */
static void golden_report_data(void **state)
{
    struct report_binding b = binding();
    uint8_t out[REPORT_DATA_LEN];
    char hex[2 * REPORT_DATA_LEN + 1];

    (void)state;
    report_data_make(&b, out);
    hex_write((struct view){out, sizeof out}, hex);
    assert_string_equal(hex,
                        "ee4517fa972ed3e01be4953f1d0a4cb191f1131903a7d680aa5035923bec695d"
                        "854f29b1cad395e2381fd83165b1be5342424242424242424242424242424242");
}

/* By hand, field after field. */
static void report_data_is_what_the_page_says(void **state)
{
    static const char label[] = "quorate-attest-v1";
    const struct report_binding b = binding();
    const uint8_t numbers[] = {1, 1, 2, 4, 3, 2, 1};
    uint8_t want[REPORT_DATA_LEN];
    uint8_t got[REPORT_DATA_LEN];
    struct hash_state h;

    (void)state;
    hash_init(&h, HASH_SHA384);
    hash_update(&h, label, sizeof label - 1);
    hash_update_field(&h, &numbers[0], 1);
    hash_update_field(&h, &numbers[1], 1);
    hash_update_field(&h, b.epoch_id, 48);
    hash_update_field(&h, &numbers[2], 1);
    hash_update_field(&h, &numbers[3], 4);
    hash_update_field(&h, b.identity, 97);
    hash_update_field(&h, b.peer.p, 97);
    hash_update_field(&h, NULL, 0);
    hash_update_field(&h, b.nonce, 32);
    hash_update_field(&h, b.context, 48);
    hash_final(&h, want);
    memset(&want[48], 0x42, 16);
    report_data_make(&b, got);
    assert_memory_equal(got, want, sizeof want);
}

/* Whatever is another, the whole is another; an audit key is none of the peer. */
static void every_field_counts(void **state)
{
    const struct report_binding good = binding();
    struct report_binding b[10];
    uint8_t first[REPORT_DATA_LEN];
    uint8_t other[REPORT_DATA_LEN];

    (void)state;
    for (size_t i = 0; i < sizeof b / sizeof b[0]; i++) {
        b[i] = good;
    }
    b[0].purpose = REPORT_ASKED;
    b[1].role = REPORT_OPERATOR;
    b[2].epoch_id[47] ^= 1;
    b[3].place = 3;
    b[4].incarnation ^= 0x80000000U;
    b[5].identity[96] ^= 1;
    b[6].peer.n = 0;
    b[7].audit_key = b[7].peer;
    b[7].peer.n = 0;
    b[8].nonce[31] ^= 1;
    b[9].context[47] ^= 1;
    report_data_make(&good, first);
    for (size_t i = 0; i < sizeof b / sizeof b[0]; i++) {
        report_data_make(&b[i], other);
        assert_memory_not_equal(first, other, 48);
        for (size_t j = 0; j < i; j++) {
            uint8_t before[REPORT_DATA_LEN];

            report_data_make(&b[j], before);
            assert_memory_not_equal(before, other, 48);
        }
    }
}

static void contexts_are_of_their_kind(void **state)
{
    uint8_t c[4][REPORT_DATA_CONTEXT_LEN];
    char hex[2 * REPORT_DATA_CONTEXT_LEN + 1];

    (void)state;
    report_context_hellos(text("a"), text("bc"), c[0]);
    report_context_hellos(text("ab"), text("c"), c[1]);
    report_context_hellos(text("bc"), text("a"), c[2]);
    report_context_tls(text("a"), text("bc"), text(""), c[3]);
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(c[i], c[j], REPORT_DATA_CONTEXT_LEN);
        }
    }
    hex_write((struct view){c[0], sizeof c[0]}, hex);
    assert_string_equal(hex, "8e1e401c863c5c87fef9c57efe401263be94877b2e6d89b0"
                             "56c7a9e3db6e30ffb2a1aa729eb468ccb9a080c7c5e06c9d");
    hex_write((struct view){c[3], sizeof c[3]}, hex);
    assert_string_equal(hex, "1148013663cfe570a261f0f7aa8fcc826ced192b27964778"
                             "fb3893d9944d8376f57dacc260c5871a678ba11f2b56bc33");
    report_context_asked(text("a"), c[0]);
    hash_once(HASH_SHA384, text("a"), c[1]);
    assert_memory_equal(c[0], c[1], sizeof c[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_block),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(a_block_has_one_encoding),
        cmocka_unit_test(a_report_must_be_there),
        cmocka_unit_test(the_longest_is_taken_and_no_longer),
        cmocka_unit_test(hash_of_no_evidence),
        cmocka_unit_test(golden_report_data),
        cmocka_unit_test(report_data_is_what_the_page_says),
        cmocka_unit_test(every_field_counts),
        cmocka_unit_test(contexts_are_of_their_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
