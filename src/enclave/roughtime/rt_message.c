#include "enclave/roughtime/rt_message.h"

#define NAME_LEN 8

static const uint8_t name[NAME_LEN] = {'R', 'O', 'U', 'G', 'H', 'T', 'I', 'M'};

/* Where each value begins; the first at 0, which is not said. */
static enum err read_offsets(struct reader *r, size_t n, uint32_t *at)
{
    at[0] = 0;
    for (size_t i = 1; i < n; i++) {
        TRY(rd_u32le(r, &at[i]));
        if (at[i] % 4 != 0 || at[i] < at[i - 1]) {
            return ERR_ENCODING;
        }
    }
    return ERR_OK;
}

static enum err parse(struct view in, struct rt_message *m)
{
    struct reader r = rd_init(in);
    uint32_t at[RT_TAGS_MAX];
    uint32_t n = 0;

    TRY(rd_u32le(&r, &n));
    if (n == 0) {
        return ERR_ENCODING;
    }
    if (n > RT_TAGS_MAX) {
        return ERR_NOSPACE;
    }
    TRY(read_offsets(&r, n, at));
    for (size_t i = 0; i < n; i++) {
        TRY(rd_u32le(&r, &m->items[i].tag));
        if (i > 0 && m->items[i].tag <= m->items[i - 1].tag) {
            return ERR_ENCODING;
        }
    }
    for (size_t i = 0; i + 1 < n; i++) {
        TRY(rd_take(&r, at[i + 1] - at[i], &m->items[i].value));
    }
    if (r.n % 4 != 0) {
        return ERR_ENCODING;
    }
    m->n = n;
    return rd_take(&r, r.n, &m->items[n - 1].value);
}

enum err rt_message_parse(struct view in, struct rt_message *out)
{
    struct rt_message m = {0};
    const enum err e = parse(in, &m);

    *out = e == ERR_OK ? m : (struct rt_message){0};
    return e;
}

enum err rt_packet_parse(struct view in, struct view *message)
{
    struct reader r = rd_init(in);
    struct view v;
    uint32_t n = 0;

    *message = (struct view){NULL, 0};
    TRY(rd_take(&r, NAME_LEN, &v));
    if (!view_equal(v, (struct view){name, NAME_LEN})) {
        return ERR_TAG;
    }
    TRY(rd_u32le(&r, &n));
    TRY(rd_take(&r, n, &v));
    TRY(rd_finish(&r));
    *message = v;
    return ERR_OK;
}

enum err rt_message_any(const struct rt_message *m, enum rt_tag tag, struct view *out)
{
    *out = (struct view){NULL, 0};
    for (size_t i = 0; i < m->n; i++) {
        if (m->items[i].tag == (uint32_t)tag) {
            *out = m->items[i].value;
            return ERR_OK;
        }
    }
    return ERR_TAG;
}

enum err rt_message_find(const struct rt_message *m, enum rt_tag tag, size_t n,
                         struct view *out)
{
    struct view v;

    *out = (struct view){NULL, 0};
    TRY(rt_message_any(m, tag, &v));
    if (v.n != n) {
        return ERR_LENGTH;
    }
    *out = v;
    return ERR_OK;
}

enum err rt_message_u32(const struct rt_message *m, enum rt_tag tag, uint32_t *out)
{
    struct reader r;
    struct view v;

    *out = 0;
    TRY(rt_message_find(m, tag, sizeof *out, &v));
    r = rd_init(v);
    return rd_u32le(&r, out);
}

enum err rt_message_u64(const struct rt_message *m, enum rt_tag tag, uint64_t *out)
{
    struct reader r;
    struct view v;

    *out = 0;
    TRY(rt_message_find(m, tag, sizeof *out, &v));
    r = rd_init(v);
    return rd_u64le(&r, out);
}

void rt_message_write(struct writer *w, const struct rt_item *items, size_t n)
{
    size_t at = 0;

    wr_u32le(w, (uint32_t)n);
    for (size_t i = 0; i + 1 < n; i++) {
        at += items[i].value.n;
        wr_u32le(w, (uint32_t)at);
    }
    for (size_t i = 0; i < n; i++) {
        wr_u32le(w, items[i].tag);
    }
    for (size_t i = 0; i < n; i++) {
        wr_view(w, items[i].value);
    }
}

void rt_packet_begin(struct writer *w, size_t n)
{
    wr_bytes(w, name, NAME_LEN);
    wr_u32le(w, (uint32_t)n);
}
