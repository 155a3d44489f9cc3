#include "client/trust/chain.h"
#include "client/trust/crl_check.h"
#include "client/trust/trust_parts.h"
#include "client/verify/pq_signer.h"
#include "client/verify/signer_cert.h"
#include "client/verify/verify_steps.h"
#include "format/oid.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* What the signed attributes say about a certificate that sid names. */
enum fit {
    FIT_YES,
    FIT_NO,
    FIT_UNKNOWN_HASH,
};

static void load_helpers(struct verify_run *run)
{
    const struct signed_data *sd = &run->report->token.cms;

    for (size_t i = 0; i < sd->n_certificates; i++) {
        struct view der;

        if (cms_certificate(sd, i, &der) != ERR_OK || der.n > LONG_MAX) {
            continue; /* an attribute certificate, or the like: of no use here */
        }
        const unsigned char *p = der.p;
        X509 *x = d2i_X509(NULL, &p, (long)der.n);

        if (x != NULL && (p != der.p + der.n || sk_X509_push(run->helpers, x) <= 0)) {
            X509_free(x);
        }
    }
}

static bool same_integer(const ASN1_INTEGER *i, struct view body)
{
    unsigned char *der = NULL;
    const int n = i2d_ASN1_INTEGER(i, &der);
    bool same = false;

    /* Both are minimal: two octets of head, for serial numbers are far under 128 bytes. */
    if (n > 2 && der[1] < 0x80) {
        same = view_equal((struct view){der + 2, (size_t)n - 2}, body);
    }
    OPENSSL_free(der);
    return same;
}

static bool same_name(const X509_NAME *name, struct view der)
{
    const unsigned char *p = der.p;
    X509_NAME *other = der.n > LONG_MAX ? NULL : d2i_X509_NAME(NULL, &p, (long)der.n);
    const bool same = other != NULL && X509_NAME_cmp(name, other) == 0;

    X509_NAME_free(other);
    return same;
}

static bool named_by_sid(X509 *x, const struct signer_info *s)
{
    if (s->ski.n > 0) {
        const ASN1_OCTET_STRING *ski = X509_get0_subject_key_id(x);

        return ski != NULL &&
               view_equal(s->ski, (struct view){ASN1_STRING_get0_data(ski),
                                                (size_t)ASN1_STRING_length(ski)});
    }
    return same_integer(X509_get0_serialNumber(x), s->serial) &&
           same_name(X509_get_issuer_name(x), s->issuer);
}

/* RFC 2634 5.4.1, RFC 5035 4: the first identifier is the signer's. */
static enum fit fits_ess(X509 *x, const struct ess_cert_id *id, const char *default_alg)
{
    const struct digest_alg *md =
        id->hash.oid.n > 0 ? digest_by_oid(id->hash.oid) : digest_by_name(default_alg);
    unsigned char *der = NULL;
    uint8_t have[DIGEST_MAX];
    const int n = i2d_X509(x, &der);
    bool same = false;

    if (n > 0 && md != NULL && digest_once(md, (struct view){der, (size_t)n}, have) == ERR_OK) {
        same = view_equal(id->cert_hash, (struct view){have, md->len});
    }
    OPENSSL_free(der);
    if (md == NULL) {
        return FIT_UNKNOWN_HASH;
    }
    if (same && id->has_issuer_serial) {
        same = same_integer(X509_get0_serialNumber(x), id->serial) && id->issuer.n > 0 &&
               same_name(X509_get_issuer_name(x), id->issuer);
    }
    return same ? FIT_YES : FIT_NO;
}

/* Where both attributes stand, both must name it. */
static enum fit fits(X509 *x, const struct cms_attrs *a)
{
    enum fit f = a->ess_v2.n_certs > 0 ? fits_ess(x, &a->ess_v2, "sha256") : FIT_YES;

    if (f == FIT_YES && a->ess_v1.n_certs > 0) {
        f = fits_ess(x, &a->ess_v1, "sha1");
    }
    return f;
}

struct search {
    X509 *found;
    bool any; /* sid named one */
    bool unknown_hash;
};

static void search_in(STACK_OF(X509) * certs, const struct token *t, struct search *s)
{
    for (int i = 0; i < sk_X509_num(certs) && s->found == NULL; i++) {
        X509 *x = sk_X509_value(certs, i);

        if (!named_by_sid(x, &t->cms.signer)) {
            continue;
        }
        const enum fit f = fits(x, &t->attrs);

        s->any = true;
        if (f == FIT_YES) {
            s->found = x;
        } else if (f == FIT_UNKNOWN_HASH) {
            s->unknown_hash = true;
        }
    }
}

/* Without memory it stays empty. */
static void keep_der(struct verify_report *r, X509 *x)
{
    const int n = i2d_X509(x, NULL);
    uint8_t *p = n > 0 ? malloc((size_t)n) : NULL;

    r->signer_room = p;
    if (p != NULL && i2d_X509(x, &p) == n) {
        r->signer_der = (struct view){r->signer_room, (size_t)n};
    }
}

static void note_found(struct verify_run *run, X509 *x)
{
    struct verify_report *r = run->report;
    const struct view tsa = r->token.tst.tsa;

    run->signer = x;
    keep_der(r, x);
    chain_name_text(X509_get_subject_name(x), r->signer, sizeof r->signer);
    chain_name_text(X509_get_issuer_name(x), r->issuer, sizeof r->issuer);
    if (tsa.n > 0 && signer_cert_check_name(x, tsa) != ERR_OK) {
        verify_note(run, STEP_SIGNER, RESULT_FAIL, "%s is not whom TSTInfo names as tsa",
                    r->signer);
    } else {
        verify_note(run, STEP_SIGNER, RESULT_PASS, "%s", r->signer);
    }
}

void verify_find_signer(struct verify_run *run)
{
    const struct token *t = &run->report->token;
    const struct trust *trust = run->options->trust;
    struct search s = {NULL, false, false};

    if (t->cms_err != ERR_OK || t->cms.n_signers == 0) {
        return;
    }
    load_helpers(run);
    if (run->report->steps[STEP_SIGNED_ATTRS].result != RESULT_PASS) {
        return; /* without ESSCertID any certificate of the same key would do */
    }
    search_in(run->helpers, t, &s);
    if (trust != NULL) {
        search_in(trust->untrusted, t, &s);
        search_in(trust->anchors, t, &s);
    }
    if (s.found != NULL) {
        note_found(run, s.found);
    } else if (s.unknown_hash) {
        verify_note(run, STEP_SIGNER, RESULT_NOT_CHECKED,
                    "the signing certificate attribute uses an unknown hash");
    } else if (s.any) {
        verify_note(run, STEP_SIGNER, RESULT_FAIL,
                    "the certificate that sid names is not the one in the signed attributes");
    } else {
        verify_note(run, STEP_SIGNER, RESULT_NOT_CHECKED,
                    "is not in the token: give it with --untrusted");
    }
}

static void check_revocation(struct verify_run *run, STACK_OF(X509) * chain)
{
    const struct trust *trust = run->options->trust;
    char reason[VERIFY_REASON_MAX];

    run->report->steps[STEP_REVOCATION].required = true;
    const enum err e =
        crl_check(trust, chain, run->report->token.tst.gen_time.s, reason, sizeof reason);

    verify_note(run, STEP_REVOCATION,
                e == ERR_OK      ? RESULT_PASS
                : e == ERR_STALE ? RESULT_NOT_CHECKED
                                 : RESULT_FAIL,
                "%s", reason);
}

static const char *when(const struct verify_options *o)
{
    if (!o->has_at) {
        return "genTime";
    }
    return o->at_name != NULL ? o->at_name : "the time given";
}

static void check_pq_chain(struct verify_run *run, int64_t at_s)
{
    const struct verify_options *o = run->options;
    STACK_OF(X509) *chain = NULL;
    char reason[VERIFY_REASON_MAX - 32];

    if (!pq_signer_has_anchor(o->trust)) {
        verify_note(run, STEP_CHAIN, RESULT_NOT_CHECKED,
                    "no ML-DSA certificate is trusted: give --ca");
        return;
    }
    const enum err e = pq_signer_chain(o->trust, run->signer, run->helpers, at_s, &chain,
                                       reason, sizeof reason);

    verify_note(run, STEP_CHAIN,
                e == ERR_OK        ? RESULT_PASS
                : e == ERR_NOSPACE ? RESULT_NOT_CHECKED
                                   : RESULT_FAIL,
                "%s, at %s", reason, when(o));
    if (e == ERR_OK && trust_has(o->trust, TRUST_CRL)) {
        check_revocation(run, chain);
    }
    sk_X509_pop_free(chain, X509_free);
}

static void check_chain(struct verify_run *run)
{
    const struct verify_options *o = run->options;
    const int64_t gen_time_s = run->report->token.tst.gen_time.s;
    const struct chain_rules rules = {o->has_at ? o->at_s : gen_time_s, o->allow_sha1};
    STACK_OF(X509) *chain = NULL;
    char reason[VERIFY_REASON_MAX - 32];

    if (o->trust == NULL || !trust_has(o->trust, TRUST_ANCHOR)) {
        verify_note(run, STEP_CHAIN, RESULT_NOT_CHECKED, "nobody is trusted: give --ca");
        return;
    }
    if (!chain_valid_at(run->signer, gen_time_s)) {
        verify_note(run, STEP_CHAIN, RESULT_FAIL,
                    "the signer's certificate is not valid at genTime");
        return;
    }
    if (run->sig.kind == SIG_ML_DSA && run->has_sig) {
        check_pq_chain(run, rules.at_s);
        return;
    }
    const enum err e =
        chain_check(o->trust, run->signer, run->helpers, &rules, &chain, reason, sizeof reason);

    verify_note(run, STEP_CHAIN,
                e == ERR_OK          ? RESULT_PASS
                : e == ERR_SIGNATURE ? RESULT_FAIL
                                     : RESULT_NOT_CHECKED,
                "%s, at %s", reason, when(o));
    if (e == ERR_OK && trust_has(o->trust, TRUST_CRL)) {
        check_revocation(run, chain);
    }
    sk_X509_pop_free(chain, X509_free);
}

void verify_certificate(struct verify_run *run)
{
    const struct token *t = &run->report->token;
    char reason[VERIFY_REASON_MAX];

    verify_note(run, STEP_REVOCATION, RESULT_NOT_CHECKED, "%s",
                run->options->trust != NULL && trust_has(run->options->trust, TRUST_CRL)
                    ? "needs a chain"
                    : "no list was given");
    if (run->signer == NULL) {
        return;
    }
    enum err e = signer_cert_check_eku(run->signer, reason, sizeof reason);

    verify_note(run, STEP_EXTENDED_KEY_USAGE, e == ERR_OK ? RESULT_PASS : RESULT_FAIL, "%s",
                reason);
    if (t->tst_err != ERR_OK) {
        return;
    }
    e = signer_cert_check_key_usage(run->signer, t->tst.gen_time.s, reason, sizeof reason);
    verify_note(run, STEP_KEY_USAGE, e == ERR_OK ? RESULT_PASS : RESULT_FAIL, "%s", reason);
    check_chain(run);
}
