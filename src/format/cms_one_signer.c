#include "format/cms_one_signer.h"

#include "format/cms_parse.h"

/* What stands in SignedData before signerInfos, and contentType with its tag. */
struct parts {
    struct view type, head, signer;
};

/* cms_parse() has accepted in: what follows only finds the places. */
static enum err find_parts(struct view in, size_t i, struct parts *p)
{
    struct reader r = rd_init(in);
    struct reader content_info;
    struct reader explicit_0;
    struct reader signed_data;
    struct reader signers;
    struct der_element el;
    const uint8_t *start = NULL;

    TRY(der_enter(&r, DER_SEQUENCE, &content_info));
    TRY(der_read_whole(&content_info, DER_OID, &p->type));
    TRY(der_enter(&content_info, DER_CONTEXT_0, &explicit_0));
    TRY(der_enter(&explicit_0, DER_SEQUENCE, &signed_data));
    start = signed_data.p;
    do {
        TRY(der_read_any(&signed_data, &el));
    } while (signed_data.n > 0); /* signerInfos is the last */
    p->head = (struct view){start, (size_t)(el.whole.p - start)};
    signers = rd_init(el.body);
    do {
        if (signers.n == 0) {
            return ERR_RANGE;
        }
        TRY(der_read_any(&signers, &el));
    } while (i-- > 0);
    p->signer = el.whole;
    return ERR_OK;
}

enum err cms_one_signer(struct writer *w, struct view in, size_t i)
{
    struct signed_data sd;
    struct parts p;

    TRY(cms_parse(in, &sd));
    TRY(find_parts(in, i, &p));
    const size_t signed_data = p.head.n + der_len(p.signer.n);
    const size_t explicit_0 = der_len(signed_data);

    der_head(w, DER_SEQUENCE, p.type.n + der_len(explicit_0));
    wr_view(w, p.type);
    der_head(w, DER_CONTEXT_0, explicit_0);
    der_head(w, DER_SEQUENCE, signed_data);
    wr_view(w, p.head);
    der_write(w, DER_SET, p.signer);
    return ERR_OK;
}
