#include "attest/tdx_judge.h"

#include "base/secret.h"
#include "crypto/hash.h"

#include <string.h>

#define TD_KNOWN                                                              \
    (TDX_TD_DEBUG | TDX_TD_SEPT_VE_DISABLE | TDX_TD_MIGRATABLE | TDX_TD_PKS | \
     TDX_TD_KEY_LOCKER | TDX_TD_PERFMON)

/* ---- who signed what ---- */

/* The quoting enclave vouches for the attestation key: SHA-256 of it and of the authentication
 * data, then zeros. */
static bool vouches(const struct tdx_quote *q)
{
    uint8_t wanted[TDX_REPORT_DATA_LEN] = {0};
    struct hash_state h;

    hash_init(&h, HASH_SHA256);
    hash_update(&h, q->attestation_key.p, q->attestation_key.n);
    hash_update(&h, q->qe_auth_data.p, q->qe_auth_data.n);
    hash_final(&h, wanted);
    return memcmp(q->qe.report_data, wanted, sizeof wanted) == 0;
}

static enum attest_fault check_signatures(const struct tdx_quote *q,
                                          const uint8_t pck_key[P256_PUBLIC_LEN])
{
    if (!tdx_signed_by(q->qe_report, q->qe_signature.p, pck_key)) {
        return ATTEST_TDX_QE_SIGNATURE;
    }
    if (!vouches(q)) {
        return ATTEST_TDX_QE_KEY;
    }
    if (!tdx_signed_by(q->signed_part, q->signature.p, q->attestation_key.p)) {
        return ATTEST_TDX_QUOTE_SIGNATURE;
    }
    return ATTEST_OK;
}

static enum attest_fault check_signed(struct tdx_chain *c, const struct tdx_signed *s,
                                      const uint8_t key[P256_PUBLIC_LEN], int64_t at_s,
                                      enum attest_fault signature, enum attest_fault time)
{
    if (!tdx_signed_by(s->signed_part, s->signature, key)) {
        return signature;
    }
    return tdx_chain_narrow(c, s->issue_s, s->next_update_s, at_s) ? ATTEST_OK : time;
}

static enum attest_fault check_collateral(const struct tdx_collateral *c, int64_t at_s,
                                          struct tdx_scratch *x)
{
    uint8_t key[P256_PUBLIC_LEN];

    ATTEST_TRY(tdx_chain_signer(&x->chain, TDX_SIGNS_TCB_INFO, c->tcb_info_chain, c->root_crl,
                                at_s, key));
    ATTEST_TRY(tdx_tcb_info_parse(c->tcb_info, &x->tcb_info));
    ATTEST_TRY(check_signed(&x->chain, &x->tcb_info.s, key, at_s, ATTEST_TDX_TCB_SIGNATURE,
                            ATTEST_TDX_TCB_TIME));
    ATTEST_TRY(tdx_chain_signer(&x->chain, TDX_SIGNS_QE_IDENTITY, c->qe_identity_chain,
                                c->root_crl, at_s, key));
    ATTEST_TRY(tdx_qe_identity_parse(c->qe_identity, &x->qe_identity));
    return check_signed(&x->chain, &x->qe_identity.s, key, at_s,
                        ATTEST_TDX_QE_IDENTITY_SIGNATURE, ATTEST_TDX_QE_TIME);
}

/* ---- the policy ---- */

static bool is_among(const uint8_t digest[TDX_MR_LEN], const struct tdx_digests *list)
{
    for (size_t i = 0; i < list->n; i++) {
        if (memcmp(digest, list->d[i], TDX_MR_LEN) == 0) {
            return true;
        }
    }
    return list->any;
}

static bool is_denied(const uint8_t fmspc[TDX_FMSPC_LEN], const struct tdx_policy *p)
{
    for (size_t i = 0; i < p->n_fmspc_denied; i++) {
        if (memcmp(fmspc, p->fmspc_denied[i], TDX_FMSPC_LEN) == 0) {
            return true;
        }
    }
    return false;
}

static enum attest_fault judge_platform(const struct tdx_claims *c, const struct tdx_policy *p)
{
    if (c->trailing > 0 && !p->trailing_allowed) {
        return ATTEST_TDX_JUDGE_TRAILING;
    }
    if (is_denied(c->pck.fmspc, p)) {
        return ATTEST_TDX_JUDGE_FMSPC;
    }
    if (c->tcb_evaluation < p->evaluation || c->qe_evaluation < p->evaluation) {
        return ATTEST_TDX_JUDGE_EVALUATION;
    }
    if (!p->statuses[c->tcb.platform.status]) {
        return ATTEST_TDX_JUDGE_TCB_STATUS;
    }
    if (!p->statuses[c->tcb.module.status]) {
        return ATTEST_TDX_JUDGE_MODULE_STATUS;
    }
    return p->statuses[c->tcb.qe.status] ? ATTEST_OK : ATTEST_TDX_JUDGE_QE_STATUS;
}

/* SERVTD_HASH: zeros where no service TD is bound to it. TDX 1.0 does not tell: zeros, too. */
static bool is_served(const struct tdx_td *td)
{
    static const uint8_t none[TDX_MR_LEN];

    return memcmp(td->mr_service_td, none, sizeof none) != 0;
}

/* What lets others look into it, or move it. */
static enum attest_fault judge_hold(const struct tdx_td *td)
{
    if ((td->td_attributes & TDX_TD_DEBUG) != 0) {
        return ATTEST_TDX_JUDGE_DEBUG;
    }
    if ((td->td_attributes & TDX_TD_MIGRATABLE) != 0) {
        return ATTEST_TDX_JUDGE_MIGRATION;
    }
    return is_served(td) ? ATTEST_TDX_JUDGE_SERVICE_TD : ATTEST_OK;
}

static enum attest_fault judge_attributes(uint64_t td, const struct tdx_bits *b)
{
    if ((td & ~TD_KNOWN) != 0) {
        return ATTEST_TDX_JUDGE_RESERVED;
    }
    if (b->sept_ve_disable && (td & TDX_TD_SEPT_VE_DISABLE) == 0) {
        return ATTEST_TDX_JUDGE_SEPT_VE;
    }
    if (!b->pks && (td & TDX_TD_PKS) != 0) {
        return ATTEST_TDX_JUDGE_PKS;
    }
    if (!b->key_locker && (td & TDX_TD_KEY_LOCKER) != 0) {
        return ATTEST_TDX_JUDGE_KEY_LOCKER;
    }
    if (!b->perfmon && (td & TDX_TD_PERFMON) != 0) {
        return ATTEST_TDX_JUDGE_PERFMON;
    }
    return ATTEST_OK;
}

static enum attest_fault judge_identity(const struct tdx_td *td, const struct tdx_policy *p)
{
    if (!is_among(td->mrtd, &p->mrtd)) {
        return ATTEST_TDX_JUDGE_MRTD;
    }
    for (size_t i = 0; i < TDX_RTMRS; i++) {
        if (!is_among(td->rtmr[i], &p->rtmr[i])) {
            return ATTEST_TDX_JUDGE_RTMR;
        }
    }
    if (!is_among(td->mr_config_id, &p->config_id)) {
        return ATTEST_TDX_JUDGE_CONFIG_ID;
    }
    if (!is_among(td->mr_owner, &p->owner)) {
        return ATTEST_TDX_JUDGE_OWNER;
    }
    if (!is_among(td->mr_owner_config, &p->owner_config)) {
        return ATTEST_TDX_JUDGE_OWNER_CONFIG;
    }
    return ATTEST_OK;
}

/* ---- all of it ---- */

static void claim(const struct tdx_scratch *x, struct tdx_claims *c)
{
    c->assurance = x->chain.assurance;
    c->version = x->quote.version;
    c->td = x->quote.td;
    c->pck = x->chain.pck;
    c->trailing = x->quote.trailing.n;
    c->tcb_evaluation = x->tcb_info.s.evaluation;
    c->qe_evaluation = x->qe_identity.s.evaluation;
    c->from_s = x->chain.from_s;
    c->until_s = x->chain.until_s;
    tdx_pck_platform(&c->pck, c->platform);
}

static enum attest_fault judge_all(const struct tdx_evidence *ev, const struct tdx_policy *p,
                                   const uint8_t report_data[TDX_REPORT_DATA_LEN],
                                   const struct tdx_roots *roots, int64_t at_s,
                                   struct tdx_scratch *x, struct tdx_claims *c)
{
    ATTEST_TRY(tdx_quote_parse(ev->quote, &x->quote));
    ATTEST_TRY(tdx_chain_verify(x->quote.pck_chain, roots, at_s, &x->chain));
    ATTEST_TRY(tdx_chain_check_lists(&x->chain, ev->collateral.root_crl, ev->collateral.pck_crl,
                                     at_s));
    ATTEST_TRY(check_signatures(&x->quote, x->chain.pck_key));
    ATTEST_TRY(check_collateral(&ev->collateral, at_s, x));
    ATTEST_TRY(tdx_tcb_match(&x->quote, &x->chain.pck, &x->tcb_info, &x->qe_identity, &c->tcb));
    claim(x, c);
    if (ct_equal(c->td.report_data, report_data, TDX_REPORT_DATA_LEN) == 0) {
        return ATTEST_TDX_JUDGE_REPORT_DATA;
    }
    ATTEST_TRY(judge_platform(c, p));
    ATTEST_TRY(judge_hold(&c->td));
    ATTEST_TRY(judge_attributes(c->td.td_attributes, &p->bits));
    ATTEST_TRY(judge_identity(&c->td, p));
    c->at_s = at_s;
    memcpy(c->policy_hash, p->hash, sizeof c->policy_hash);
    return ATTEST_OK;
}

enum attest_fault tdx_judge(const struct tdx_evidence *ev, const struct tdx_policy *policy,
                            const uint8_t report_data[TDX_REPORT_DATA_LEN],
                            const struct tdx_roots *roots, int64_t at_s, struct tdx_scratch *x,
                            struct tdx_claims *out)
{
    memset(out, 0, sizeof *out);
    const enum attest_fault f = judge_all(ev, policy, report_data, roots, at_s, x, out);

    if (f != ATTEST_OK) {
        memset(out, 0, sizeof *out);
    }
    return f;
}
