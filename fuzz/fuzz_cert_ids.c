#include "promise.h"

#include "format/cert_ids.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    const struct cert_ids zero = {0};
    struct cert_ids c;
    struct extension ext;

    if (cert_ids_parse(in, &c) != ERR_OK) {
        promise(memcmp(&c, &zero, sizeof c) == 0);
        return 0;
    }
    promise(c.version >= 1 && c.version <= 3);
    promise(c.serial.n > 0 && c.serial.n <= CERT_IDS_SERIAL_MAX);
    promise(c.issuer.n > 0 && c.subject.n > 0 && c.spki.n > 0);
    promise(der_oid_check(c.key_alg.oid) && der_oid_check(c.signature_alg.oid));
    promise_inside(c.serial, in);
    promise_inside(c.issuer, in);
    promise_inside(c.subject, in);
    promise_inside(c.spki, in);
    promise_inside(c.public_key, c.spki);
    promise_inside(c.extensions, in);
    promise_inside(cert_ids_ski(&c), c.extensions);
    promise(!cert_ids_is_tsa(&c) ||
            (cert_ids_extension(&c, OID_EXT_KEY_USAGE, &ext) == ERR_OK && ext.critical));
    promise(!cert_ids_valid_at(&c, c.not_before.s - 1));
    return 0;
}
