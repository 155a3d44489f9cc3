#include "crypto/hash.h"

#include <strings.h>

size_t hash_len(enum hash_alg alg)
{
    switch (alg) {
    case HASH_SHA256:
    case HASH_SHA3_256:
        return 32;
    case HASH_SHA384:
    case HASH_SHA3_384:
        return 48;
    case HASH_SHA512:
    case HASH_SHA3_512:
        return 64;
    case HASH_NONE:
        break;
    }
    return 0;
}

const char *hash_name(enum hash_alg alg)
{
    switch (alg) {
    case HASH_SHA256:
        return "sha256";
    case HASH_SHA384:
        return "sha384";
    case HASH_SHA512:
        return "sha512";
    case HASH_SHA3_256:
        return "sha3-256";
    case HASH_SHA3_384:
        return "sha3-384";
    case HASH_SHA3_512:
        return "sha3-512";
    case HASH_NONE:
        break;
    }
    return "none";
}

enum hash_alg hash_by_name(const char *name)
{
    static const struct {
        const char *name;
        enum hash_alg alg;
    } rows[] = {
        {"sha256", HASH_SHA256},     {"sha-256", HASH_SHA256},    {"sha384", HASH_SHA384},
        {"sha-384", HASH_SHA384},    {"sha512", HASH_SHA512},     {"sha-512", HASH_SHA512},
        {"sha3-256", HASH_SHA3_256}, {"sha3-384", HASH_SHA3_384}, {"sha3-512", HASH_SHA3_512},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcasecmp(name, rows[i].name) == 0) {
            return rows[i].alg;
        }
    }
    return HASH_NONE;
}

void hash_init(struct hash_state *s, enum hash_alg alg)
{
    s->alg = alg;
    switch (alg) {
    case HASH_SHA256:
        sha256_init(&s->u.sha256);
        break;
    case HASH_SHA384:
        sha384_init(&s->u.sha512);
        break;
    case HASH_SHA512:
        sha512_init(&s->u.sha512);
        break;
    case HASH_SHA3_256:
        sha3_256_init(&s->u.sha3_256);
        break;
    case HASH_SHA3_384:
        sha3_384_init(&s->u.sha3_384);
        break;
    case HASH_SHA3_512:
        sha3_512_init(&s->u.sha3_512);
        break;
    case HASH_NONE:
        break;
    }
}

void hash_update(struct hash_state *s, const void *p, size_t n)
{
    switch (s->alg) {
    case HASH_SHA256:
        sha256_update(&s->u.sha256, n, p);
        break;
    case HASH_SHA384:
    case HASH_SHA512:
        sha512_update(&s->u.sha512, n, p);
        break;
    case HASH_SHA3_256:
        sha3_256_update(&s->u.sha3_256, n, p);
        break;
    case HASH_SHA3_384:
        sha3_384_update(&s->u.sha3_384, n, p);
        break;
    case HASH_SHA3_512:
        sha3_512_update(&s->u.sha3_512, n, p);
        break;
    case HASH_NONE:
        break;
    }
}

/* n as LE32. */
static void le32(size_t n, uint8_t out[4])
{
    struct writer w = wr_init(out, 4);

    wr_u32le(&w, (uint32_t)n);
}

void hash_update_field(struct hash_state *s, const void *p, size_t n)
{
    uint8_t len[4];

    le32(n, len);
    hash_update(s, len, sizeof len);
    hash_update(s, p, n);
}

void hash_final(struct hash_state *s, uint8_t *out)
{
    switch (s->alg) {
    case HASH_SHA256:
        sha256_digest(&s->u.sha256, SHA256_DIGEST_SIZE, out);
        break;
    case HASH_SHA384:
        sha384_digest(&s->u.sha512, SHA384_DIGEST_SIZE, out);
        break;
    case HASH_SHA512:
        sha512_digest(&s->u.sha512, SHA512_DIGEST_SIZE, out);
        break;
    case HASH_SHA3_256:
        sha3_256_digest(&s->u.sha3_256, SHA3_256_DIGEST_SIZE, out);
        break;
    case HASH_SHA3_384:
        sha3_384_digest(&s->u.sha3_384, SHA3_384_DIGEST_SIZE, out);
        break;
    case HASH_SHA3_512:
        sha3_512_digest(&s->u.sha3_512, SHA3_512_DIGEST_SIZE, out);
        break;
    case HASH_NONE:
        break;
    }
}

void hash_once(enum hash_alg alg, struct view in, uint8_t *out)
{
    struct hash_state s;

    hash_init(&s, alg);
    hash_update(&s, in.p, in.n);
    hash_final(&s, out);
}

void shake256_init(struct shake256 *s)
{
    sha3_256_init(&s->ctx);
}

void shake256_update(struct shake256 *s, const void *p, size_t n)
{
    sha3_256_update(&s->ctx, n, p);
}

void shake256_update_field(struct shake256 *s, const void *p, size_t n)
{
    uint8_t len[4];

    le32(n, len);
    shake256_update(s, len, sizeof len);
    shake256_update(s, p, n);
}

void shake256_final(struct shake256 *s, uint8_t *out, size_t out_len)
{
    sha3_256_shake(&s->ctx, out_len, out);
}
