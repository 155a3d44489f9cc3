#include "attest/hcl_runtime.h"

#include "attest/rsa_jwk.h"
#include "base/hex.h"

#include <string.h>

static enum attest_fault read_keys(const struct json_value *root, struct hcl_runtime *out)
{
    struct json_value keys;
    struct json_value key;
    struct json_value name;
    struct json_value kid;
    struct json_value ak = {.type = JSON_TYPE_NULL};
    size_t n = 0;

    if (!json_find(root, "keys", &keys) || keys.type != JSON_TYPE_ARRAY) {
        return ATTEST_RUNTIME_KEYS;
    }
    for (struct json_items it = json_items(&keys); json_next(&it, &name, &key);) {
        n++;
        if (!json_find(&key, "kid", &kid) || n > HCL_KEYS_MAX) {
            return ATTEST_RUNTIME_KEYS;
        }
        if (json_string_is(&kid, "HCLAkPub")) {
            if (ak.type != JSON_TYPE_NULL) {
                return ATTEST_RUNTIME_KEYS;
            }
            ak = key;
        }
    }
    if (ak.type == JSON_TYPE_NULL) {
        return ATTEST_RUNTIME_KEYS;
    }
    return rsa_jwk_read(&ak, out->ak) ? ATTEST_OK : ATTEST_RUNTIME_AK;
}

/* Printable ASCII: below it nothing stands in JSON as it is. */
static bool read_vm_id(const struct json_value *v, char out[HCL_VM_ID_MAX + 1])
{
    struct view text;

    if (json_plain(v, &text) != ERR_OK || text.n > HCL_VM_ID_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] > '~') {
            return false;
        }
        out[i] = (char)text.p[i];
    }
    return true;
}

static bool read_flag(const struct json_value *config, const char *name, bool *out)
{
    struct json_value v;

    return json_find(config, name, &v) && json_bool(&v, out) == ERR_OK;
}

static enum attest_fault read_config(const struct json_value *root, struct hcl_runtime *out)
{
    struct json_value config;
    struct json_value v;

    if (!json_find(root, "vm-configuration", &config) ||
        !read_flag(&config, "secure-boot", &out->secure_boot) ||
        !read_flag(&config, "tpm-enabled", &out->tpm_enabled)) {
        return ATTEST_RUNTIME_CONFIG;
    }
    if (json_find(&config, "vmUniqueId", &v) && !read_vm_id(&v, out->vm_id)) {
        return ATTEST_RUNTIME_CONFIG;
    }
    return ATTEST_OK;
}

static enum attest_fault read_user_data(const struct json_value *root, struct hcl_runtime *out)
{
    struct json_value v;
    struct view text;
    char digits[2 * HCL_USER_DATA_LEN + 1] = {0};
    size_t n = 0;

    if (!json_find(root, "user-data", &v)) {
        return ATTEST_OK;
    }
    if (json_plain(&v, &text) != ERR_OK || text.n != sizeof digits - 1) {
        return ATTEST_RUNTIME_USER_DATA;
    }
    memcpy(digits, text.p, text.n);
    if (hex_parse(digits, out->user_data, sizeof out->user_data, &n) != ERR_OK) {
        return ATTEST_RUNTIME_USER_DATA;
    }
    out->has_user_data = true;
    return ATTEST_OK;
}

static enum attest_fault parse_all(struct view json, struct hcl_runtime *out)
{
    struct json_value root;

    if (json_parse(json, &root) != ERR_OK || root.type != JSON_TYPE_OBJECT) {
        return ATTEST_RUNTIME_PARSE;
    }
    ATTEST_TRY(read_keys(&root, out));
    ATTEST_TRY(read_config(&root, out));
    return read_user_data(&root, out);
}

enum attest_fault hcl_runtime_parse(struct view json, struct hcl_runtime *out)
{
    memset(out, 0, sizeof *out);
    const enum attest_fault f = parse_all(json, out);

    if (f != ATTEST_OK) {
        memset(out, 0, sizeof *out);
    }
    return f;
}
