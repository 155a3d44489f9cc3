#include "attest/attest_tls.h"

#include "crypto/hash.h"

#include <string.h>

#define VERSION 1
#define CHALLENGE_LEN (5 + EPOCH_ID_LEN + REPORT_DATA_NONCE_LEN)
#define VERDICT_LEN (P384_DIGEST_LEN + ATTEST_TLS_POLICY_LEN)
#define ALERT_LEN 2
#define TLS_1_3 0x0304

static const char transcript_label[] = "quorate-attest-tls-rounds-v1";
static const char proof_label[] = "quorate-attest-tls-proof-v1";

static size_t own_side(const struct attest_tls *m)
{
    return (size_t)m->setup.side;
}

static size_t peer_side(const struct attest_tls *m)
{
    return 1U - own_side(m);
}

void attest_tls_context(const uint8_t epoch_id[EPOCH_ID_LEN], enum attest_tls_side side,
                        uint8_t out[ATTEST_TLS_CONTEXT_LEN])
{
    memcpy(out, epoch_id, EPOCH_ID_LEN);
    out[EPOCH_ID_LEN] = (uint8_t)side;
}

static bool is_end(const struct attest_tls_end *e)
{
    return e->role >= REPORT_CORE && e->role <= REPORT_REGISTRY &&
           (e->shows == ATTEST_TLS_SHOWS_KEY || e->shows == ATTEST_TLS_SHOWS_EVIDENCE);
}

enum attest_fault attest_tls_init(struct attest_tls *m, const struct attest_tls_setup *setup)
{
    const struct attest_tls_session *const s = &setup->session;

    memset(m, 0, sizeof *m);
    if (s->version != TLS_1_3 || s->resumed || s->early_data) {
        return ATTEST_TLS_SESSION;
    }
    if (!is_end(&setup->own) || !is_end(&setup->peer) || (unsigned)setup->side > 1 ||
        memcmp(setup->own.leaf, setup->peer.leaf, P384_PUBLIC_LEN) == 0 ||
        memcmp(s->exporter[0], s->exporter[1], ATTEST_TLS_EXPORTER_LEN) == 0) {
        return ATTEST_TLS_SETUP;
    }
    m->setup = *setup;
    return ATTEST_OK;
}

/* ---- messages ---- */

static void message_begin(struct writer *out, enum attest_tls_type type, size_t body)
{
    wr_u8(out, (uint8_t)type);
    wr_u32le(out, (uint32_t)body);
}

/* The challenge of a side, as it was or will be sent: it follows from setup and nonce. */
static void challenge_write(const struct attest_tls *m, size_t side, struct writer *out)
{
    const bool own = side == own_side(m);
    const struct attest_tls_end *const from = own ? &m->setup.own : &m->setup.peer;
    const struct attest_tls_end *const to = own ? &m->setup.peer : &m->setup.own;

    message_begin(out, ATTEST_TLS_CHALLENGE, CHALLENGE_LEN);
    wr_u8(out, VERSION);
    wr_u8(out, (uint8_t)side);
    wr_u8(out, from->role);
    wr_u8(out, from->shows);
    wr_u8(out, to->shows); /* what it demands */
    wr_bytes(out, m->setup.epoch_id, EPOCH_ID_LEN);
    wr_bytes(out, m->nonce[side], REPORT_DATA_NONCE_LEN);
}

static void transcript_make(struct attest_tls *m)
{
    struct hash_state h;

    hash_init(&h, HASH_SHA384);
    hash_update_field(&h, transcript_label, sizeof transcript_label - 1);
    for (size_t side = 0; side < 2; side++) {
        uint8_t bytes[ATTEST_TLS_HEAD_LEN + CHALLENGE_LEN];
        struct writer w = wr_init(bytes, sizeof bytes);

        challenge_write(m, side, &w);
        hash_update_field(&h, bytes, w.len);
    }
    hash_final(&h, m->transcript);
}

/* What the leaf of a side signs. */
static void proof_make(struct attest_tls *m, size_t side, struct view block)
{
    const uint8_t number = (uint8_t)side;
    uint8_t evidence[EVIDENCE_HASH_LEN];
    struct hash_state h;

    evidence_hash(block, evidence);
    hash_init(&h, HASH_SHA384);
    hash_update_field(&h, proof_label, sizeof proof_label - 1);
    hash_update_field(&h, &number, 1);
    hash_update_field(&h, m->transcript, sizeof m->transcript);
    hash_update_field(&h, m->setup.session.exporter[side], ATTEST_TLS_EXPORTER_LEN);
    hash_update_field(&h, evidence, sizeof evidence);
    hash_final(&h, m->proof[side]);
}

/* What the evidence of a side must carry. */
static void report_data_of(const struct attest_tls *m, size_t side,
                           uint8_t out[REPORT_DATA_LEN])
{
    const bool own = side == own_side(m);
    const struct attest_tls_end *const from = own ? &m->setup.own : &m->setup.peer;
    const struct attest_tls_end *const to = own ? &m->setup.peer : &m->setup.own;
    struct report_binding b = {
        .purpose = REPORT_TLS, .role = from->role, .peer = {to->leaf, P384_PUBLIC_LEN}};

    memcpy(b.epoch_id, m->setup.epoch_id, sizeof b.epoch_id);
    memcpy(b.identity, from->leaf, sizeof b.identity);
    memcpy(b.nonce, m->nonce[1U - side], sizeof b.nonce);
    report_context_tls((struct view){m->setup.session.exporter[side], ATTEST_TLS_EXPORTER_LEN},
                       (struct view){from->leaf, P384_PUBLIC_LEN},
                       (struct view){to->leaf, P384_PUBLIC_LEN}, b.context);
    report_data_make(&b, out);
}

enum attest_fault attest_tls_length(const uint8_t head[ATTEST_TLS_HEAD_LEN], size_t *n)
{
    static const size_t most[] = {0, CHALLENGE_LEN, ATTEST_TLS_BODY_MAX, VERDICT_LEN,
                                  ALERT_LEN};
    struct reader r = rd_init((struct view){head, ATTEST_TLS_HEAD_LEN});
    uint8_t type = 0;
    uint32_t body = 0;

    *n = 0;
    if (rd_u8(&r, &type) != ERR_OK || rd_u32le(&r, &body) != ERR_OK) {
        return ATTEST_TLS_SIZE;
    }
    if (type < ATTEST_TLS_CHALLENGE || type > ATTEST_TLS_ALERT) {
        return ATTEST_TLS_TYPE;
    }
    if (body > most[type]) {
        return ATTEST_TLS_SIZE;
    }
    *n = ATTEST_TLS_HEAD_LEN + body;
    return ATTEST_OK;
}

/* ---- a round ---- */

static enum attest_fault written(const struct writer *out)
{
    return out->full ? ATTEST_TLS_TOOLS : ATTEST_OK;
}

enum attest_fault attest_tls_begin(struct attest_tls *m, const struct attest_tls_tools *tools,
                                   struct writer *out)
{
    if (m->challenged) {
        return ATTEST_TLS_TYPE;
    }
    if (tools->random(tools->ctx, m->nonce[own_side(m)]) != ERR_OK) {
        return ATTEST_TLS_TOOLS;
    }
    m->challenged = true;
    challenge_write(m, own_side(m), out);
    return written(out);
}

static void round_end(struct attest_tls *m)
{
    m->challenged = m->peer_challenged = m->shown = false;
    m->peer_accepted = m->accepted = false;
}

/* Once both sides have accepted. */
static void settle(struct attest_tls *m, int64_t now_ns)
{
    if (m->peer_accepted && m->accepted && m->shown) {
        m->verified = true;
        m->verified_ns = now_ns;
        round_end(m);
    }
}

static enum attest_fault take_challenge(struct attest_tls *m,
                                        const struct attest_tls_tools *tools, int64_t now_ns,
                                        struct reader body, struct writer *out)
{
    uint8_t version = 0, side = 0, role = 0, shows = 0, demands = 0;
    struct view epoch_id, nonce;

    if (rd_u8(&body, &version) != ERR_OK || rd_u8(&body, &side) != ERR_OK ||
        rd_u8(&body, &role) != ERR_OK || rd_u8(&body, &shows) != ERR_OK ||
        rd_u8(&body, &demands) != ERR_OK || rd_take(&body, EPOCH_ID_LEN, &epoch_id) != ERR_OK ||
        rd_take(&body, REPORT_DATA_NONCE_LEN, &nonce) != ERR_OK || rd_finish(&body) != ERR_OK) {
        return ATTEST_TLS_SIZE;
    }
    if (m->peer_challenged) {
        return ATTEST_TLS_TYPE;
    }
    if (!m->challenged && m->verified && now_ns - m->verified_ns < ATTEST_TLS_PAUSE_NS) {
        return ATTEST_TLS_SOON;
    }
    if (version != VERSION) {
        return ATTEST_TLS_VERSION;
    }
    if (side != peer_side(m)) {
        return ATTEST_TLS_SIDE;
    }
    if (role != m->setup.peer.role) {
        return ATTEST_TLS_ROLE;
    }
    if (shows != m->setup.peer.shows || demands != m->setup.own.shows) {
        return ATTEST_TLS_SHOWS;
    }
    if (memcmp(epoch_id.p, m->setup.epoch_id, EPOCH_ID_LEN) != 0) {
        return ATTEST_TLS_EPOCH;
    }
    if (!m->challenged) {
        ATTEST_TRY(attest_tls_begin(m, tools, out));
    }
    if (memcmp(nonce.p, m->nonce[own_side(m)], REPORT_DATA_NONCE_LEN) == 0) {
        return ATTEST_TLS_NONCE;
    }
    memcpy(m->nonce[peer_side(m)], nonce.p, REPORT_DATA_NONCE_LEN);
    m->peer_challenged = true;
    transcript_make(m);
    return ATTEST_OK;
}

static void verdict_write(const struct attest_tls *m, struct writer *out)
{
    message_begin(out, ATTEST_TLS_VERDICT, VERDICT_LEN);
    wr_bytes(out, m->proof[peer_side(m)], P384_DIGEST_LEN);
    wr_bytes(out, m->policy, sizeof m->policy);
}

static enum attest_fault take_proof(struct attest_tls *m, const struct attest_tls_tools *tools,
                                    int64_t now_ns, struct reader body, struct writer *out)
{
    const bool evidence = m->setup.peer.shows == ATTEST_TLS_SHOWS_EVIDENCE;
    uint8_t report_data[REPORT_DATA_LEN];
    struct view signature, block;

    if (rd_take(&body, P384_SIG_LEN, &signature) != ERR_OK ||
        rd_take(&body, body.n, &block) != ERR_OK) {
        return ATTEST_TLS_SIZE;
    }
    if (!m->challenged || !m->peer_challenged || m->peer_accepted) {
        return ATTEST_TLS_TYPE;
    }
    if ((block.n > 0) != evidence) {
        return ATTEST_TLS_FORM;
    }
    proof_make(m, peer_side(m), block);
    if (p384_verify(m->setup.peer.leaf, m->proof[peer_side(m)], signature.p) != ERR_OK) {
        return ATTEST_TLS_POSSESSION;
    }
    memset(m->policy, 0, sizeof m->policy);
    if (!evidence) {
        if (!tools->is_known(tools->ctx, m->setup.peer.role, m->setup.peer.leaf)) {
            return ATTEST_TLS_KEY;
        }
    } else {
        report_data_of(m, peer_side(m), report_data);
        ATTEST_TRY(tools->judge(tools->ctx, block, report_data, m->policy));
    }
    m->peer_accepted = true;
    if (m->shown) {
        verdict_write(m, out);
    }
    settle(m, now_ns);
    return written(out);
}

static enum attest_fault take_verdict(struct attest_tls *m, int64_t now_ns, struct reader body)
{
    struct view proof, policy;

    if (rd_take(&body, P384_DIGEST_LEN, &proof) != ERR_OK ||
        rd_take(&body, ATTEST_TLS_POLICY_LEN, &policy) != ERR_OK ||
        rd_finish(&body) != ERR_OK) {
        return ATTEST_TLS_SIZE;
    }
    if (!m->shown || m->accepted) {
        return ATTEST_TLS_TYPE;
    }
    if (memcmp(proof.p, m->proof[own_side(m)], P384_DIGEST_LEN) != 0) {
        return ATTEST_TLS_ANSWER;
    }
    memcpy(m->peer_policy, policy.p, ATTEST_TLS_POLICY_LEN);
    m->accepted = true;
    settle(m, now_ns);
    return ATTEST_OK;
}

static enum attest_fault take(struct attest_tls *m, const struct attest_tls_tools *tools,
                              int64_t now_ns, struct view message, struct writer *out)
{
    size_t n = 0;

    if (message.n < ATTEST_TLS_HEAD_LEN) {
        return ATTEST_TLS_SIZE;
    }
    ATTEST_TRY(attest_tls_length(message.p, &n));
    if (n != message.n) {
        return ATTEST_TLS_SIZE;
    }
    const struct reader body =
        rd_init((struct view){message.p + ATTEST_TLS_HEAD_LEN, n - ATTEST_TLS_HEAD_LEN});

    switch (message.p[0]) {
    case ATTEST_TLS_CHALLENGE:
        return take_challenge(m, tools, now_ns, body, out);
    case ATTEST_TLS_PROOF:
        return take_proof(m, tools, now_ns, body, out);
    case ATTEST_TLS_VERDICT:
        return take_verdict(m, now_ns, body);
    default:
        return ATTEST_TLS_REFUSED;
    }
}

enum attest_fault attest_tls_take(struct attest_tls *m, const struct attest_tls_tools *tools,
                                  int64_t now_ns, struct view message, struct writer *out)
{
    const enum attest_fault f = take(m, tools, now_ns, message, out);

    if (f != ATTEST_OK) {
        m->verified = false;
        round_end(m);
    }
    return f;
}

bool attest_tls_wants(const struct attest_tls *m, uint8_t report_data[REPORT_DATA_LEN])
{
    const bool wants = m->challenged && m->peer_challenged && !m->shown;

    memset(report_data, 0, REPORT_DATA_LEN);
    if (wants) {
        report_data_of(m, own_side(m), report_data);
    }
    return wants;
}

enum attest_fault attest_tls_show(struct attest_tls *m, const struct attest_tls_tools *tools,
                                  int64_t now_ns, struct view block, struct writer *out)
{
    uint8_t signature[P384_SIG_LEN];

    if (!m->challenged || !m->peer_challenged || m->shown) {
        return ATTEST_TLS_TYPE;
    }
    if ((block.n > 0) != (m->setup.own.shows == ATTEST_TLS_SHOWS_EVIDENCE) ||
        block.n > EVIDENCE_MAX) {
        return ATTEST_TLS_FORM;
    }
    proof_make(m, own_side(m), block);
    if (tools->sign(tools->ctx, m->proof[own_side(m)], signature) != ERR_OK) {
        return ATTEST_TLS_TOOLS;
    }
    message_begin(out, ATTEST_TLS_PROOF, sizeof signature + block.n);
    wr_bytes(out, signature, sizeof signature);
    wr_view(out, block);
    m->shown = true;
    if (m->peer_accepted) {
        verdict_write(m, out);
    }
    settle(m, now_ns);
    return written(out);
}

bool attest_tls_is_verified(const struct attest_tls *m, int64_t now_ns)
{
    return m->verified && now_ns - m->verified_ns < ATTEST_TLS_LIFE_NS;
}

bool attest_tls_is_due(const struct attest_tls *m, int64_t now_ns)
{
    return !m->challenged &&
           (!m->verified || now_ns - m->verified_ns >= ATTEST_TLS_LIFE_NS / 2);
}

void attest_tls_alert(struct attest_tls *m, enum attest_fault why, struct writer *out)
{
    message_begin(out, ATTEST_TLS_ALERT, ALERT_LEN);
    wr_u16le(out, (uint16_t)attest_fault_err(why));
    m->verified = false;
    round_end(m);
}
