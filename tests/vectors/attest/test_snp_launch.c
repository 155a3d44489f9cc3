/* Launch digests of virtee/sev-snp-measure, bit exact. Its firmware is the last page of an
 * image: of one the digest of the whole is given. */
#include "snp_files.h"

#include "attest/snp_launch.h"

static uint8_t image[SNP_FILE_MAX];

static void hash_text(const json_t *text, bool with_zero, uint8_t out[SNP_LAUNCH_HASH_LEN])
{
    const char *const s = json_is_string(text) ? json_string_value(text) : "";

    hash_once(HASH_SHA256, (struct view){(const uint8_t *)s, strlen(s) + (with_zero ? 1 : 0)},
              out);
}

static enum attest_fault measure(const json_t *root, const json_t *c,
                                 uint8_t out[SNP_MEASUREMENT_LEN])
{
    uint8_t given[SNP_MEASUREMENT_LEN];
    char path[256];
    const char *const name = vector_text(c, "ovmf");
    const json_t *const hashes = json_object_get(root, "ovmf_hash");
    struct snp_launch l = {.has_kernel = json_is_string(json_object_get(c, "kernel")),
                           .vcpus = (uint32_t)json_integer_value(json_object_get(c, "vcpus")),
                           .cpu_signature = snp_launch_cpu(23, 1, 2)};

    (void)snprintf(path, sizeof path, "../04e-snp-measure/%s", name);
    l.firmware = snp_file(path, image);
    if (json_object_get(hashes, name)) {
        assert_int_equal(vector_bytes(hashes, name, given, sizeof given), sizeof given);
        l.firmware_digest = given;
    }
    if (json_object_get(c, "guest_features")) {
        l.features = strtoull(vector_text(c, "guest_features"), NULL, 16);
    } else {
        l.features = SNP_FEATURE_SNP_ACTIVE;
        l.vcpus = 1;
    }
    hash_once(HASH_SHA256, (struct view){NULL, 0}, l.kernel); /* an empty file */
    hash_once(HASH_SHA256, (struct view){NULL, 0}, l.initrd);
    hash_text(json_object_get(c, "append"), true, l.command_line);
    return snp_launch_digest(&l, out);
}

static void digests_are_exact(void **state)
{
    json_t *root = vector_file("04e-snp-measure/cases.json");
    const json_t *const cases = json_object_get(root, "cases");
    uint8_t want[SNP_MEASUREMENT_LEN];
    uint8_t got[SNP_MEASUREMENT_LEN];

    (void)state;
    assert_int_equal(json_array_size(cases), 5);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *const c = json_array_get(cases, i);

        assert_int_equal(measure(root, c, got), ATTEST_OK);
        assert_int_equal(vector_bytes(c, "launch_digest", want, sizeof want), sizeof want);
        assert_memory_equal(got, want, sizeof want);
    }
    json_decref(root);
}

static void unmeasured_kernels_are_refused(void **state)
{
    json_t *root = vector_file("04e-snp-measure/cases.json");
    const json_t *const cases = json_object_get(root, "must_fail");
    uint8_t got[SNP_MEASUREMENT_LEN];

    (void)state;
    assert_int_equal(json_array_size(cases), 1);
    assert_int_equal(measure(root, json_array_get(cases, 0), got), ATTEST_LAUNCH_KERNEL);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_exact),
        cmocka_unit_test(unmeasured_kernels_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
