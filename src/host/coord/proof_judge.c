#include "host/coord/proof_judge.h"

#include <string.h>

const char *proof_lie_text(enum proof_lie lie)
{
    switch (lie) {
    case PROOF_LIE_LENGTH:
        return "what it revealed is not as long as a commitment's content is";
    case PROOF_LIE_RANGE:
        return "what it revealed has a coefficient that none has";
    case PROOF_LIE_COMMITMENT:
        return "it revealed what it had not committed to";
    case PROOF_LIE_FORM:
        return "its response is none";
    case PROOF_LIE_RESPONSE:
        return "its response does not follow from what it revealed and its share";
    case PROOF_NO_LIE:
        break;
    }
    return "";
}

static enum proof_lie lie_of(enum err e)
{
    return e == ERR_LENGTH  ? PROOF_LIE_LENGTH
           : e == ERR_RANGE ? PROOF_LIE_RANGE
                            : PROOF_LIE_COMMITMENT;
}

/* The session as its R1s have it; all w that are there. */
static enum err make_session(const struct proof *p, struct tmldsa_session *s)
{
    struct reader r = rd_init(p->stamp.bodies);

    memset(s, 0, sizeof *s);
    s->batches = 1;
    memcpy(s->id, p->derived.x, STAMP_X_LEN);
    for (size_t at = 0; at < p->head.t; at++) {
        const unsigned party = p->head.signers[at] - 1U;
        struct r1_offer offer;
        struct view r1;

        TRY(rd_take(&r, R1_MAX_LEN, &r1));
        TRY(r1_offer_decode((struct view){r1.p + R1_BODY_LEN, R1_OFFER_LEN}, &offer));
        s->act |= (uint8_t)(1U << party);
        memcpy(s->commitment[party][0].batch_id, offer.batch_id, R1_BATCH_ID_LEN);
        memcpy(s->commitment[party][0].com, offer.com, R1_COM_LEN);
        s->w[party][0] = p->reveals[at].body;
    }
    return ERR_OK;
}

static enum err check_reveal(const struct quorum_roster *roster, const struct tmldsa_session *s,
                             unsigned party, struct quorum_scratch *x)
{
    return tmldsa_commit_check(roster->key, party, &s->commitment[party][0], s->w[party][0],
                               &x->commit);
}

/* What the others revealed fixes the challenge: it must be what the accused could answer. */
static enum err check_others(const struct quorum_roster *roster, const struct proof *p,
                             const struct tmldsa_session *s, struct quorum_scratch *x)
{
    for (size_t at = 0; at < p->head.t; at++) {
        const unsigned party = p->head.signers[at] - 1U;

        if (party != p->party && check_reveal(roster, s, party, x) != ERR_OK) {
            return ERR_EVIDENCE;
        }
    }
    return ERR_OK;
}

/* Whether one of the indices that it accepted is proven wrong. The others' answers do not
 * matter: none is looked at. */
static bool is_wrong(const struct quorum_roster *roster, const struct proof *p,
                     const struct tmldsa_session *s, const struct tmldsa_response *response,
                     struct quorum_scratch *x)
{
    static const uint8_t none[(TMLDSA_REPETITIONS_MAX * TMLDSA_BATCHES_MAX + 7) / 8];
    struct tmldsa_response responses[TMLDSA_PARTIES_MAX];
    const unsigned indices = tmldsa_session_indices(roster->key->params, s);

    for (size_t i = 0; i < TMLDSA_PARTIES_MAX; i++) {
        responses[i] = (struct tmldsa_response){.bitmap = {none, sizeof none}};
    }
    responses[p->party] = *response;
    for (unsigned i = 0; i < indices; i++) {
        if (tmldsa_response_has(response, i) &&
            tmldsa_blame(roster->key, roster->t, s, responses, i, &x->blame) != 0) {
            return true;
        }
    }
    return false;
}

static enum err judge_response(const struct quorum_roster *roster, const struct proof *p,
                               const uint8_t *mu, struct tmldsa_session *s,
                               struct quorum_scratch *x, enum proof_lie *lie)
{
    struct tmldsa_response response;

    TRY(check_others(roster, p, s, x));
    if (tmldsa_response_parse(roster->key, 1, p->respond.body, &x->blame.combine, &response) !=
        ERR_OK) {
        *lie = PROOF_LIE_FORM;
        return ERR_OK;
    }
    if (mu == NULL) {
        return ERR_STATE;
    }
    memcpy(s->mu, mu, sizeof s->mu);
    if (!is_wrong(roster, p, s, &response, x)) {
        return ERR_MISMATCH;
    }
    *lie = PROOF_LIE_RESPONSE;
    return ERR_OK;
}

enum err proof_judge(const struct quorum_roster *roster, const struct proof *p,
                     const uint8_t *mu, struct quorum_scratch *x, enum proof_lie *lie)
{
    struct tmldsa_session s;
    enum err e;

    *lie = PROOF_NO_LIE;
    TRY(make_session(p, &s));
    if (!tmldsa_session_is_sound(roster->key->params, &s)) {
        return ERR_EVIDENCE;
    }
    e = check_reveal(roster, &s, p->party, x);
    if (e != ERR_OK) {
        *lie = lie_of(e);
        return ERR_OK;
    }
    return p->kind == PROOF_REVEAL ? ERR_MISMATCH : judge_response(roster, p, mu, &s, x, lie);
}
