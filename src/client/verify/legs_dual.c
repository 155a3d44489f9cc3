#include "client/verify/legs_steps.h"
#include "format/cms_one_signer.h"
#include "format/multiple_signatures.h"

#include <stdlib.h>

/* NULL and absent parameters are the same: RFC 5754 2. */
static bool same_alg(const struct alg_id *a, const struct alg_id *b)
{
    static const uint8_t null[] = {0x05, 0x00};
    const struct view null_view = {null, sizeof null};
    const struct view none = {NULL, 0};
    const struct view pa = view_equal(a->params, null_view) ? none : a->params;
    const struct view pb = view_equal(b->params, null_view) ? none : b->params;

    return view_equal(a->oid, b->oid) && view_equal(pa, pb);
}

/* Whether the certificate that the link names is that of the other's first ESSCertIDv2. */
static bool names_certificate(struct view cert, const struct cms_attrs *other)
{
    struct reader r = rd_init(cert);
    struct reader seq;
    struct alg_id alg = {.oid = {NULL, 0}};
    struct view hash;

    if (der_enter(&r, DER_SEQUENCE, &seq) != ERR_OK ||
        (der_next_is(&seq, DER_SEQUENCE) && cms_parse_alg(&seq, &alg) != ERR_OK) ||
        der_read(&seq, DER_OCTETS, &hash) != ERR_OK) {
        return false;
    }
    return same_alg(&alg, &other->ess_v2.hash) && view_equal(hash, other->ess_v2.cert_hash);
}

/* What is wrong with the link that holder has to other; NULL: nothing. */
static const char *link_flaw(const struct token *holder, const struct token *other)
{
    const struct signer_info *s = &other->cms.signer;
    const struct digest_alg *md = digest_by_oid(holder->cms.signer.digest_alg.oid);
    struct multiple_signatures m;
    struct view value;
    struct view blank;
    uint8_t have[DIGEST_MAX];

    if (multiple_signatures_find(holder->cms.signer.signed_attrs, &value) != ERR_OK ||
        multiple_signatures_parse(value, &m) != ERR_OK) {
        return "a SignerInfo does not name the other (RFC 5752)";
    }
    if (!same_alg(&m.body_hash_alg, &s->digest_alg) ||
        !same_alg(&m.sign_alg, &s->signature_alg) ||
        !same_alg(&m.hash_alg, &holder->cms.signer.digest_alg) || md == NULL || md->weak) {
        return "a SignerInfo names other algorithms than the other has";
    }
    if (m.cert.n > 0 && !names_certificate(m.cert, &other->attrs)) {
        return "a SignerInfo names another certificate than the other's";
    }
    uint8_t *room = malloc(s->signed_attrs.n);
    struct writer w = wr_init(room, room == NULL ? 0 : s->signed_attrs.n);
    const bool same = multiple_signatures_blank(&w, s->signed_attrs) == ERR_OK &&
                      wr_finish(&w, &blank) == ERR_OK &&
                      digest_once(md, blank, have) == ERR_OK &&
                      view_equal(m.hash, (struct view){have, md->len});

    free(room);
    return same ? NULL : "a SignerInfo has not the hash of the other's attributes";
}

static void bind_dual(struct legs_run *run)
{
    const struct legs_report *r = run->report;
    const char *flaw = link_flaw(&r->token.token, &r->pq.token);
    const char *reason = "";

    if (flaw == NULL) {
        flaw = link_flaw(&r->pq.token, &r->token.token);
    }
    if (flaw != NULL) {
        legs_note(run, LEG_BINDING, LEG_NOT_GENUINE, "%s", flaw);
        return;
    }
    const enum err e = legs_same_authority(run, &reason);

    legs_note(run, LEG_BINDING,
              e == ERR_OK         ? LEG_GENUINE
              : e == ERR_EVIDENCE ? LEG_NOT_GENUINE
                                  : LEG_NOT_CHECKED,
              "%s%s", reason, e == ERR_OK ? "; each SignerInfo names the other" : "");
}

/* What is lost when each SignerInfo stands alone: the reply around them, and their encoding. */
static void note_outside(struct legs_run *run)
{
    const struct token *t = &run->peek;

    if (t->is_resp && t->resp.status > PKI_GRANTED_WITH_MODS) {
        legs_note(run, LEG_CLASSIC, LEG_NOT_GENUINE, "status: %s",
                  tsp_resp_status_name(t->resp.status));
    } else if (run->options->verify.strict && t->flaws != 0) {
        legs_note(run, LEG_CLASSIC, LEG_NOT_GENUINE, "encoding: BER that is not DER");
    }
}

enum err legs_dual(struct legs_run *run)
{
    struct legs_report *r = run->report;
    const struct view whole = run->peek.content_info;
    const bool pq_first = legs_is_ml_dsa(&run->peek.cms.signer);
    struct view one[2];

    r->room = malloc(2 * whole.n);
    if (r->room == NULL) {
        return ERR_NOSPACE;
    }
    for (size_t i = 0; i < 2; i++) {
        struct writer w = wr_init(r->room + i * whole.n, whole.n);

        TRY(cms_one_signer(&w, whole, i));
        TRY(wr_finish(&w, &one[i]));
    }
    TRY(verify_token(one[pq_first ? 1 : 0], run->expect, &run->options->verify, &r->token));
    TRY(verify_token(one[pq_first ? 0 : 1], run->expect, &run->options->verify, &r->pq));
    r->has_pq = true;
    legs_note_report(run, LEG_CLASSIC, &r->token);
    legs_note_report(run, LEG_PQ, &r->pq);
    bind_dual(run);
    note_outside(run);
    return ERR_OK;
}
