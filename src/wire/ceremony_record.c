#include "wire/ceremony_record.h"

#include "crypto/hash.h"

#include <string.h>

static const uint8_t rounds[] = {CEREMONY_COMMIT,   CEREMONY_ECHO,     CEREMONY_RHO,
                                 CEREMONY_T_COMMIT, CEREMONY_T_REVEAL, CEREMONY_DONE,
                                 CEREMONY_TEST};

/* ---- bytes ---- */

void ceremony_record_encode(struct writer *w, const struct ceremony_known *k,
                            const uint8_t pk[CEREMONY_PK_LEN], struct view classic)
{
    wr_u8(w, CEREMONY_RECORD_VERSION);
    wr_u32le(w, (uint32_t)k->plan_bytes.n);
    wr_view(w, k->plan_bytes);
    wr_bytes(w, k->nonce, sizeof k->nonce);
    for (size_t i = 0; i < sizeof rounds; i++) {
        for (size_t j = 0; j < k->plan->total; j++) {
            wr_view(w, k->msg[rounds[i]][j].whole);
        }
    }
    wr_bytes(w, pk, CEREMONY_PK_LEN);
    wr_view(w, classic);
}

static enum err decode_plan(struct reader *r, struct ceremony_record *out)
{
    uint8_t nonce[PLAN_NONCE_LEN];
    uint8_t version = 0;
    uint32_t len = 0;
    struct view bytes;

    TRY(rd_u8(r, &version));
    if (version != CEREMONY_RECORD_VERSION) {
        return ERR_VERSION;
    }
    TRY(rd_u32le(r, &len));
    TRY(rd_take(r, len, &bytes));
    TRY(plan_decode(bytes, &out->plan));
    TRY(rd_copy(r, nonce, sizeof nonce));
    return ceremony_known_init(&out->known, bytes, &out->plan, nonce);
}

static enum err decode_round(struct reader *r, struct ceremony_record *out, uint8_t round)
{
    for (size_t j = 0; j < out->plan.total; j++) {
        struct ceremony_msg *m = &out->known.msg[round][j];

        TRY(ceremony_msg_decode(r, m));
        if (m->round != round || m->sender != j) {
            return ERR_TAG;
        }
        TRY(ceremony_body_check(&out->plan, m));
    }
    return ERR_OK;
}

static enum err decode(struct reader *r, struct ceremony_record *out)
{
    TRY(decode_plan(r, out));
    for (size_t i = 0; i < sizeof rounds; i++) {
        TRY(decode_round(r, out, rounds[i]));
    }
    TRY(rd_take(r, CEREMONY_PK_LEN, &out->pk));
    TRY(rd_take(r, ceremony_classic_len(&out->plan), &out->classic));
    return rd_finish(r);
}

enum err ceremony_record_decode(struct view bytes, struct ceremony_record *out)
{
    struct reader r = rd_init(bytes);
    enum err e = bytes.n > CEREMONY_RECORD_MAX ? ERR_LENGTH : ERR_OK;

    memset(out, 0, sizeof *out);
    if (e == ERR_OK) {
        e = decode(&r, out);
    }
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}

void ceremony_record_id(struct view bytes, uint8_t id[CEREMONY_HASH_LEN])
{
    hash_once(HASH_SHA384, bytes, id);
}

/* ---- verification ---- */

static struct ceremony_finding fault(enum err e, size_t accused)
{
    return (struct ceremony_finding){e, (uint8_t)accused};
}

static const struct ceremony_finding good = {ERR_OK, CEREMONY_NOBODY};

static struct ceremony_finding check_signatures(const struct ceremony_known *k)
{
    for (size_t i = 0; i < sizeof rounds; i++) {
        for (size_t j = 0; j < k->plan->total; j++) {
            if (ceremony_msg_verify(k->plan, k->epoch_id, &k->msg[rounds[i]][j]) != ERR_OK) {
                return fault(ERR_SIGNATURE, j);
            }
        }
    }
    return good;
}

static struct ceremony_finding check_vouchers(const struct ceremony_known *k, uint8_t round)
{
    for (size_t j = 0; j < k->plan->total; j++) {
        if (ceremony_known_differs(k, &k->msg[round][j]) != NULL) {
            return fault(ERR_MISMATCH, j);
        }
    }
    return good;
}

static struct ceremony_finding check_rho(const struct ceremony_known *k)
{
    for (size_t j = 0; j < k->plan->total; j++) {
        if (ceremony_known_check_opening(k, &k->msg[CEREMONY_RHO][j]) != ERR_OK) {
            return fault(ERR_MISMATCH, j);
        }
    }
    return good;
}

static struct ceremony_finding check_t(const struct ceremony_known *k)
{
    if (ceremony_known_split(k) != 0) {
        return fault(ERR_MISMATCH, CEREMONY_NOBODY);
    }
    for (size_t j = 0; j < k->plan->total; j++) {
        if (ceremony_known_check_reveal(k, &k->msg[CEREMONY_T_COMMIT][j],
                                        &k->msg[CEREMONY_T_REVEAL][j]) != ERR_OK) {
            return fault(ERR_MISMATCH, j);
        }
    }
    return good;
}

static struct ceremony_finding check_key(const struct ceremony_record *r,
                                         struct ceremony_scratch *scratch)
{
    uint8_t pk[CEREMONY_PK_LEN];

    return ceremony_known_public_key(&r->known, scratch, pk) == ERR_OK &&
                   view_equal((struct view){pk, sizeof pk}, r->pk)
               ? good
               : fault(ERR_MISMATCH, CEREMONY_NOBODY);
}

/* The shared P-384 key; *out is NULL where the plan has none. */
static enum err classic_key(const struct ceremony_known *k, struct tecdsa_key *key,
                            const struct tecdsa_key **out)
{
    const bool has = k->plan->classic == PLAN_CLASSIC_SHARED;

    *out = has ? key : NULL;
    return has ? ceremony_classic_key(k, key) : ERR_OK;
}

static struct ceremony_finding check_classic(const struct ceremony_record *r)
{
    const struct tecdsa_key *classic = NULL;
    struct ceremony_classic_bytes bytes = {{0}, 0};
    struct tecdsa_key key;

    if (classic_key(&r->known, &key, &classic) != ERR_OK) {
        return fault(ERR_MISMATCH, CEREMONY_NOBODY);
    }
    if (classic != NULL) {
        ceremony_classic_encode(classic, &bytes);
    }
    return view_equal((struct view){bytes.bytes, bytes.n}, r->classic)
               ? good
               : fault(ERR_MISMATCH, CEREMONY_NOBODY);
}

static struct ceremony_finding check_done(const struct ceremony_record *r)
{
    const struct ceremony_known *k = &r->known;
    const struct tecdsa_key *classic = NULL;
    struct tecdsa_key key;
    uint8_t hash[CEREMONY_HASH_LEN];

    if (classic_key(k, &key, &classic) != ERR_OK) {
        return fault(ERR_MISMATCH, CEREMONY_NOBODY);
    }
    ceremony_known_done(k, r->pk.p, classic, hash);
    for (size_t j = 0; j < k->plan->total; j++) {
        if (!view_equal(ceremony_body_own(&k->msg[CEREMONY_DONE][j]),
                        (struct view){hash, sizeof hash})) {
            return fault(ERR_MISMATCH, j);
        }
    }
    return check_vouchers(k, CEREMONY_DONE);
}

static struct ceremony_finding check_tests(const struct ceremony_record *r,
                                           struct ceremony_scratch *scratch)
{
    const struct ceremony_known *k = &r->known;
    const struct tecdsa_key *classic = NULL;
    struct tecdsa_key key;

    if (classic_key(k, &key, &classic) != ERR_OK ||
        mldsa_public_key_parse(k->rules.path->ring, k->rules.params->set, r->pk, &scratch->key,
                               &scratch->parsed) != ERR_OK) {
        return fault(ERR_MISMATCH, CEREMONY_NOBODY);
    }
    for (size_t j = 0; j < k->plan->total; j++) {
        if (ceremony_known_check_test(k, &scratch->parsed, classic, &k->msg[CEREMONY_TEST][j],
                                      scratch) != ERR_OK) {
            return fault(ERR_SIGNATURE, j);
        }
    }
    return good;
}

static struct ceremony_finding check_one(const struct ceremony_record *r,
                                         enum ceremony_check check,
                                         struct ceremony_scratch *scratch)
{
    switch (check) {
    case CEREMONY_CHECK_SIGNATURES:
        return check_signatures(&r->known);
    case CEREMONY_CHECK_ECHO:
        return check_vouchers(&r->known, CEREMONY_ECHO);
    case CEREMONY_CHECK_RHO:
        return check_rho(&r->known);
    case CEREMONY_CHECK_T:
        return check_t(&r->known);
    case CEREMONY_CHECK_KEY:
        return check_key(r, scratch);
    case CEREMONY_CHECK_CLASSIC:
        return check_classic(r);
    case CEREMONY_CHECK_DONE:
        return check_done(r);
    case CEREMONY_CHECK_TEST:
        return check_tests(r, scratch);
    case CEREMONY_CHECKS:
        break;
    }
    return fault(ERR_BUG, CEREMONY_NOBODY);
}

bool ceremony_record_verify(const struct ceremony_record *r, struct ceremony_scratch *scratch,
                            struct ceremony_finding findings[CEREMONY_CHECKS])
{
    bool holds = true;

    for (unsigned i = 0; i < CEREMONY_CHECKS; i++) {
        findings[i] = holds ? check_one(r, (enum ceremony_check)i, scratch)
                            : fault(ERR_STATE, CEREMONY_NOBODY);
        holds = holds && findings[i].err == ERR_OK;
    }
    return holds;
}
