/* A Roughtime message and packet as they come, and a reply whose signatures count as good and
 * whose parts are the input's: what is behind them is reached too. The linker puts
 * __wrap_ed25519_verify before the library's. */
#include "promise.h"

#include "crypto/hash.h"
#include "enclave/roughtime/rt_exchange.h"

#include <string.h>

#define PACKET_MAX 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
enum err __wrap_ed25519_verify(struct work_stack *w, const uint8_t *public_key,
                               struct view message, const uint8_t *sig);

enum err __wrap_ed25519_verify(struct work_stack *w, const uint8_t *public_key,
                               struct view message, const uint8_t *sig)
{
    (void)w;
    (void)public_key;
    return message.n > 0 && (sig[0] & 1) == 0 ? ERR_OK : ERR_SIGNATURE;
}

static void check_message(struct view in)
{
    static const struct rt_message zero;
    struct rt_message m;

    if (rt_message_parse(in, &m) != ERR_OK) {
        promise(memcmp(&m, &zero, sizeof m) == 0);
        return;
    }
    promise(m.n >= 1 && m.n <= RT_TAGS_MAX);
    for (size_t i = 0; i < m.n; i++) {
        promise_inside(m.items[i].value, in);
        promise(m.items[i].value.n % 4 == 0);
        promise(i == 0 || m.items[i - 1].tag < m.items[i].tag);
    }
}

static void check_reply(struct view in, struct view request)
{
    static const struct rt_time zero;
    const uint8_t key[ED25519_PUBLIC_LEN] = {1};
    struct rt_time t;

    if (rt_reply_parse(in, request, key, NULL, &t) != ERR_OK) {
        promise(memcmp(&t, &zero, sizeof t) == 0);
        return;
    }
    promise(t.radi_s >= 1 && t.radi_s <= RT_RADI_MAX && t.midp_s >= 0 &&
            t.midp_s <= (int64_t)RT_MIDP_MAX);
    promise(t.version == RT_VERSION_1 || t.version == RT_VERSION_DRAFT);
}

static void leaf(struct view request, uint8_t out[RT_HASH_LEN])
{
    const uint8_t first = 0;
    uint8_t whole[HASH_MAX];
    struct hash_state s;

    hash_init(&s, HASH_SHA512);
    hash_update(&s, &first, 1);
    hash_update(&s, request.p, request.n);
    hash_final(&s, whole);
    memcpy(out, whole, RT_HASH_LEN);
}

/* The first half of the input is SREP, its last 32 bytes the right root if the first byte says
 * so; the second half is DELE. */
static void check_made(const uint8_t *data, size_t size, struct view request,
                       const uint8_t nonce[RT_NONCE_LEN])
{
    static uint8_t packet[PACKET_MAX];
    static uint8_t srep[PACKET_MAX];
    static uint8_t cert[PACKET_MAX];
    static const uint8_t sig[ED25519_SIG_LEN];
    static const uint8_t type[4] = {1};
    const size_t half = size / 8 * 4;
    struct writer c = wr_init(cert, sizeof cert);
    struct writer w = wr_init(packet, sizeof packet);
    const struct view dele = {data + half, (size - half) / 4 * 4};

    if (size > 4096 || half < RT_HASH_LEN + 4) {
        return;
    }
    memcpy(srep, data, half);
    if ((data[size - 1] & 1) == 0) {
        leaf(request, srep + half - RT_HASH_LEN);
    }
    rt_message_write(&c, (struct rt_item[]){{RT_SIG, {sig, sizeof sig}}, {RT_DELE, dele}}, 2);
    rt_packet_begin(&w, 0);
    rt_message_write(&w,
                     (struct rt_item[]){{RT_SIG, {sig, sizeof sig}},
                                        {RT_NONC, {nonce, RT_NONCE_LEN}},
                                        {RT_TYPE, {type, sizeof type}},
                                        {RT_PATH, {NULL, 0}},
                                        {RT_SREP, {srep, half}},
                                        {RT_CERT, {cert, c.len}},
                                        {RT_INDX, {sig, 4}}},
                     7);
    wr_patch_u32le(&w, 8, (uint32_t)(w.len - RT_PACKET_HEADER_LEN));
    check_reply((struct view){packet, w.len}, request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    const uint8_t nonce[RT_NONCE_LEN] = {2};
    const uint8_t key[ED25519_PUBLIC_LEN] = {1};
    uint8_t bytes[RT_REQUEST_LEN];
    const struct view request = {bytes, sizeof bytes};
    struct view message;

    rt_request_write(nonce, key, bytes);
    check_message(in);
    if (rt_packet_parse(in, &message) == ERR_OK) {
        promise_inside(message, in);
        promise(message.n + RT_PACKET_HEADER_LEN == size);
        check_message(message);
    }
    check_reply(in, request);
    check_made(data, size, request, nonce);
    return 0;
}
