#include "wire/time_probe.h"

#include <string.h>

/* ---- challenges ---- */

void time_challenge_encode(struct writer *w, const struct time_challenge *c)
{
    wr_u8(w, c->index);
    wr_bytes(w, c->nonce, sizeof c->nonce);
}

/* after: the index before it in a list, 0 for the first. */
static enum err read_challenge(struct reader *r, uint8_t after, struct time_challenge *c)
{
    TRY(rd_u8(r, &c->index));
    if (c->index <= after || c->index > TIME_PEERS_MAX) {
        return ERR_RANGE;
    }
    return rd_copy(r, c->nonce, sizeof c->nonce);
}

enum err time_challenge_decode(struct view body, struct time_challenge *out)
{
    struct reader r = rd_init(body);
    struct time_challenge c = {0};

    *out = c;
    TRY(read_challenge(&r, 0, &c));
    TRY(rd_finish(&r));
    *out = c;
    return ERR_OK;
}

static void write_challenges(struct writer *w, const struct time_challenge *c, size_t n)
{
    wr_u8(w, (uint8_t)n);
    for (size_t i = 0; i < n; i++) {
        time_challenge_encode(w, &c[i]);
    }
}

static enum err read_count(struct reader *r, size_t *out)
{
    uint8_t n = 0;

    TRY(rd_u8(r, &n));
    if (n > TIME_PEERS_MAX) {
        return ERR_RANGE;
    }
    *out = n;
    return ERR_OK;
}

static enum err read_challenges(struct reader *r, struct time_challenge c[TIME_PEERS_MAX],
                                size_t *n)
{
    uint8_t after = 0;

    TRY(read_count(r, n));
    for (size_t i = 0; i < *n; i++) {
        TRY(read_challenge(r, after, &c[i]));
        after = c[i].index;
    }
    return ERR_OK;
}

/* ---- statements ---- */

static void write_said(struct writer *w, const struct time_statement *s)
{
    wr_u8(w, s->index);
    wr_u64le(w, s->seq);
    wr_u8(w, s->holds);
    wr_i64le(w, s->lo_ns);
    wr_i64le(w, s->hi_ns);
    wr_i64le(w, s->given_ns);
    wr_u8(w, s->view);
    write_challenges(w, s->heard, s->n);
}

void time_statement_encode(struct writer *w, const struct time_statement *s)
{
    write_said(w, s);
    wr_bytes(w, s->signature, sizeof s->signature);
}

size_t time_statement_signed(const struct time_statement *s,
                             const uint8_t epoch_id[EPOCH_ID_LEN], uint8_t out[TIME_SIGNED_MAX])
{
    static const char label[] = "quorate-time-v1";
    struct writer w = wr_init(out, TIME_SIGNED_MAX);

    wr_bytes(&w, label, sizeof label - 1);
    wr_bytes(&w, epoch_id, EPOCH_ID_LEN);
    write_said(&w, s);
    return w.len;
}

static bool is_sane(const struct time_statement *s, uint8_t after, uint8_t holds)
{
    return s->index > after && s->index <= TIME_PEERS_MAX && s->seq > 0 && holds <= 1 &&
           s->lo_ns >= 0 && s->lo_ns <= s->hi_ns && (holds == 1 || s->hi_ns == 0) &&
           s->given_ns >= 0 && s->view >> TIME_PEERS_MAX == 0;
}

static enum err read_statement(struct reader *r, uint8_t after, struct time_statement *s)
{
    uint8_t holds = 0;

    TRY(rd_u8(r, &s->index));
    TRY(rd_u64le(r, &s->seq));
    TRY(rd_u8(r, &holds));
    TRY(rd_i64le(r, &s->lo_ns));
    TRY(rd_i64le(r, &s->hi_ns));
    TRY(rd_i64le(r, &s->given_ns));
    TRY(rd_u8(r, &s->view));
    if (!is_sane(s, after, holds)) {
        return ERR_RANGE;
    }
    s->holds = holds == 1;
    TRY(read_challenges(r, s->heard, &s->n));
    return rd_copy(r, s->signature, sizeof s->signature);
}

enum err time_statement_decode(struct view body, struct time_statement *out)
{
    struct reader r = rd_init(body);
    struct time_statement s = {0};

    *out = s;
    TRY(read_statement(&r, 0, &s));
    TRY(rd_finish(&r));
    *out = s;
    return ERR_OK;
}

const struct time_challenge *time_statement_heard(const struct time_statement *s, uint8_t index)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->heard[i].index == index) {
            return &s->heard[i];
        }
    }
    return NULL;
}

/* ---- TIME_PROBE ---- */

void time_probe_encode(struct writer *w, const struct time_probe *p)
{
    wr_u8(w, p->step);
    if (p->step == TIME_TELL) {
        write_challenges(w, p->challenges, p->n);
    } else if (p->step == TIME_HEAR) {
        wr_u8(w, (uint8_t)p->n);
        for (size_t i = 0; i < p->n; i++) {
            time_statement_encode(w, &p->statements[i]);
        }
    }
}

static enum err read_statements(struct reader *r, struct time_probe *p)
{
    uint8_t after = 0;

    TRY(read_count(r, &p->n));
    for (size_t i = 0; i < p->n; i++) {
        TRY(read_statement(r, after, &p->statements[i]));
        after = p->statements[i].index;
    }
    return ERR_OK;
}

static enum err read_probe(struct view body, struct time_probe *p)
{
    struct reader r = rd_init(body);

    TRY(rd_u8(&r, &p->step));
    if (p->step < TIME_OPEN || p->step > TIME_HEAR) {
        return ERR_RANGE;
    }
    if (p->step == TIME_TELL) {
        TRY(read_challenges(&r, p->challenges, &p->n));
    } else if (p->step == TIME_HEAR) {
        TRY(read_statements(&r, p));
    }
    return rd_finish(&r);
}

enum err time_probe_decode(struct view body, struct time_probe *out)
{
    enum err e;

    memset(out, 0, sizeof *out);
    e = read_probe(body, out);
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}
