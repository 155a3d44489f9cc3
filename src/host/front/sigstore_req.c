#include "host/front/sigstore_req.h"

#include "format/der.h"
#include "format/pem.h"
#include "host/front/json_nonce.h"

#include <jansson.h>
#include <string.h>

static enum err take_hash(const json_t *digest, const json_t *alg, struct sigstore_req *s)
{
    struct view text;

    if (!json_is_string(digest) || !json_is_string(alg)) {
        return ERR_ENCODING;
    }
    s->req.imprint.alg = hash_by_name(json_string_value(alg));
    if (s->req.imprint.alg == HASH_NONE) {
        return ERR_BAD_ALG;
    }
    text =
        (struct view){(const uint8_t *)json_string_value(digest), json_string_length(digest)};
    const enum err e =
        pem_parse_base64(text, s->digest, sizeof s->digest, &s->req.imprint.digest);

    if (e == ERR_OK && s->req.imprint.digest.n == hash_len(s->req.imprint.alg)) {
        return ERR_OK;
    }
    return e == ERR_ENCODING ? ERR_ENCODING : ERR_LENGTH;
}

/* The shortest two's complement, as DER wants an INTEGER. */
static void take_nonce(json_int_t v, struct sigstore_req *s)
{
    size_t from = 0;

    for (size_t i = 0; i < sizeof v; i++) {
        s->nonce[i] = (uint8_t)((uint64_t)v >> (56 - 8 * i));
    }
    while (from + 1 < sizeof v && ((s->nonce[from] == 0 && s->nonce[from + 1] < 0x80) ||
                                   (s->nonce[from] == 0xff && s->nonce[from + 1] >= 0x80))) {
        from++;
    }
    s->req.nonce = (struct view){s->nonce + from, sizeof v - from};
}

static enum err take_policy(const json_t *policy, struct sigstore_req *s)
{
    size_t n = 0;

    if (!json_is_string(policy)) {
        return ERR_ENCODING;
    }
    if (json_string_length(policy) == 0) {
        return ERR_OK; /* as good as absent: Go writes empty strings */
    }
    const enum err e =
        der_oid_from_text(json_string_value(policy), s->policy, sizeof s->policy, &n);

    s->req.policy = (struct view){s->policy, n};
    return e == ERR_NOSPACE ? ERR_POLICY : e == ERR_RANGE ? ERR_ENCODING : e;
}

/* Any member but the two of the digest, which belong together. */
static enum err take_member(const char *key, const json_t *value, struct sigstore_req *s)
{
    if (strcmp(key, "certificates") == 0) {
        s->req.cert_req = json_is_true(value);
        return json_is_boolean(value) ? ERR_OK : ERR_ENCODING;
    }
    if (strcmp(key, "nonce") == 0) {
        if (s->req.nonce.n == 0) { /* else it was too long for jansson, and is there already */
            take_nonce(json_integer_value(value), s);
        }
        return json_is_integer(value) ? ERR_OK : ERR_ENCODING;
    }
    if (strcmp(key, "tsaPolicyOID") == 0) {
        return take_policy(value, s);
    }
    return strcmp(key, "artifactHash") == 0 || strcmp(key, "hashAlgorithm") == 0 ? ERR_OK
                                                                                 : ERR_ENCODING;
}

static enum err take_object(json_t *root, struct sigstore_req *s)
{
    const char *key;
    json_t *value;

    json_object_foreach(root, key, value)
    {
        TRY(take_member(key, value, s));
    }
    return take_hash(json_object_get(root, "artifactHash"),
                     json_object_get(root, "hashAlgorithm"), s);
}

enum err sigstore_req_parse(struct view in, struct sigstore_req *out)
{
    char text[SIGSTORE_REQ_MAX];

    *out = (struct sigstore_req){0};
    if (in.n > sizeof text) {
        return ERR_NOSPACE;
    }
    if (in.n > 0) {
        memcpy(text, in.p, in.n);
    }
    TRY(json_nonce_lift(text, in.n, out->nonce, &out->req.nonce));
    /* jansson ends at JSON_PARSER_MAX_DEPTH (2048) levels, fewer than the bytes allowed here
     * could open twice over */
    json_t *root = json_loadb(text, in.n, JSON_REJECT_DUPLICATES, NULL);
    const enum err e = json_is_object(root) ? take_object(root, out) : ERR_ENCODING;

    json_decref(root);
    if (e != ERR_OK) {
        *out = (struct sigstore_req){0};
    }
    return e;
}
