#include "bundle/bundle_judge.h"

#include "crypto/hash.h"
#include "format/cert_parse.h"
#include "wire/pq1_msg.h"
#include "wire/report_data.h"

#include <string.h>

static const char *const names[BUNDLE_CHECKS] = {
    "ceremony", "classic certificate", "pq certificate", "policy",
    "binding",  "re-enrolments",       "node evidence",  "machines apart",
    "document", "chain of epochs",     "epoch before",   "retirement"};

const char *bundle_check_name(enum bundle_check c)
{
    return (unsigned)c < BUNDLE_CHECKS ? names[c] : "unknown";
}

/* What the checks work on. */
struct judging {
    const struct bundle *b;
    const struct snp_roots *roots;
    int64_t at_s;
    struct bundle_verdict *out;
    uint8_t record_id[CEREMONY_HASH_LEN];
    struct cert classic, pq; /* leaves */
};

/* ---- the ceremony ---- */

static enum err check_record(struct judging *j)
{
    struct bundle_verdict *const v = j->out;
    struct ceremony_finding findings[CEREMONY_CHECKS];

    TRY(ceremony_record_decode(j->b->record, &v->record));
    ceremony_record_id(j->b->record, j->record_id);
    if (ceremony_record_verify(&v->record, &v->scratch, findings)) {
        return ERR_OK;
    }
    for (unsigned i = 0; i < CEREMONY_CHECKS; i++) {
        if (findings[i].err != ERR_OK) {
            v->record_check = (enum ceremony_check)i;
            break;
        }
    }
    return ERR_SIGNATURE;
}

/* ---- certificates ---- */

static enum err leaf_of(struct view chain, struct cert *out)
{
    struct reader r = rd_init(chain);
    struct view der;

    TRY(bundle_next_certificate(&r, &der));
    return cert_parse(der, out);
}

static void spki_hash(const struct cert *c, uint8_t out[EPOCH_DOC_HASH_LEN])
{
    hash_once(HASH_SHA384, c->ids.spki, out);
}

static enum err check_classic(struct judging *j)
{
    const struct view classic = j->out->record.classic;
    uint8_t made[PQ1_HASH_LEN], certified[EPOCH_DOC_HASH_LEN];

    if (classic.n < P384_PUBLIC_LEN) {
        return ERR_MISMATCH; /* the ceremony made none */
    }
    TRY(leaf_of(j->b->classic, &j->classic));
    pq1_spki_hash(classic.p, made);
    spki_hash(&j->classic, certified);
    return memcmp(made, certified, sizeof made) == 0 ? ERR_OK : ERR_MISMATCH;
}

static enum err check_pq(struct judging *j)
{
    const struct mldsa_params *params = NULL;

    TRY(leaf_of(j->b->pq, &j->pq));
    TRY(cert_ml_dsa_key(&j->pq.ids, &params));
    return view_equal(j->pq.ids.public_key, j->out->record.pk) ? ERR_OK : ERR_MISMATCH;
}

static enum quorate_assurance assurance_of(const struct plan *p)
{
    return p->assurance == PLAN_ATTESTED ? ASSURANCE_HARDWARE : ASSURANCE_SIMULATED;
}

_Static_assert(EVIDENCE_CODE_MAX <= QUORATE_BINDING_MEASUREMENTS_MAX,
               "a certificate has room for the code of any policy");

/* Whether the certificate lists the code that the policy admits, in its order. */
static bool names_code(const struct quorate_binding *q, const struct evidence_policy *policy)
{
    struct view code[EVIDENCE_CODE_MAX];
    const size_t n = evidence_policy_code(policy, code);
    bool same = q->n_measurements == n;

    for (size_t i = 0; same && i < n; i++) {
        same = view_equal(q->measurements[i], code[i]);
    }
    return same;
}

/* What one leaf says of the authority, other being the other one. */
static enum err check_leaf(const struct judging *j, const struct cert *leaf,
                           const struct cert *other)
{
    const struct plan *const p = &j->out->record.plan;
    uint8_t other_hash[EPOCH_DOC_HASH_LEN], policy_hash[EPOCH_DOC_HASH_LEN];
    struct quorate_binding q;
    struct extension x;

    TRY(cert_ids_extension(&leaf->ids, OID_OUR_BINDING, &x));
    TRY(quorate_binding_parse(x.value, &q));
    spki_hash(other, other_hash);
    hash_once(HASH_SHA384, p->policy, policy_hash);
    if (!view_equal(q.epoch_id, (struct view){j->out->record.known.epoch_id, EPOCH_ID_LEN}) ||
        q.threshold != p->threshold || q.total != p->total ||
        !quorate_binding_names(&q, (struct view){other_hash, sizeof other_hash}) ||
        q.assurance < assurance_of(p)) {
        return ERR_MISMATCH;
    }
    if (!names_code(&q, &j->out->policy) ||
        !view_equal(q.policy_hash, (struct view){policy_hash, sizeof policy_hash}) ||
        !view_equal(q.record_id, (struct view){j->record_id, sizeof j->record_id})) {
        return ERR_MISMATCH;
    }
    return ERR_OK;
}

static enum err check_binding(struct judging *j)
{
    TRY(check_leaf(j, &j->classic, &j->pq));
    return check_leaf(j, &j->pq, &j->classic);
}

/* ---- machines ---- */

static enum err check_policy(struct judging *j)
{
    struct bundle_verdict *const v = j->out;

    v->policy_fault = evidence_policy_parse(v->record.plan.policy, &v->policy, &v->policy_line);
    return v->policy_fault == ATTEST_OK ? ERR_OK : attest_fault_err(v->policy_fault);
}

static enum err check_again(struct judging *j)
{
    struct bundle_verdict *const v = j->out;

    return bundle_again_take(&v->again, j->b, &v->record.plan, v->record.known.epoch_id);
}

/* What the evidence of a process must carry. */
static void report_data_of(const struct judging *j, const struct bundle_evidence *e,
                           const uint8_t identity[P384_PUBLIC_LEN],
                           uint8_t out[REPORT_DATA_LEN])
{
    const struct ceremony_record *const r = &j->out->record;
    struct report_binding b = {.purpose = REPORT_EPOCH,
                               .role = REPORT_CORE,
                               .place = (uint8_t)(e->index + 1),
                               .incarnation = e->incarnation};

    memcpy(b.epoch_id, r->known.epoch_id, sizeof b.epoch_id);
    memcpy(b.identity, identity, sizeof b.identity);
    memcpy(b.nonce, j->record_id, sizeof b.nonce);
    memcpy(b.context, j->record_id, sizeof b.context);
    report_data_make(&b, out);
}

/* By itself, as the plan or the order has it. */
static enum attest_fault judge_process(const struct judging *j, const struct bundle_evidence *e,
                                       struct evidence_claims *claims)
{
    struct bundle_verdict *const v = j->out;
    const struct plan_node *const node = &v->record.plan.nodes[e->index];
    const struct reenrol_order *const o =
        e->incarnation > 1 ? bundle_again_find(&v->again, e->index, e->incarnation) : NULL;
    uint8_t report_data[REPORT_DATA_LEN];

    if (e->incarnation > 1 && o == NULL) {
        return ATTEST_ATTESTOR_NODE;
    }
    report_data_of(j, e, o != NULL ? o->identity : node->identity, report_data);
    const enum attest_fault f =
        evidence_judge(e->block, &v->policy, report_data, j->roots, j->at_s, claims);

    if (f != ATTEST_OK) {
        return f;
    }
    if (v->record.plan.assurance == PLAN_ATTESTED &&
        claims->assurance != ATTEST_ASSURANCE_HARDWARE) {
        return ATTEST_ATTESTOR_ASSURANCE;
    }
    return claims->platform_known &&
                   (o != NULL ? memcmp(o->platform.p, claims->platform, PLAN_PLATFORM_LEN) == 0
                              : plan_lists_platform(node, claims->platform))
               ? ATTEST_OK
               : ATTEST_ATTESTOR_PLATFORM;
}

/* Who came by an order, beside whoever was there: another guest than any of these, with the
 * measurement that its place had. A guest of TDX tells no start from the next. */
static enum attest_fault judge_beside(const struct judging *j, size_t at)
{
    const struct bundle_process *const all = j->out->processes;
    const struct bundle_evidence *const e = j->b->evidence;
    const struct evidence_claims *const c = &all[at].claims;

    for (size_t i = 0; i < j->b->n_evidence; i++) {
        const struct evidence_claims *const other = &all[i].claims;

        if (i == at || all[i].fault != ATTEST_OK) {
            continue;
        }
        if (c->format != EVIDENCE_TDX && memcmp(c->guest, other->guest, sizeof c->guest) == 0) {
            return ATTEST_ATTESTOR_COPY;
        }
        if (i < at && e[i].index == e[at].index &&
            memcmp(c->measurement, other->measurement, sizeof c->measurement) != 0) {
            return ATTEST_ATTESTOR_MEASUREMENT;
        }
    }
    return ATTEST_OK;
}

static void note_process(struct bundle_node *node, const struct bundle_evidence *e,
                         const struct bundle_process *p)
{
    node->shown = node->shown || e->incarnation == 1;
    if (node->fault == ATTEST_OK) {
        node->fault = p->fault;
        node->claims = p->claims;
    }
}

static void count_nodes(struct bundle_verdict *v)
{
    for (unsigned i = 0; i < v->record.plan.total; i++) {
        const struct bundle_node *const node = &v->nodes[i];

        if (!node->shown || node->fault != ATTEST_OK) {
            continue;
        }
        if (v->accepted == 0 || node->claims.assurance < v->assurance) {
            v->assurance = node->claims.assurance;
        }
        v->accepted++;
    }
}

static enum err check_evidence(struct judging *j)
{
    struct bundle_verdict *const v = j->out;
    const struct bundle_evidence *const e = j->b->evidence;

    for (size_t i = 0; i < j->b->n_evidence; i++) {
        if (e[i].index >= v->record.plan.total) {
            return ERR_RANGE;
        }
        v->processes[i].fault = judge_process(j, &e[i], &v->processes[i].claims);
    }
    for (size_t i = 0; i < j->b->n_evidence; i++) {
        struct bundle_process *const p = &v->processes[i];

        if (e[i].incarnation > 1 && p->fault == ATTEST_OK) {
            p->fault = judge_beside(j, i);
        }
        note_process(&v->nodes[e[i].index], &e[i], p);
    }
    count_nodes(v);
    return v->accepted >= v->record.plan.threshold ? ERR_OK : ERR_EVIDENCE;
}

static enum err check_roster(struct judging *j)
{
    struct bundle_verdict *const v = j->out;
    struct evidence_node nodes[PLAN_NODES_MAX];
    size_t n = 0;

    for (unsigned i = 0; i < v->record.plan.total; i++) {
        if (v->nodes[i].shown && v->nodes[i].fault == ATTEST_OK) {
            nodes[n++] =
                (struct evidence_node){&v->nodes[i].claims, v->record.plan.nodes[i].provider};
        }
    }
    v->roster_fault = evidence_judge_roster(nodes, n, v->record.plan.threshold);
    return v->roster_fault == ATTEST_OK ? ERR_OK : ERR_EVIDENCE;
}

/* ---- the document ---- */

static uint8_t epoch_assurance(enum attest_assurance a)
{
    return a == ATTEST_ASSURANCE_HARDWARE ? EPOCH_HARDWARE : EPOCH_SIMULATED;
}

static void document_make(const struct judging *j, struct epoch_doc *d)
{
    const struct ceremony_record *const r = &j->out->record;

    *d = (struct epoch_doc){.number = r->plan.number,
                            .threshold = r->plan.threshold,
                            .total = r->plan.total,
                            .assurance = epoch_assurance(j->out->assurance)};
    memcpy(d->epoch_id, r->known.epoch_id, sizeof d->epoch_id);
    memcpy(d->previous, r->plan.previous, sizeof d->previous);
    plan_hash(r->known.plan_bytes, d->plan_hash);
    hash_once(HASH_SHA384, r->plan.policy, d->policy_hash);
    memcpy(d->record_id, j->record_id, sizeof d->record_id);
    spki_hash(&j->classic, d->classic);
    spki_hash(&j->pq, d->pq);
    for (size_t i = 0; i < j->b->n_evidence; i++) { /* whoever came later is not of it */
        if (j->b->evidence[i].incarnation == 1) {
            evidence_hash(j->b->evidence[i].block, d->evidence[j->b->evidence[i].index]);
        }
    }
}

static enum err check_document(struct judging *j)
{
    struct bundle_verdict *const v = j->out;
    uint8_t bytes[EPOCH_DOC_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);

    document_make(j, &v->document);
    epoch_doc_encode(&w, &v->document);
    return view_equal((struct view){bytes, w.len}, j->b->document) ? ERR_OK : ERR_MISMATCH;
}

static enum err check_chain(struct judging *j)
{
    return epoch_doc_chain(j->b->earlier, j->b->n_earlier, &j->out->document,
                           &j->out->chain_at);
}

/* None is no fault: what its keys signed is judged by a bundle of its own. Its document is the
 * last of those that lead here, and it is held by that: so are all before it. */
static enum err check_before(struct judging *j)
{
    const struct bundle *const b = j->b;
    struct bundle before;
    const enum err e = bundle_before(b, &before);

    if (e == ERR_STATE) {
        return ERR_OK;
    }
    j->out->before = true;
    TRY(e);
    return b->n_earlier > 0 && view_equal(before.document, b->earlier[b->n_earlier - 1])
               ? ERR_OK
               : ERR_MISMATCH;
}

/* ---- its end ---- */

static enum err judge_statement(const struct bundle_verdict *v, const struct retired *s)
{
    const struct reenrol_order *const o =
        bundle_again_find(&v->again, s->place, s->incarnation);

    return o != NULL ? retired_judge_ordered(s, o)
                     : retired_judge(s, &v->record.plan, v->record.known.epoch_id);
}

/* None is no fault: the epoch is not over, or its nodes could not be asked. */
static enum err check_retired(struct judging *j)
{
    struct bundle_verdict *const v = j->out;
    uint64_t said[BUNDLE_RETIREMENTS_MAX]; /* incarnation, then place in three bits */
    unsigned before = 0;                   /* said by who lost its place later */
    struct retired s;

    for (size_t i = 0; i < j->b->n_retirements; i++) {
        TRY(retired_decode(j->b->retirements[i], &s));
        TRY(judge_statement(v, &s));
        said[i] = (uint64_t)s.incarnation << 3 | s.place;
        for (size_t k = 0; k < i; k++) {
            if (said[k] == said[i]) {
                return ERR_ENCODING;
            }
        }
        const bool last = s.incarnation == v->again.roster.incarnation[s.place];

        v->retired += last;
        before += !last;
    }
    if (j->b->n_retirements > 0) { /* each order is the loss of one process */
        v->silent = (unsigned)v->again.n - before;
    }
    return ERR_OK;
}

int64_t bundle_began(struct view chain)
{
    struct reader r = rd_init(chain);
    struct cert_ids ids;
    struct view leaf;

    if (bundle_next_certificate(&r, &leaf) != ERR_OK || cert_ids_parse(leaf, &ids) != ERR_OK) {
        return 0;
    }
    return gen_time_ms(&ids.not_before) / 1000;
}

bool bundle_judge(const struct bundle *b, const struct snp_roots *roots, int64_t at_s,
                  struct bundle_verdict *out)
{
    static const struct {
        enum err (*check)(struct judging *j);
        unsigned after; /* a mask: these must hold before it can be made */
    } rows[BUNDLE_CHECKS] = {
        [BUNDLE_CHECK_RECORD] = {check_record, 0},
        [BUNDLE_CHECK_CLASSIC] = {check_classic, 1U << BUNDLE_CHECK_RECORD},
        [BUNDLE_CHECK_PQ] = {check_pq, 1U << BUNDLE_CHECK_RECORD},
        [BUNDLE_CHECK_POLICY] = {check_policy, 1U << BUNDLE_CHECK_RECORD},
        [BUNDLE_CHECK_BINDING] = {check_binding,
                                  1U << BUNDLE_CHECK_RECORD | 1U << BUNDLE_CHECK_CLASSIC |
                                      1U << BUNDLE_CHECK_PQ | 1U << BUNDLE_CHECK_POLICY},
        [BUNDLE_CHECK_AGAIN] = {check_again, 1U << BUNDLE_CHECK_RECORD},
        [BUNDLE_CHECK_EVIDENCE] = {check_evidence,
                                   1U << BUNDLE_CHECK_POLICY | 1U << BUNDLE_CHECK_AGAIN},
        [BUNDLE_CHECK_ROSTER] = {check_roster, 1U << BUNDLE_CHECK_EVIDENCE},
        [BUNDLE_CHECK_DOCUMENT] = {check_document,
                                   1U << BUNDLE_CHECK_BINDING | 1U << BUNDLE_CHECK_EVIDENCE},
        [BUNDLE_CHECK_CHAIN] = {check_chain, 1U << BUNDLE_CHECK_DOCUMENT},
        [BUNDLE_CHECK_BEFORE] = {check_before, 1U << BUNDLE_CHECK_CHAIN},
        [BUNDLE_CHECK_RETIRED] = {check_retired, 1U << BUNDLE_CHECK_AGAIN},
    };
    struct judging j = {.b = b, .roots = roots, .at_s = at_s, .out = out};
    unsigned held = 0;

    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < BUNDLE_CHECKS; i++) {
        const bool made = (held & rows[i].after) == rows[i].after;

        out->checks[i] = made ? rows[i].check(&j) : ERR_STATE;
        held |= (unsigned)(out->checks[i] == ERR_OK) << i;
    }
    return held == (1U << BUNDLE_CHECKS) - 1;
}
