#include "wire/presign_call.h"

#include "base/mask.h"

#include <string.h>

#define SIGNERS 3

/* ---- fields ---- */

static bool is_triple(uint8_t mask)
{
    return mask >> PRESIGN_NODES_MAX == 0 && mask_count(mask) == SIGNERS;
}

static enum err read_triple(struct reader *r, uint8_t *out)
{
    TRY(rd_u8(r, out));
    return is_triple(*out) ? ERR_OK : ERR_RANGE;
}

static enum err read_flag(struct reader *r, bool *out)
{
    uint8_t flag = 0;

    TRY(rd_u8(r, &flag));
    *out = flag == 1;
    return flag <= 1 ? ERR_OK : ERR_RANGE;
}

/* At most most. */
static enum err read_upto(struct reader *r, uint8_t most, uint8_t *out)
{
    TRY(rd_u8(r, out));
    return *out <= most ? ERR_OK : ERR_RANGE;
}

static enum err read_counter(struct reader *r, uint64_t *out)
{
    TRY(rd_u64le(r, out));
    return *out != 0 ? ERR_OK : ERR_RANGE;
}

/* ---- PRESIGN_ORDER ---- */

void presign_order_encode(struct writer *w, const struct presign_order *o)
{
    wr_u8(w, o->kind);
    if (o->kind == PRESIGN_ORDER_SETUP) {
        wr_u8(w, (uint8_t)(o->peer + 1));
        wr_u64le(w, o->counter);
    } else if (o->kind == PRESIGN_ORDER_MAKE) {
        wr_u8(w, o->triple);
        wr_u64le(w, o->counter);
        wr_bytes(w, o->label, sizeof o->label);
    } else if (o->kind == PRESIGN_ORDER_BATCH) {
        wr_u64le(w, o->counter);
        wr_u8(w, o->records);
        wr_bytes(w, o->triples, o->records);
    } else if (o->kind == PRESIGN_ORDER_WRONG) {
        presign_word_encode(w, &o->word);
    } else {
        wr_u8(w, o->on);
    }
}

static enum err read_setup(struct reader *r, struct presign_order *o)
{
    TRY(rd_u8(r, &o->peer));
    if (o->peer == 0 || o->peer > PRESIGN_NODES_MAX) {
        return ERR_RANGE;
    }
    o->peer--;
    return read_counter(r, &o->counter);
}

static enum err read_make(struct reader *r, struct presign_order *o)
{
    TRY(read_triple(r, &o->triple));
    TRY(read_counter(r, &o->counter));
    return rd_copy(r, o->label, sizeof o->label);
}

static enum err read_batch(struct reader *r, struct presign_order *o)
{
    TRY(read_counter(r, &o->counter));
    TRY(rd_u8(r, &o->records));
    if (o->records == 0) {
        return ERR_RANGE;
    }
    for (size_t i = 0; i < o->records; i++) {
        TRY(read_upto(r, PRESIGN_ACCEL_TRIPLES - 1, &o->triples[i]));
    }
    return ERR_OK;
}

static enum err read_order(struct view body, struct presign_order *o)
{
    struct reader r = rd_init(body);

    TRY(rd_u8(&r, &o->kind));
    if (o->kind == PRESIGN_ORDER_SETUP) {
        TRY(read_setup(&r, o));
    } else if (o->kind == PRESIGN_ORDER_MAKE) {
        TRY(read_make(&r, o));
    } else if (o->kind == PRESIGN_ORDER_BATCH) {
        TRY(read_batch(&r, o));
    } else if (o->kind == PRESIGN_ORDER_ACCEL) {
        TRY(read_flag(&r, &o->on));
    } else if (o->kind == PRESIGN_ORDER_WRONG) {
        TRY(presign_word_decode(&r, &o->word));
        if (!is_triple(o->word.triple)) {
            return ERR_RANGE;
        }
    } else {
        return ERR_RANGE;
    }
    return rd_finish(&r);
}

enum err presign_order_decode(struct view body, struct presign_order *out)
{
    enum err e;

    memset(out, 0, sizeof *out);
    e = read_order(body, out);
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}

void presign_ordered_encode(struct writer *w, enum err e)
{
    wr_u16le(w, (uint16_t)e);
}

enum err presign_ordered_decode(struct view body, enum err *out)
{
    struct reader r = rd_init(body);
    uint16_t code = 0;

    *out = ERR_BUG;
    TRY(rd_u16le(&r, &code));
    TRY(rd_finish(&r));
    if (code == ERR_OK || err_known(code)) {
        *out = (enum err)code;
    }
    return ERR_OK;
}

/* ---- PRESIGN_LIST ---- */

void presign_since_encode(struct writer *w, uint64_t since)
{
    wr_u64le(w, since);
}

enum err presign_since_decode(struct view body, uint64_t *out)
{
    struct reader r = rd_init(body);
    uint64_t since = 0;

    *out = 0;
    TRY(rd_u64le(&r, &since));
    TRY(rd_finish(&r));
    *out = since;
    return ERR_OK;
}

size_t presign_list_begin(struct writer *w)
{
    const size_t mark = w->len;

    wr_u64le(w, 0);
    return mark;
}

void presign_listed_encode(struct writer *w, const struct presign_listed *row)
{
    wr_u64le(w, row->number);
    wr_u8(w, row->triple);
    wr_bytes(w, row->id, sizeof row->id);
    wr_bytes(w, row->r, sizeof row->r);
}

void presign_list_end(struct writer *w, size_t mark, uint64_t next)
{
    wr_patch_u32le(w, mark, (uint32_t)next);
    wr_patch_u32le(w, mark + 4, (uint32_t)(next >> 32));
}

static enum err read_listed(struct reader *r, struct presign_listed *row)
{
    TRY(rd_u64le(r, &row->number));
    TRY(read_triple(r, &row->triple));
    TRY(rd_copy(r, row->id, sizeof row->id));
    return rd_copy(r, row->r, sizeof row->r);
}

static enum err check_rows(struct view rows, uint64_t next, size_t *n)
{
    struct reader r = rd_init(rows);
    uint64_t last = 0;

    for (*n = 0; r.n > 0; ++*n) {
        struct presign_listed row;

        if (*n == PRESIGN_LIST_MAX) {
            return ERR_RANGE;
        }
        TRY(read_listed(&r, &row));
        if (row.number <= last || row.number >= next) {
            return ERR_RANGE;
        }
        last = row.number;
    }
    return ERR_OK;
}

enum err presign_list_decode(struct view body, struct presign_list *out)
{
    struct reader r = rd_init(body);
    struct presign_list l = {0};

    *out = l;
    TRY(rd_u64le(&r, &l.next));
    TRY(rd_take(&r, r.n, &l.rows));
    TRY(check_rows(l.rows, l.next, &l.n));
    *out = l;
    return ERR_OK;
}

void presign_list_row(const struct presign_list *l, size_t i, struct presign_listed *out)
{
    struct reader r = rd_init(l->rows);
    struct view before;

    *out = (struct presign_listed){0};
    if (rd_take(&r, i * PRESIGN_LISTED_LEN, &before) != ERR_OK ||
        read_listed(&r, out) != ERR_OK) {
        *out = (struct presign_listed){0};
    }
}

/* ---- PRESIGN_STATUS ---- */

static void write_node(struct writer *w, const struct presign_peer_status *p)
{
    wr_u8(w, p->channel);
    wr_u8(w, p->setup);
    wr_u8(w, p->seeded);
    wr_u32le(w, p->incarnation);
    wr_u64le(w, p->counter);
    wr_u32le(w, p->wait_s);
}

static enum err read_node(struct reader *r, struct presign_peer_status *p)
{
    TRY(read_upto(r, PRESIGN_CHANNEL_VERIFIED, &p->channel));
    TRY(read_upto(r, PRESIGN_PAIR_RESTS, &p->setup));
    TRY(read_flag(r, &p->seeded));
    TRY(rd_u32le(r, &p->incarnation));
    TRY(rd_u64le(r, &p->counter));
    return rd_u32le(r, &p->wait_s);
}

void presign_status_encode(struct writer *w, const struct presign_status *s)
{
    const uint64_t counts[] = {s->batch_counter, s->made_dkls, s->made_accel,
                               s->used,          s->expired,   s->voided,
                               s->aborted,       s->dropped,   s->lies};

    wr_u8(w, (uint8_t)s->n_nodes);
    for (size_t i = 0; i < s->n_nodes; i++) {
        write_node(w, &s->nodes[i]);
    }
    wr_u16le(w, s->cap);
    wr_u8(w, (uint8_t)s->n_triples);
    for (size_t i = 0; i < s->n_triples; i++) {
        wr_u8(w, s->triples[i].triple);
        wr_u16le(w, s->triples[i].count);
        wr_u8(w, s->triples[i].usable);
    }
    wr_u8(w, s->accel);
    wr_u8(w, s->late);
    wr_u8(w, s->sessions);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        wr_u64le(w, counts[i]);
    }
}

static enum err read_triples(struct reader *r, struct presign_status *s)
{
    uint8_t n = 0;
    uint8_t after = 0;

    TRY(rd_u16le(r, &s->cap));
    TRY(read_upto(r, PRESIGN_STATUS_TRIPLES_MAX, &n));
    s->n_triples = n;
    for (size_t i = 0; i < n; i++) {
        struct presign_triple_status *const t = &s->triples[i];

        TRY(read_triple(r, &t->triple));
        TRY(rd_u16le(r, &t->count));
        TRY(read_flag(r, &t->usable));
        if (t->triple <= after || t->count > s->cap) {
            return ERR_RANGE;
        }
        after = t->triple;
    }
    return ERR_OK;
}

static enum err read_counts(struct reader *r, struct presign_status *s)
{
    uint64_t *const counts[] = {&s->batch_counter, &s->made_dkls, &s->made_accel,
                                &s->used,          &s->expired,   &s->voided,
                                &s->aborted,       &s->dropped,   &s->lies};

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        TRY(rd_u64le(r, counts[i]));
    }
    return ERR_OK;
}

static enum err read_status(struct view body, struct presign_status *s)
{
    struct reader r = rd_init(body);
    uint8_t n = 0;

    TRY(read_upto(&r, PRESIGN_NODES_MAX, &n));
    if (n < SIGNERS) {
        return ERR_RANGE;
    }
    s->n_nodes = n;
    for (size_t i = 0; i < n; i++) {
        TRY(read_node(&r, &s->nodes[i]));
    }
    TRY(read_triples(&r, s));
    TRY(read_upto(&r, PRESIGN_ACCEL_OVER, &s->accel));
    TRY(rd_u8(&r, &s->late));
    TRY(rd_u8(&r, &s->sessions));
    TRY(read_counts(&r, s));
    return rd_finish(&r);
}

enum err presign_status_decode(struct view body, struct presign_status *out)
{
    enum err e;

    memset(out, 0, sizeof *out);
    e = read_status(body, out);
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}
