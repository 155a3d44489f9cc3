#include "attest/maa_token.h"
#include "attest/rsa_jwk.h"
#include "attest/rsa_spki.h"
#include "format/pem.h"

#include <string.h>

/* The key of the first certificate of x5c (RFC 7517 4.7). */
static bool read_x5c(const struct json_value *key, uint8_t modulus[RSA_2048_LEN])
{
    struct json_value x5c;
    struct json_value name;
    struct json_value first;
    struct json_items it;
    struct view text;
    struct view der;
    struct cert_ids ids;
    uint8_t buf[MAA_CERT_MAX];

    if (!json_find(key, "x5c", &x5c) || x5c.type != JSON_TYPE_ARRAY) {
        return false;
    }
    it = json_items(&x5c);
    return json_next(&it, &name, &first) && json_plain(&first, &text) == ERR_OK &&
           pem_parse_base64(text, buf, sizeof buf, &der) == ERR_OK &&
           cert_ids_parse(der, &ids) == ERR_OK &&
           rsa_spki_read(&ids, modulus, RSA_2048_LEN) == ERR_OK;
}

static bool read_modulus(const struct json_value *key, uint8_t modulus[RSA_2048_LEN])
{
    struct json_value n;

    if (json_find(key, "n", &n)) {
        return rsa_jwk_read(key, modulus);
    }
    return read_x5c(key, modulus);
}

static bool read_kid(const struct json_value *key, struct maa_key *out)
{
    struct json_value kid;
    struct view text;

    if (!json_find(key, "kid", &kid) ||
        json_text(&kid, out->kid, sizeof out->kid, &text) != ERR_OK || text.n == 0) {
        return false;
    }
    out->kid_len = text.n;
    return true;
}

static bool has_kid(const struct maa_keys *keys, const struct maa_key *key)
{
    for (size_t i = 0; i < keys->n; i++) {
        if (view_equal((struct view){keys->keys[i].kid, keys->keys[i].kid_len},
                       (struct view){key->kid, key->kid_len})) {
            return true;
        }
    }
    return false;
}

/* false: the set is none. */
static bool take_key(const struct json_value *value, struct maa_keys *out)
{
    struct maa_key key = {.kid_len = 0};

    if (!read_kid(value, &key) || has_kid(out, &key)) {
        return false;
    }
    if (!read_modulus(value, key.modulus)) {
        return true;
    }
    if (out->n == MAA_KEYS_MAX) {
        return false;
    }
    out->keys[out->n++] = key;
    return true;
}

static bool parse_all(struct view json, struct maa_keys *out)
{
    struct json_value root;
    struct json_value keys;
    struct json_value name;
    struct json_value key;

    if (json_parse(json, &root) != ERR_OK || !json_find(&root, "keys", &keys) ||
        keys.type != JSON_TYPE_ARRAY) {
        return false;
    }
    for (struct json_items it = json_items(&keys); json_next(&it, &name, &key);) {
        if (!take_key(&key, out)) {
            return false;
        }
    }
    return out->n > 0;
}

enum attest_fault maa_keys_parse(struct view json, struct maa_keys *out)
{
    memset(out, 0, sizeof *out);
    if (!parse_all(json, out)) {
        memset(out, 0, sizeof *out);
        return ATTEST_MAA_KEYS;
    }
    return ATTEST_OK;
}
