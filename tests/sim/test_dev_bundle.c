/* What the test CA takes over from the bundle of an attested epoch, and what it refuses. */
#include "bundle_scene.h"

#include "host/authority/dev_bundle_io.h"

#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/dev-bundle-XXXXXX";
static char path[sizeof folder + 16];
static char why[DEV_WHY_MAX];
static struct dev_request request;

static int make(void **state)
{
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/bundle", folder);
    return bundle_scene_make(state);
}

static int drop(void **state)
{
    (void)unlink(path);
    (void)rmdir(folder);
    return bundle_scene_drop(state);
}

static void keep(void)
{
    static uint8_t bytes[BUNDLE_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    FILE *const f = fopen(path, "wb");

    bundle_encode(&w, &b);
    assert_non_null(f);
    assert_false(w.full);
    assert_int_equal(fwrite(bytes, 1, w.len, f), w.len);
    assert_int_equal(fclose(f), 0);
}

/* Requests for the keys of the ceremony. */
static void ask(void)
{
    request = (struct dev_request){
        .n_classic = 1, .has_pq = true, .threshold = THRESHOLD, .total = NODES};
    request.classic[0].public_key =
        (struct view){r->nodes[0].c.classic.public_key, P384_PUBLIC_LEN};
    request.pq.public_key = (struct view){r->nodes[0].c.pk, CEREMONY_PK_LEN};
    memcpy(request.epoch_id, r->nodes[0].c.known.epoch_id, EPOCH_ID_LEN);
}

static enum err look(void)
{
    return dev_bundle_look(path, AT_S, &request, why);
}

/* Of guests of AMD first, then of those of Intel. */
static void what_a_certificate_says_is_taken_over(void **state)
{
    uint8_t hash[QUORATE_BINDING_HASH_LEN];

    (void)state;
    assert_true(judged(&good));
    keep();
    ask();
    assert_int_equal(look(), ERR_OK);
    assert_true(request.attested);
    assert_int_equal(request.n_measurements, 3);
    assert_memory_equal(request.measurements[0], code, sizeof code);
    assert_memory_equal(request.measurements[1], newer_code, sizeof newer_code);
    assert_memory_equal(request.measurements[2], mrtd, sizeof mrtd);
    assert_memory_equal(request.record_id, record_id, sizeof record_id);
    hash_once(HASH_SHA384, r->kit.plan.policy, hash);
    assert_memory_equal(request.policy_hash, hash, sizeof hash);
}

static void refuses(enum err e, const char *text)
{
    assert_int_equal(look(), e);
    assert_non_null(strstr(why, text));
    assert_false(request.attested);
    assert_int_equal(request.n_measurements, 0);
}

static void requests_of_other_keys_are_refused(void **state)
{
    static const char others[] = "its ceremony made other keys";
    static uint8_t pq[CEREMONY_PK_LEN];

    (void)state;
    assert_true(judged(&good));
    keep();
    for (unsigned other = 0; other < 7; other++) {
        ask();
        request.n_classic += other == 0;
        request.has_pq = other != 1;
        request.epoch_id[EPOCH_ID_LEN - 1] ^= other == 2;
        request.threshold -= other == 3;
        request.total += other == 4;
        if (other == 5) {
            request.classic[0].public_key.p = r->kit.keys[0].public_key;
        } else if (other == 6) {
            request.pq.public_key.p = pq;
        }
        refuses(ERR_MISMATCH, others);
    }
}

/* In that order. */
static void what_does_not_hold_is_named(void **state)
{
    struct wish w = good;
    FILE *f;

    (void)state;
    ask();
    w.code = 0x12;
    assert_false(judged(&w));
    keep();
    refuses(ERR_EVIDENCE, bundle_check_name(BUNDLE_CHECK_EVIDENCE));
    w = good;
    w.same_guest = true;
    assert_false(judged(&w));
    keep();
    refuses(ERR_EVIDENCE, bundle_check_name(BUNDLE_CHECK_ROSTER));
    f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fclose(f), 0);
    refuses(ERR_TRUNCATED, "it is none");
    assert_int_equal(unlink(path), 0);
    refuses(ERR_IO, "it cannot be read");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_certificate_says_is_taken_over),
        cmocka_unit_test(requests_of_other_keys_are_refused),
        cmocka_unit_test(what_does_not_hold_is_named),
    };

    return cmocka_run_group_tests(tests, make, drop);
}
