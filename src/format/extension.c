#include "format/extension.h"

/* Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue
 * OCTET STRING } */
static enum err read_fields(struct reader *list, struct extension *ext)
{
    struct reader seq;

    TRY(der_enter(list, DER_SEQUENCE, &seq));
    TRY(der_read_oid(&seq, &ext->type));
    if (der_next_is(&seq, DER_BOOLEAN)) {
        TRY(der_read_bool(&seq, &ext->critical));
    }
    TRY(der_read(&seq, DER_OCTETS, &ext->value));
    return rd_finish(&seq);
}

enum err extension_next(struct reader *list, struct extension *out)
{
    struct extension ext = {0};
    const enum err e = read_fields(list, &ext);

    *out = e == ERR_OK ? ext : (struct extension){0};
    return e;
}
