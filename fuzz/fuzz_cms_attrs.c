#include "promise.h"

#include "format/ber.h"
#include "format/cms_attrs.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void id_holds(const struct ess_cert_id *id, struct view in)
{
    if (id->n_certs == 0) {
        promise(id->cert_hash.n == 0 && !id->has_issuer_serial);
        return;
    }
    promise(id->cert_hash.n > 0);
    promise(id->has_issuer_serial == (id->serial.n > 0));
    promise(id->issuer.n == 0 || id->issuer_names.n > id->issuer.n);
    promise_inside(id->cert_hash, in);
    promise_inside(id->issuer_names, in);
    promise_inside(id->issuer, in);
    promise_inside(id->serial, in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    const struct cms_attrs zero = {0};
    struct cms_attrs a;
    struct cms_attr attr;
    struct reader r;
    size_t n = 0;

    if (cms_attrs_parse(in, &a) != ERR_OK) {
        promise(memcmp(&a, &zero, sizeof a) == 0);
        return 0;
    }
    promise((a.flaws & ~BER_FLAW_ALL) == 0);
    promise(a.n_attrs <= CMS_ATTRS_MAX && a.n_unknown <= a.n_attrs);
    promise(a.content_type.n == 0 || der_oid_check(a.content_type));
    promise(a.has_protection == (a.protected_digest.oid.n > 0));
    promise(a.has_protection == (a.protected_signature.oid.n > 0));
    promise(a.ess_v1.hash.oid.n == 0);
    promise_inside(a.message_digest, in);
    id_holds(&a.ess_v1, in);
    id_holds(&a.ess_v2, in);
    promise(cms_attrs_open(in, &r) == ERR_OK);
    for (; r.n > 0; n++) {
        promise(cms_attrs_next(&r, &attr) == ERR_OK);
        promise_inside(attr.values, in);
    }
    promise(n == a.n_attrs);
    return 0;
}
