/* A node whose owner is against us: the machine is a real one, what leaves it is not. It signs
 * whatever it likes with its own identity, and has no other's. */
#include "sim_world.h"

#define LIE_OFTEN 600 /* of a thousand answers */

static bool has(const struct sim_world *w, unsigned node, enum sim_lie lie)
{
    return (w->boxes[node].lies & (unsigned)lie) != 0;
}

bool sim_liar_waits(struct sim_world *w, unsigned node, const struct frame_header *h)
{
    return h->type == FRAME_R1 && has(w, node, LIE_SPAN);
}

/* ---- R1 ---- */

/* r1 says that now, under the liar's name. */
static void tell_r1(const struct sim_world *w, unsigned node, const struct r1_body *b,
                    const struct r1_offer *o, uint8_t r1[R1_MAX_LEN])
{
    struct writer out = wr_init(r1, R1_MAX_LEN);
    uint8_t signed_part[R1_SIGNED_LEN];

    r1_body_encode(&out, b);
    r1_offer_encode(&out, o);
    r1_offer_signed(r1, signed_part);
    sim_fixture_sign(w->f, node, (struct view){signed_part, sizeof signed_part},
                     r1 + R1_MAX_LEN - R1_PROOF_LEN);
}

/* Pulls genTime to one side, as far as others may believe or further. */
static void choose_span(struct sim_world *w, unsigned node, struct r1_body *b)
{
    static const int64_t reach_ms[] = {40, 300, 600, 740, 990, 1010, 1100, 2000, 5000, 9000};
    const struct sim_r1 *const other = sim_check_other(&w->check, node, b->sid0);
    const int64_t drawn_ns =
        reach_ms[sim_below(&w->rng, 10)] * MS * (w->options.seed % 2 == 0 ? 1 : -1);
    const int64_t off_ns = w->boxes[node].span_off_ns;
    const int64_t by_ns = off_ns != 0 ? off_ns : drawn_ns;
    const int64_t width_ns = b->hi_ns - b->lo_ns;
    struct r1_body theirs;

    if (other != NULL &&
        r1_body_decode((struct view){other->bytes, R1_BODY_LEN}, &theirs) == ERR_OK) {
        b->lo_ns = theirs.lo_ns;
        memcpy(b->part, theirs.part, R1_PART_LEN); /* a serial number that it knows half of */
    }
    b->lo_ns += by_ns;
    b->hi_ns = b->lo_ns + (sim_chance(&w->rng, 500) ? width_ns : 0);
}

static void twist_r1(struct sim_world *w, unsigned node, uint32_t lane, uint8_t r1[R1_MAX_LEN])
{
    struct sim_box *const box = &w->boxes[node];
    const bool had_old = box->has_old_r1;
    uint8_t old[R1_MAX_LEN];
    struct r1_body b;
    struct r1_offer o;

    memcpy(old, box->old_r1, R1_MAX_LEN);
    memcpy(box->old_r1, r1, R1_MAX_LEN);
    box->has_old_r1 = true;
    if (r1_body_decode((struct view){r1, R1_BODY_LEN}, &b) != ERR_OK ||
        r1_offer_decode((struct view){r1 + R1_BODY_LEN, R1_OFFER_LEN}, &o) != ERR_OK) {
        return;
    }
    if (has(w, node, LIE_REPLAY) && had_old && sim_chance(&w->rng, 300)) {
        memcpy(r1, old, R1_MAX_LEN);
        return;
    }
    if (has(w, node, LIE_SPAN)) {
        choose_span(w, node, &b);
    }
    if (has(w, node, LIE_COMMIT) && sim_chance(&w->rng, 500)) {
        o.com[0] ^= 1;
    }
    if (has(w, node, LIE_EPOCH) && sim_chance(&w->rng, 500)) {
        b.epoch_id[0] ^= 1;
    }
    if (has(w, node, LIE_EQUIVOCATE) && lane == SIM_LANE_ROGUE && had_old) {
        memcpy(o.batch_id, old + R1_BODY_LEN + 1, R1_BATCH_ID_LEN); /* one batch, two R1s */
        b.part[0] ^= 1;
    }
    tell_r1(w, node, &b, &o, r1);
}

/* ---- words ---- */

static size_t bitmap_len(const struct sim_world *w)
{
    return (w->f->math->params->repetitions + 7U) / 8;
}

/* Another body for REVEAL. */
static bool twist_reveal(struct sim_world *w, unsigned node, uint32_t lane, uint8_t *body,
                         size_t n)
{
    if (has(w, node, LIE_REVEAL) || (has(w, node, LIE_EQUIVOCATE) && lane == SIM_LANE_ROGUE)) {
        sim_flip(&w->rng, body, n);
        return true;
    }
    return false;
}

/* Another body for RESPOND; *n is its length. */
static bool twist_response(struct sim_world *w, unsigned node, uint8_t *body, size_t *n)
{
    const size_t z = bitmap_len(w);

    if (has(w, node, LIE_REJECT) && sim_chance(&w->rng, 400)) {
        memset(body, 0, z);
        *n = z;
        return true;
    }
    if (*n < z + 16) {
        return false;
    }
    if (has(w, node, LIE_TOO_LONG) && sim_chance(&w->rng, 400)) {
        memset(body + z, 100, 16);
        return true;
    }
    if (has(w, node, LIE_RESPOND)) {
        body[z + sim_below(&w->rng, (unsigned)(*n - z))] ^= 1;
        return true;
    }
    return false;
}

/* The word that stands at head bytes of the frame. */
static void twist_word(struct sim_world *w, unsigned node, uint32_t lane,
                       const uint8_t x[STAMP_X_LEN], uint8_t *frame, size_t *n, size_t head)
{
    const bool is_reveal = head == FRAME_HEADER_LEN + 3;
    struct reader r = rd_init((struct view){frame + head, *n - head});
    uint8_t *const body = frame + head + QUORUM_WORD_HEAD;
    uint8_t signed_part[QUORUM_SIGNED_LEN];
    struct quorum_word word;
    size_t len;

    if (quorum_word_decode(&r, *n, &word) != ERR_OK) {
        return;
    }
    len = word.body.n;
    if (has(w, node, LIE_REPLAY) && sim_chance(&w->rng, 300)) {
        uint8_t other[STAMP_X_LEN] = {1};

        x = other; /* its word in another session */
        quorum_word_signed(is_reveal ? QUORUM_REVEAL : QUORUM_RESPOND, x, &word, signed_part);
    } else if (is_reveal ? twist_reveal(w, node, lane, body, len)
                         : twist_response(w, node, body, &len)) {
        struct writer out = wr_init(frame + head + 1 + QUORUM_SIG_LEN, 4);

        wr_u32le(&out, (uint32_t)len);
        word.body.n = len;
        quorum_word_signed(is_reveal ? QUORUM_REVEAL : QUORUM_RESPOND, x, &word, signed_part);
    } else {
        return;
    }
    sim_fixture_sign(w->f, node, (struct view){signed_part, sizeof signed_part},
                     frame + head + 1);
    *n = head + QUORUM_WORD_HEAD + len;
}

/* ---- all ---- */

/* An error in the place of an answer, or nothing at all. */
static bool refuse(struct sim_world *w, const struct frame_header *h, uint8_t *frame, size_t *n)
{
    static const enum err why[] = {ERR_NOSPACE, ERR_TIME, ERR_STALE, ERR_QUORUM, ERR_BUG};
    struct writer out = wr_init(frame, *n);
    struct view whole;

    if (sim_chance(&w->rng, 300)) {
        return false;
    }
    frame_write_error(&out, h->request_id, why[sim_below(&w->rng, 5)]);
    if (wr_finish(&out, &whole) == ERR_OK) {
        *n = whole.n;
    }
    return true;
}

bool sim_liar_change(struct sim_world *w, unsigned node, uint32_t lane,
                     const uint8_t x[STAMP_X_LEN], uint8_t *frame, size_t *n)
{
    struct writer out = wr_init(frame + 4, 4);
    struct frame_header h;

    if ((!sim_chance(&w->rng, LIE_OFTEN) && w->boxes[node].span_off_ns == 0) ||
        frame_header_decode((struct view){frame, FRAME_HEADER_LEN}, &h) != ERR_OK ||
        h.type == FRAME_ERROR) {
        return true;
    }
    SIM_TRACE(w, "      node %u lies", node + 1);
    w->totals.lies++;
    if (has(w, node, LIE_REFUSE) && sim_chance(&w->rng, 400)) {
        return refuse(w, &h, frame, n);
    }
    if (h.type == (FRAME_R1 | FRAME_ANSWER)) {
        twist_r1(w, node, lane, frame + FRAME_HEADER_LEN + 1);
    } else if (x != NULL) {
        twist_word(w, node, lane, x, frame, n,
                   FRAME_HEADER_LEN + (h.type == (FRAME_R2 | FRAME_ANSWER) ? 3U : 2U));
    }
    wr_u32le(&out, (uint32_t)(*n - FRAME_HEADER_LEN));
    return true;
}
