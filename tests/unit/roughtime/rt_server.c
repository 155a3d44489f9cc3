#include "unit/roughtime/rt_server.h"

#include "testing.h"

#include "crypto/hash.h"

#include <stdlib.h>
#include <string.h>

#define ITEMS 8

void rt_keys_make(struct rt_keys *k, uint8_t seed)
{
    uint8_t seeds[2][ED25519_SEED_LEN];

    memset(seeds[0], seed, sizeof seeds[0]);
    memset(seeds[1], ~seed, sizeof seeds[1]);
    k->w = aligned_alloc(64, sizeof *k->w);
    assert_non_null(k->w);
    work_stack_init(k->w);
    assert_int_equal(ed25519_key_make(k->w, seeds[0], &k->long_term), ERR_OK);
    assert_int_equal(ed25519_key_make(k->w, seeds[1], &k->online), ERR_OK);
}

void rt_keys_free(struct rt_keys *k)
{
    free(k->w);
}

struct rt_reply rt_reply_good(uint64_t midp)
{
    return (struct rt_reply){.midp = midp,
                             .from = midp - 1,
                             .to = midp + 1,
                             .radi = 3,
                             .version = RT_VERSION_1,
                             .type = 1,
                             .spelling = "RoughTime",
                             .versions = {RT_VERSION_1, RT_VERSION_DRAFT},
                             .versions_n = 2,
                             .longer_n = 1};
}

static void sign(struct rt_keys *k, const struct ed25519_key *key, const struct rt_reply *say,
                 const char *what, struct view message, uint8_t sig[ED25519_SIG_LEN])
{
    uint8_t text[1024];
    struct writer w = wr_init(text, sizeof text);
    struct view v;

    wr_bytes(&w, say->spelling, strlen(say->spelling));
    wr_bytes(&w, " v1 ", 4);
    wr_bytes(&w, what, strlen(what));
    wr_bytes(&w, " signature", 11);
    wr_view(&w, message);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    assert_int_equal(ed25519_sign(k->w, key, v, sig), ERR_OK);
}

/* Writes a message but for what is to be wrong with its tags. */
static struct view message(const struct rt_reply *say, const struct rt_item *items, size_t n,
                           uint8_t *out, size_t cap)
{
    struct rt_item kept[ITEMS];
    uint8_t longer[1200] = {0};
    struct writer w = wr_init(out, cap);
    struct view v;
    size_t m = 0;

    for (size_t i = 0; i < n; i++) {
        if (items[i].tag == say->without) {
            continue;
        }
        kept[m] = items[i];
        if (items[i].tag == say->longer) {
            memcpy(longer, items[i].value.p, items[i].value.n);
            kept[m].value = (struct view){longer, items[i].value.n + 4 * say->longer_n};
        }
        m++;
    }
    rt_message_write(&w, kept, m);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

static void hash(uint8_t prefix, struct view a, struct view b, uint8_t out[RT_HASH_LEN])
{
    uint8_t text[1200];
    uint8_t whole[HASH_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct view v;

    wr_u8(&w, prefix);
    wr_view(&w, a);
    wr_view(&w, b);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    hash_once(HASH_SHA512, v, whole);
    memcpy(out, whole, RT_HASH_LEN);
}

/* The root over the request and a path of made-up siblings. */
static void root_of(const struct rt_reply *say, struct view request, const uint8_t *path,
                    uint8_t out[RT_HASH_LEN])
{
    uint8_t here[RT_HASH_LEN];

    hash(0, request, (struct view){NULL, 0}, here);
    for (size_t i = 0; i < say->path_n; i++) {
        const struct view node = {path + i * RT_HASH_LEN, RT_HASH_LEN};
        const struct view mine = {here, sizeof here};
        const bool set = i < 32 && (say->index >> i & 1) != 0;

        if (set != say->swapped) {
            hash(1, node, mine, here);
        } else {
            hash(1, mine, node, here);
        }
    }
    memcpy(out, here, RT_HASH_LEN);
}

static struct view number(uint8_t *out, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = (uint8_t)(v >> 8 * i);
    }
    return (struct view){out, n};
}

/* No message: it has no tag. */
static struct view broken(const struct rt_reply *say, enum rt_tag tag, struct view v)
{
    static const uint8_t none[4];

    return say->broken == (uint32_t)tag ? (struct view){none, sizeof none} : v;
}

static struct view certificate(struct rt_keys *k, const struct rt_reply *say, uint8_t out[512])
{
    uint8_t from[8];
    uint8_t to[8];
    uint8_t dele[256];
    uint8_t sig[ED25519_SIG_LEN];
    const struct rt_item terms[] = {{RT_PUBK, {k->online.public_key, ED25519_PUBLIC_LEN}},
                                    {RT_MINT, number(from, say->from, 8)},
                                    {RT_MAXT, number(to, say->to, 8)}};
    const struct view v = broken(say, RT_DELE, message(say, terms, 3, dele, sizeof dele));

    sign(k, say->other_root ? &k->online : &k->long_term, say, "delegation", v, sig);
    return message(say, (struct rt_item[]){{RT_SIG, {sig, sizeof sig}}, {RT_DELE, v}}, 2, out,
                   512);
}

static struct view signed_part(const struct rt_reply *say, struct view request,
                               const uint8_t *path, uint8_t out[1024])
{
    uint8_t root[RT_HASH_LEN];
    uint8_t version[4];
    uint8_t radi[4];
    uint8_t midp[8];
    uint8_t versions[4 * (RT_VERSIONS_MAX + 1)];

    root_of(say, request, path, root);
    for (size_t i = 0; i < say->versions_n; i++) {
        (void)number(versions + 4 * i, say->versions[i], 4);
    }
    return message(say,
                   (struct rt_item[]){{RT_VER, number(version, say->version, 4)},
                                      {RT_RADI, number(radi, say->radi, 4)},
                                      {RT_MIDP, number(midp, say->midp, 8)},
                                      {RT_VERS, {versions, 4 * say->versions_n}},
                                      {RT_ROOT, {root, sizeof root}}},
                   5, out, 1024);
}

struct view rt_reply_make(struct rt_keys *k, struct view request, const struct rt_reply *say,
                          uint8_t out[RT_SAID_MAX])
{
    static uint8_t path[(RT_PATH_MAX + 1) * RT_HASH_LEN];
    uint8_t srep[1024];
    uint8_t cert[512];
    uint8_t sig[ED25519_SIG_LEN];
    uint8_t body[RT_SAID_MAX];
    uint8_t asked[RT_REQUEST_LEN];
    uint8_t type[4];
    uint8_t index[4];
    struct writer w = wr_init(out, RT_SAID_MAX);
    struct rt_message m;
    struct view nonce;
    struct view v;

    assert_true(request.n == RT_REQUEST_LEN);
    assert_int_equal(rt_packet_parse(request, &v), ERR_OK);
    assert_int_equal(rt_message_parse(v, &m), ERR_OK);
    assert_int_equal(rt_message_find(&m, RT_NONC, RT_NONCE_LEN, &nonce), ERR_OK);
    memcpy(asked, request.p, sizeof asked);
    asked[RT_REQUEST_LEN - 1] = say->other_request;
    memset(path, 0x5a, sizeof path);
    v = broken(say, RT_SREP, signed_part(say, (struct view){asked, sizeof asked}, path, srep));
    sign(k, say->other_online ? &k->long_term : &k->online, say, "response", v, sig);
    v = message(say,
                (struct rt_item[]){
                    {RT_SIG, {sig, sizeof sig}},
                    {RT_NONC, say->other_nonce ? (struct view){path, RT_NONCE_LEN} : nonce},
                    {RT_TYPE, number(type, say->type, 4)},
                    {RT_PATH, {path, say->path_n * RT_HASH_LEN}},
                    {RT_SREP, v},
                    {RT_CERT, broken(say, RT_CERT, certificate(k, say, cert))},
                    {RT_INDX, number(index, say->index, 4)}},
                7, body, sizeof body);
    rt_packet_begin(&w, v.n);
    wr_view(&w, v);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}
