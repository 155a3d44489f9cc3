#include "enclave/roughtime/rt_fence.h"

#include <string.h>

#define NS_PER_S INT64_C(1000000000)
#define TRIES_MOST 4 /* 16 s, doubled four times: RT_POLL_NS */

void rt_fence_init(struct rt_fence *f)
{
    memset(f, 0, sizeof *f);
    f->asked = RT_NONE;
}

enum err rt_fence_add(struct rt_fence *f, const uint8_t public_key[ED25519_PUBLIC_LEN])
{
    if (f->n == RT_SERVERS_MAX) {
        return ERR_NOSPACE;
    }
    memcpy(f->servers[f->n++].public_key, public_key, ED25519_PUBLIC_LEN);
    return ERR_OK;
}

size_t rt_fence_due(struct rt_fence *f, int64_t now_ns)
{
    if (f->asked != RT_NONE) {
        if (now_ns - f->sent_ns < RT_WAIT_NS) {
            return RT_NONE;
        }
        f->asked = RT_NONE;
    }
    for (size_t i = 0; i < f->n; i++) {
        if (now_ns >= f->servers[i].next_ns) {
            return i;
        }
    }
    return RT_NONE;
}

int64_t rt_fence_when(const struct rt_fence *f)
{
    int64_t when_ns = INT64_MAX;

    if (f->asked != RT_NONE) {
        return f->sent_ns + RT_WAIT_NS;
    }
    for (size_t i = 0; i < f->n; i++) {
        if (f->servers[i].next_ns < when_ns) {
            when_ns = f->servers[i].next_ns;
        }
    }
    return when_ns;
}

void rt_fence_ask(struct rt_fence *f, size_t which, int64_t now_ns,
                  const uint8_t random[RT_NONCE_LEN])
{
    struct rt_server *const s = &f->servers[which];
    uint8_t nonce[RT_NONCE_LEN];

    rt_chain_nonce((struct view){f->chain, f->chain_n}, random, nonce);
    rt_request_write(nonce, s->public_key, f->request);
    f->asked = which;
    f->sent_ns = now_ns;
    s->next_ns = now_ns + (RT_AGAIN_NS << s->tries);
    if (s->tries < TRIES_MOST) {
        s->tries++;
    }
}

/* True time was within MIDP +- RADI at some moment between request and reply. */
static enum err bound(const struct rt_fence *f, const struct rt_time *t, int64_t now_ns,
                      const struct leap_table *leap, struct nts_span *out)
{
    const int64_t wide_ns = (int64_t)t->radi_s * NS_PER_S + RT_SLACK_NS;
    int64_t tai_ns = 0;

    TRY(leap_to_tai(leap, t->midp_s * NS_PER_S, &tai_ns));
    *out = (struct nts_span){.counter_ns = now_ns,
                             .since_ns = f->sent_ns,
                             .lo_ns = tai_ns - wide_ns,
                             .hi_ns = tai_ns + wide_ns + (now_ns - f->sent_ns)};
    return ERR_OK;
}

enum err rt_fence_take(struct rt_fence *f, int64_t now_ns, struct view packet,
                       const struct leap_table *leap, struct rt_time *out)
{
    struct rt_server *s;
    struct nts_span span;
    enum err e;

    *out = (struct rt_time){0};
    if (f->asked == RT_NONE) {
        return ERR_STATE;
    }
    if (packet.n > RT_REPLY_MAX) {
        return ERR_TRAILING;
    }
    s = &f->servers[f->asked];
    TRY(rt_reply_parse(packet, (struct view){f->request, RT_REQUEST_LEN}, s->public_key, NULL,
                       out));
    e = bound(f, out, now_ns, leap, &span);
    if (e != ERR_OK) {
        *out = (struct rt_time){0};
        return e;
    }
    if (out->midp_s + (int64_t)out->radi_s < f->latest_from_s) { /* RFC 10049 8.2 */
        f->contradicted = true;
    }
    if (out->midp_s - (int64_t)out->radi_s > f->latest_from_s) {
        f->latest_from_s = out->midp_s - (int64_t)out->radi_s;
    }
    memcpy(f->chain, packet.p, packet.n);
    f->chain_n = packet.n;
    s->span = span;
    s->answered_ns = now_ns;
    s->tries = 0;
    s->next_ns = f->sent_ns + RT_POLL_NS;
    f->asked = RT_NONE;
    return ERR_OK;
}

bool rt_fence_contradicts(const struct rt_fence *f, int64_t now_ns, int64_t lo_ns,
                          int64_t hi_ns)
{
    size_t fresh = 0;
    size_t against = 0;

    for (size_t i = 0; i < f->n; i++) {
        const struct rt_server *const s = &f->servers[i];
        const struct nts_span at = nts_span_at(&s->span, now_ns);

        if (s->answered_ns == 0 || now_ns - s->answered_ns > RT_LIFE_NS) {
            continue;
        }
        fresh++;
        against += at.hi_ns < lo_ns || at.lo_ns > hi_ns;
    }
    return against > fresh / 2;
}
