#include "promise.h"

#include "format/ber.h"
#include "format/cms_parse.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void signer_holds(const struct signer_info *si, struct view in)
{
    promise((si->issuer.n > 0 && si->serial.n > 0) != (si->ski.n > 0));
    promise(der_oid_check(si->digest_alg.oid) && der_oid_check(si->signature_alg.oid));
    promise(si->signed_attrs.n == 0 || si->signed_attrs.p[0] == DER_CONTEXT_0);
    promise(si->unsigned_attrs.n == 0 || si->unsigned_attrs.p[0] == DER_CONTEXT_1);
    promise_inside(si->issuer, in);
    promise_inside(si->serial, in);
    promise_inside(si->ski, in);
    promise_inside(si->digest_alg.params, in);
    promise_inside(si->signed_attrs, in);
    promise_inside(si->signature_alg.params, in);
    promise_inside(si->signature, in);
    promise_inside(si->unsigned_attrs, in);
}

static size_t count_of(struct view list)
{
    struct reader r = rd_init(list);
    struct der_element el;
    size_t n = 0;

    for (; r.n > 0; n++) {
        promise(der_read_any(&r, &el) == ERR_OK);
    }
    return n;
}

static void certificates_hold(const struct signed_data *sd, struct view in)
{
    struct view cert;

    for (size_t i = 0; i < sd->n_certificates; i++) {
        const enum err e = cms_certificate(sd, i, &cert);

        promise(e == ERR_OK || (e == ERR_TYPE && cert.n == 0));
        promise_inside(cert, in);
    }
    promise(cms_certificate(sd, sd->n_certificates, &cert) == ERR_RANGE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    const struct signed_data zero = {0};
    struct signed_data sd;
    struct signer_info si;
    struct reader signers;

    if (cms_parse(in, &sd) != ERR_OK) {
        promise(memcmp(&sd, &zero, sizeof sd) == 0);
        return 0;
    }
    promise((sd.flaws & ~BER_FLAW_ALL) == 0);
    promise(der_oid_check(sd.content_type) && (sd.has_content || sd.content.n == 0));
    promise(sd.has_certificates || sd.certificates.n == 0);
    promise_inside(sd.content, in);
    promise(count_of(sd.digest_algs) == sd.n_digest_algs && sd.n_digest_algs <= CMS_LIST_MAX);
    promise(count_of(sd.certificates) == sd.n_certificates &&
            sd.n_certificates <= CMS_LIST_MAX);
    promise(count_of(sd.crls) == sd.n_crls && sd.n_crls <= CMS_LIST_MAX);
    promise(count_of(sd.signer_infos) == sd.n_signers && sd.n_signers <= CMS_LIST_MAX);
    signers = rd_init(sd.signer_infos);
    for (size_t i = 0; i < sd.n_signers; i++) {
        promise(cms_parse_signer(&signers, &si) == ERR_OK);
        promise(i > 0 || memcmp(&si, &sd.signer, sizeof si) == 0);
        signer_holds(&si, in);
    }
    promise(cms_parse_signer(&signers, &si) == ERR_TRAILING);
    certificates_hold(&sd, in);
    return 0;
}
