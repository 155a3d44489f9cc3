#include "enclave/roughtime/rt_exchange.h"

#include "crypto/hash.h"

#include <string.h>

#define TYPE_REQUEST 0
#define TYPE_REPLY 1
#define SIGNED_MAX 512 /* context and message */

/* What hashes begin with, RFC 10049 5.3. */
enum prefix { PREFIX_LEAF = 0x00, PREFIX_NODE = 0x01, PREFIX_SERVER = 0xff };

struct keys {
    const uint8_t *long_term;
    struct work_stack *w;
};

static void hash_of(enum prefix prefix, struct view a, struct view b, uint8_t out[RT_HASH_LEN])
{
    const uint8_t first = (uint8_t)prefix;
    struct hash_state s;
    uint8_t whole[HASH_MAX];

    hash_init(&s, HASH_SHA512);
    hash_update(&s, &first, 1);
    hash_update(&s, a.p, a.n);
    if (b.n > 0) {
        hash_update(&s, b.p, b.n);
    }
    hash_final(&s, whole);
    memcpy(out, whole, RT_HASH_LEN);
}

void rt_chain_nonce(struct view reply, const uint8_t random[RT_NONCE_LEN],
                    uint8_t out[RT_NONCE_LEN])
{
    struct hash_state s;
    uint8_t whole[HASH_MAX];

    hash_init(&s, HASH_SHA512);
    if (reply.n > 0) {
        hash_update(&s, reply.p, reply.n);
    }
    hash_update(&s, random, RT_NONCE_LEN);
    hash_final(&s, whole);
    memcpy(out, whole, RT_NONCE_LEN);
}

void rt_request_write(const uint8_t nonce[RT_NONCE_LEN],
                      const uint8_t public_key[ED25519_PUBLIC_LEN], uint8_t out[RT_REQUEST_LEN])
{
    static const uint8_t versions[] = {1, 0, 0, 0, 0x0c, 0, 0, 0x80};
    static const uint8_t type[4] = {TYPE_REQUEST};
    enum {
        ITEMS = 5,
        FIXED = sizeof(uint64_t) * ITEMS + sizeof versions + RT_HASH_LEN + RT_NONCE_LEN + 4
    };
    static const uint8_t zero[RT_REQUEST_LEN - RT_PACKET_HEADER_LEN - FIXED];
    uint8_t server[RT_HASH_LEN];
    const struct rt_item items[ITEMS] = {{RT_VER, {versions, sizeof versions}},
                                         {RT_SRV, {server, sizeof server}},
                                         {RT_NONC, {nonce, RT_NONCE_LEN}},
                                         {RT_TYPE, {type, sizeof type}},
                                         {RT_ZZZZ, {zero, sizeof zero}}};
    struct writer w = wr_init(out, RT_REQUEST_LEN);

    hash_of(PREFIX_SERVER, (struct view){public_key, ED25519_PUBLIC_LEN},
            (struct view){NULL, 0}, server);
    rt_packet_begin(&w, RT_REQUEST_LEN - RT_PACKET_HEADER_LEN);
    rt_message_write(&w, items, ITEMS);
}

/* Whether key signed that message, by a context with its terminating zero. */
static enum err verify(const struct keys *k, const uint8_t *key, enum rt_spelling spelling,
                       const char *what, struct view message, struct view signature)
{
    uint8_t text[SIGNED_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct view v;

    wr_bytes(&w, spelling == RT_SPELLING_TIME ? "RoughTime" : "Roughtime", 9);
    wr_bytes(&w, " v1 ", 4);
    wr_bytes(&w, what, strlen(what));
    wr_bytes(&w, " signature", sizeof " signature");
    wr_view(&w, message);
    TRY(wr_finish(&w, &v));
    return ed25519_verify(k->w, key, v, signature.p);
}

/* The hash of the root is that of our request and the path; bit i of index says on which side
 * the i-th of the path stands. Whether a set bit means left or right is told differently about;
 * either way nobody can name another request. */
static bool leads_to(struct view root, struct view request, struct view path, uint32_t index,
                     bool left)
{
    struct reader r = rd_init(path);
    uint8_t hash[RT_HASH_LEN];
    struct view node;
    const struct view here = {hash, sizeof hash};

    hash_of(PREFIX_LEAF, request, (struct view){NULL, 0}, hash);
    while (rd_take(&r, RT_HASH_LEN, &node) == ERR_OK) {
        if (((index & 1) != 0) == left) {
            hash_of(PREFIX_NODE, node, here, hash);
        } else {
            hash_of(PREFIX_NODE, here, node, hash);
        }
        index >>= 1;
    }
    return index == 0 && view_equal(root, here);
}

static enum err check_root(const struct rt_message *reply, const struct rt_message *srep,
                           struct view request)
{
    struct view root;
    struct view path;
    uint32_t index = 0;

    TRY(rt_message_find(srep, RT_ROOT, RT_HASH_LEN, &root));
    TRY(rt_message_any(reply, RT_PATH, &path));
    TRY(rt_message_u32(reply, RT_INDX, &index));
    if (path.n % RT_HASH_LEN != 0 || path.n > (size_t)RT_PATH_MAX * RT_HASH_LEN) {
        return ERR_LENGTH;
    }
    return leads_to(root, request, path, index, true) ||
                   leads_to(root, request, path, index, false)
               ? ERR_OK
               : ERR_MISMATCH;
}

/* A version that we offered, which is in the list that is signed, too. */
static enum err check_version(const struct rt_message *srep, uint32_t *out)
{
    struct view list;
    struct reader r;
    uint32_t one = 0;
    bool listed = false;

    TRY(rt_message_u32(srep, RT_VER, out));
    TRY(rt_message_any(srep, RT_VERS, &list));
    if (list.n > RT_VERSIONS_MAX * sizeof one) {
        return ERR_LENGTH;
    }
    r = rd_init(list);
    while (rd_u32le(&r, &one) == ERR_OK) {
        listed = listed || one == *out;
    }
    return listed && (*out == RT_VERSION_1 || *out == RT_VERSION_DRAFT) ? ERR_OK : ERR_VERSION;
}

/* The key that may sign replies, and for which times: *dele. */
static enum err open_certificate(const struct keys *k, const struct rt_message *reply,
                                 enum rt_spelling *spelling, struct rt_message *dele)
{
    struct rt_message cert;
    struct view value;
    struct view signature;

    TRY(rt_message_any(reply, RT_CERT, &value));
    TRY(rt_message_parse(value, &cert));
    TRY(rt_message_any(&cert, RT_DELE, &value));
    TRY(rt_message_find(&cert, RT_SIG, ED25519_SIG_LEN, &signature));
    TRY(rt_message_parse(value, dele));
    *spelling = RT_SPELLING_TIME;
    if (verify(k, k->long_term, *spelling, "delegation", value, signature) == ERR_OK) {
        return ERR_OK;
    }
    *spelling = RT_SPELLING_LOWER;
    return verify(k, k->long_term, *spelling, "delegation", value, signature);
}

static enum err check_time(const struct rt_message *srep, const struct rt_message *dele,
                           struct rt_time *out)
{
    uint64_t midp = 0;
    uint64_t from = 0;
    uint64_t to = 0;

    TRY(rt_message_u32(srep, RT_RADI, &out->radi_s));
    TRY(rt_message_u64(srep, RT_MIDP, &midp));
    TRY(rt_message_u64(dele, RT_MINT, &from));
    TRY(rt_message_u64(dele, RT_MAXT, &to));
    if (midp < from || midp > to) {
        return ERR_TIME;
    }
    if (out->radi_s == 0 || out->radi_s > RT_RADI_MAX || midp > RT_MIDP_MAX) {
        return ERR_RANGE;
    }
    out->midp_s = (int64_t)midp;
    return ERR_OK;
}

/* That it is a reply, and to our nonce. */
static enum err check_kind(const struct rt_message *reply, struct view request)
{
    struct rt_message asked;
    struct view theirs;
    struct view ours;
    uint32_t type = 0;

    TRY(rt_message_u32(reply, RT_TYPE, &type));
    if (type != TYPE_REPLY) {
        return ERR_TYPE;
    }
    TRY(rt_packet_parse(request, &ours)); /* our own: it has all that */
    TRY(rt_message_parse(ours, &asked));
    TRY(rt_message_find(&asked, RT_NONC, RT_NONCE_LEN, &ours));
    TRY(rt_message_find(reply, RT_NONC, RT_NONCE_LEN, &theirs));
    return view_equal(ours, theirs) ? ERR_OK : ERR_MISMATCH;
}

static enum err parse(struct view in, struct view request, const struct keys *k,
                      struct rt_time *out)
{
    struct rt_message reply;
    struct rt_message srep;
    struct rt_message dele;
    struct view value;
    struct view signature;
    struct view key;

    TRY(rt_packet_parse(in, &value));
    TRY(rt_message_parse(value, &reply));
    TRY(check_kind(&reply, request));
    TRY(open_certificate(k, &reply, &out->spelling, &dele));
    TRY(rt_message_find(&dele, RT_PUBK, ED25519_PUBLIC_LEN, &key));
    TRY(rt_message_any(&reply, RT_SREP, &value));
    TRY(rt_message_find(&reply, RT_SIG, ED25519_SIG_LEN, &signature));
    TRY(verify(k, key.p, out->spelling, "response", value, signature));
    TRY(rt_message_parse(value, &srep));
    TRY(check_version(&srep, &out->version));
    TRY(check_root(&reply, &srep, request));
    return check_time(&srep, &dele, out);
}

enum err rt_reply_parse(struct view in, struct view request,
                        const uint8_t public_key[ED25519_PUBLIC_LEN], struct work_stack *w,
                        struct rt_time *out)
{
    const struct keys k = {public_key, w};
    struct rt_time t = {0};
    const enum err e = parse(in, request, &k, &t);

    *out = e == ERR_OK ? t : (struct rt_time){0};
    return e;
}
