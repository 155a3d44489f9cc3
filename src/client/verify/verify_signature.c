#include "client/verify/pq_signer.h"
#include "client/verify/verify_steps.h"
#include "format/der.h"
#include "format/oid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALGORITHM_DER_MAX 512 /* bytes of an AlgorithmIdentifier: RSA-PSS needs about 70 */

/* NULL and absent parameters are the same to RFC 6211 3 and RFC 5754 2. */
static bool params_equal(struct view a, struct view b)
{
    static const uint8_t null[] = {0x05, 0x00};
    const struct view null_view = {null, sizeof null};
    const bool a_none = a.n == 0 || view_equal(a, null_view);
    const bool b_none = b.n == 0 || view_equal(b, null_view);

    return a_none || b_none ? a_none && b_none : view_equal(a, b);
}

static bool algs_equal(const struct alg_id *a, const struct alg_id *b)
{
    return view_equal(a->oid, b->oid) && params_equal(a->params, b->params);
}

static enum err read_sig_alg(const struct alg_id *alg, const struct digest_alg *md,
                             struct sig_alg *out)
{
    uint8_t buf[ALGORITHM_DER_MAX];
    struct writer w = wr_init(buf, sizeof buf);
    struct view der;
    const size_t mark = der_begin(&w, DER_SEQUENCE);

    der_write(&w, DER_OID, alg->oid);
    wr_view(&w, alg->params);
    der_end(&w, mark);
    TRY(wr_finish(&w, &der));
    return sig_alg_read(der, md, out);
}

static void note_unreadable(struct verify_run *run, enum err e)
{
    if (e == ERR_BAD_ALG) {
        verify_note(run, STEP_ALGORITHMS, RESULT_NOT_CHECKED, "%s is not supported here",
                    run->sig.name[0] != '\0' ? run->sig.name : "the signature algorithm");
    } else {
        verify_note(run, STEP_ALGORITHMS, RESULT_FAIL, "signatureAlgorithm cannot be read (%s)",
                    err_name(e));
    }
}

/* A collision in any of these would let two messages share one token. */
static bool uses_weak_hash(const struct verify_run *run)
{
    const struct token *t = &run->report->token;
    const struct digest_alg *imprint = digest_by_oid(t->tst.hash_oid);

    return run->md->weak || run->sig.digest->weak || (imprint != NULL && imprint->weak);
}

static void note_readable(struct verify_run *run)
{
    const struct token *t = &run->report->token;
    const struct cms_attrs *a = &t->attrs;
    const bool one_hash = run->sig.digest == run->md;

    if (a->has_protection &&
        (!algs_equal(&a->protected_digest, &t->cms.signer.digest_alg) ||
         !algs_equal(&a->protected_signature, &t->cms.signer.signature_alg))) {
        verify_note(run, STEP_ALGORITHMS, RESULT_FAIL,
                    "are not those in CMSAlgorithmProtection");
        return;
    }
    if (run->options->strict && !one_hash) {
        verify_note(run, STEP_ALGORITHMS, RESULT_FAIL,
                    "digestAlgorithm is %s, but the signature is over %s", run->md->name,
                    run->sig.digest->name);
        return;
    }
    /* RFC 9882 3.3: collisions of the digest are as hard to find as the key is strong. */
    if (run->sig.kind == SIG_ML_DSA && run->md->len < run->sig.ml_dsa->c_tilde_len) {
        verify_note(run, STEP_ALGORITHMS, RESULT_FAIL, "digestAlgorithm %s is too weak for %s",
                    run->md->name, run->sig.name);
        return;
    }
    if (uses_weak_hash(run) && !run->options->allow_sha1) {
        verify_note(run, STEP_ALGORITHMS, RESULT_NOT_CHECKED,
                    "SHA-1 proves nothing by itself any more: --allow-sha1 takes it");
        return;
    }
    verify_note(run, STEP_ALGORITHMS, RESULT_PASS, "%s with %s%s%s%s", run->sig.name,
                run->sig.digest->name, one_hash ? "" : ", messageDigest by ",
                one_hash ? "" : run->md->name,
                a->has_protection ? ", as CMSAlgorithmProtection says" : "");
}

void verify_algorithms(struct verify_run *run)
{
    const struct token *t = &run->report->token;

    if (t->cms_err != ERR_OK || t->attrs_err != ERR_OK || t->cms.n_signers == 0) {
        return;
    }
    if (run->md == NULL) {
        verify_note(run, STEP_ALGORITHMS, RESULT_NOT_CHECKED,
                    "digestAlgorithm is not supported here");
        return;
    }
    const enum err e = read_sig_alg(&t->cms.signer.signature_alg, run->md, &run->sig);

    (void)snprintf(run->report->signature_alg, sizeof run->report->signature_alg, "%s",
                   run->sig.name);
    if (e != ERR_OK) {
        note_unreadable(run, e);
        return;
    }
    run->has_sig = true;
    run->report->ml_dsa = run->sig.ml_dsa;
    note_readable(run);
}

static void note_signature(struct verify_run *run, enum err e, const char *flaw)
{
    if (e == ERR_NOSPACE) {
        verify_note(run, STEP_SIGNATURE, RESULT_NOT_CHECKED, "no memory");
    } else {
        verify_note(run, STEP_SIGNATURE, RESULT_FAIL, "%s", flaw);
    }
}

static void check_pq(struct verify_run *run, struct view message)
{
    char reason[VERIFY_REASON_MAX];
    const enum err e =
        pq_signer_check(run->signer, run->sig.ml_dsa, message,
                        run->report->token.cms.signer.signature, reason, sizeof reason);

    if (e == ERR_OK) {
        verify_note(run, STEP_SIGNATURE, RESULT_PASS, "%s", reason);
    } else {
        note_signature(run, e, reason);
    }
}

static void check_classic(struct verify_run *run, struct view message)
{
    EVP_PKEY *key = X509_get0_pubkey(run->signer);

    if (key == NULL) {
        verify_note(run, STEP_SIGNATURE, RESULT_NOT_CHECKED, "the key cannot be read");
        return;
    }
    const enum err e =
        sig_check(key, &run->sig, message, run->report->token.cms.signer.signature);

    if (e == ERR_OK) {
        verify_note(run, STEP_SIGNATURE, RESULT_PASS, "%s, key of %d bits", run->sig.name,
                    EVP_PKEY_get_bits(key));
    } else {
        note_signature(run, e,
                       "is not by the key of the signer's certificate over these attributes");
    }
}

void verify_signature(struct verify_run *run)
{
    const struct view attrs = run->report->token.cms.signer.signed_attrs;

    if (run->signer == NULL || !run->has_sig || attrs.n == 0) {
        return;
    }
    uint8_t *message = malloc(attrs.n);

    if (message == NULL) {
        note_signature(run, ERR_NOSPACE, "");
        return;
    }
    /* RFC 5652 5.4: the same bytes with the tag of SET OF in place of [0]. */
    memcpy(message, attrs.p, attrs.n);
    message[0] = 0x31;
    if (run->sig.kind == SIG_ML_DSA) {
        check_pq(run, (struct view){message, attrs.n});
    } else {
        check_classic(run, (struct view){message, attrs.n});
    }
    free(message);
}
