#include "attest/maa_token.h"

#include "crypto/hash.h"
#include "format/base64url.h"

#include <string.h>

/* The parts as they stand; signed_part is the first two with the dot between them. */
struct parts {
    struct view header, payload, signature, signed_part;
};

/* Up to the next dot, which is taken off; false: there is none. */
static bool take_part(struct reader *r, struct view *out)
{
    uint8_t c = 0;

    *out = (struct view){r->p, 0};
    while (rd_u8(r, &c) == ERR_OK) {
        if (c == '.') {
            return true;
        }
        out->n++;
    }
    return false;
}

static bool split(struct view token, struct parts *p)
{
    struct reader r = rd_init(token);

    if (token.n > MAA_TOKEN_MAX || !take_part(&r, &p->header) || !take_part(&r, &p->payload)) {
        return false;
    }
    p->signed_part = (struct view){token.p, p->header.n + 1 + p->payload.n};
    /* A third dot is no digit of base64url. */
    p->signature = (struct view){r.p, r.n};
    return true;
}

static const struct maa_key *find_key(const struct maa_keys *keys, const struct json_value *kid)
{
    uint8_t buf[MAA_KID_MAX];
    struct view name;

    if (json_text(kid, buf, sizeof buf, &name) != ERR_OK) {
        return NULL;
    }
    for (size_t i = 0; i < keys->n; i++) {
        if (view_equal(name, (struct view){keys->keys[i].kid, keys->keys[i].kid_len})) {
            return &keys->keys[i];
        }
    }
    return NULL;
}

/* Nothing of a header is believed but which of our keys it is said to be. */
static enum attest_fault read_header(struct view header, const struct maa_keys *keys,
                                     const struct maa_key **key)
{
    struct json_value root;
    struct json_value v;

    if (json_parse(header, &root) != ERR_OK || root.type != JSON_TYPE_OBJECT ||
        json_find(&root, "crit", &v)) {
        return ATTEST_MAA_HEADER;
    }
    if (json_find(&root, "typ", &v) && !json_string_is(&v, "JWT")) {
        return ATTEST_MAA_HEADER;
    }
    if (!json_find(&root, "alg", &v) || !json_string_is(&v, "RS256")) {
        return ATTEST_MAA_ALGORITHM;
    }
    *key = json_find(&root, "kid", &v) ? find_key(keys, &v) : NULL;
    return *key ? ATTEST_OK : ATTEST_MAA_KID;
}

static enum attest_fault verify_signature(const struct parts *p, const struct maa_keys *keys)
{
    uint8_t buf[MAA_HEADER_MAX];
    uint8_t sig[RSA_2048_LEN];
    uint8_t digest[RSA_2048_DIGEST_LEN];
    struct view header;
    struct view signature;
    const struct maa_key *key = NULL;

    if (base64url_decode(p->header, buf, sizeof buf, &header) != ERR_OK) {
        return ATTEST_MAA_FORM;
    }
    ATTEST_TRY(read_header(header, keys, &key));
    if (base64url_decode(p->signature, sig, sizeof sig, &signature) != ERR_OK ||
        signature.n != sizeof sig) {
        return ATTEST_MAA_SIGNATURE;
    }
    hash_once(HASH_SHA256, p->signed_part, digest);
    return rsa_2048_verify(RSA_SCHEME_PKCS1, key->modulus, digest, sig) == ERR_OK
               ? ATTEST_OK
               : ATTEST_MAA_SIGNATURE;
}

static bool read_time(const struct json_value *claims, const char *name, int64_t *out)
{
    struct json_value v;

    return json_find(claims, name, &v) && json_i64(&v, out) == ERR_OK;
}

/* The whole of the issuer's text, as it stands. */
static bool is_issuer(const struct json_value *iss, struct view issuer)
{
    struct view text;

    return issuer.n > 0 && json_plain(iss, &text) == ERR_OK && view_equal(text, issuer);
}

static enum attest_fault read_claims(struct view payload, struct view issuer, int64_t at_s,
                                     struct maa_token *out)
{
    struct json_value iss;

    if (json_parse(payload, &out->claims) != ERR_OK || out->claims.type != JSON_TYPE_OBJECT ||
        !json_find(&out->claims, "iss", &iss) ||
        !read_time(&out->claims, "iat", &out->issued_s) ||
        !read_time(&out->claims, "nbf", &out->from_s) ||
        !read_time(&out->claims, "exp", &out->until_s)) {
        return ATTEST_MAA_CLAIMS;
    }
    if (!is_issuer(&iss, issuer)) {
        return ATTEST_MAA_ISSUER;
    }
    if (out->issued_s > at_s || out->from_s > at_s || out->until_s <= at_s) {
        return ATTEST_MAA_TIME;
    }
    return ATTEST_OK;
}

static enum attest_fault verify_all(struct view token, const struct maa_keys *keys,
                                    struct view issuer, int64_t at_s, struct maa_token *out)
{
    struct parts p;
    struct view payload;

    if (!split(token, &p) ||
        base64url_decode(p.payload, out->payload, sizeof out->payload, &payload) != ERR_OK) {
        return ATTEST_MAA_FORM;
    }
    ATTEST_TRY(verify_signature(&p, keys));
    return read_claims(payload, issuer, at_s, out);
}

enum attest_fault maa_token_verify(struct view token, const struct maa_keys *keys,
                                   struct view issuer, int64_t at_s, struct maa_token *out)
{
    memset(out, 0, sizeof *out);
    const enum attest_fault f = verify_all(token, keys, issuer, at_s, out);

    if (f != ATTEST_OK) {
        memset(out, 0, sizeof *out);
    }
    return f;
}
