#include "format/tsp_resp.h"

#include "format/ber.h"
#include "format/der.h"
#include "format/token_write.h"

/* PKIFailureInfo, a named BIT STRING: bit 0 is the highest of the first byte (X.690 8.6.2). */
static enum err parse_fail_info(struct reader *r, struct tsp_resp *t)
{
    struct view body;
    unsigned unused = 0;
    unsigned last = 0;

    TRY(der_read(r, DER_BIT_STRING, &body));
    if (body.n == 0 || body.p[0] > 7 || (body.n == 1 && body.p[0] != 0)) {
        return ERR_ENCODING;
    }
    unused = body.p[0];
    last = body.n > 1 ? body.p[body.n - 1] : 1;
    /* DER: unused bits are zero and the last used one is not, X.690 11.2 */
    if ((last & ((1U << unused) - 1)) != 0 || (last >> unused & 1U) == 0) {
        t->flaws |= BER_FLAW_BITS;
    }
    for (size_t bit = 0; bit < 8 * (body.n - 1) - unused && bit < 32; bit++) {
        if ((body.p[1 + bit / 8] & (0x80U >> bit % 8)) != 0) {
            t->fail_info |= UINT32_C(1) << bit;
        }
    }
    t->has_fail_info = true;
    return ERR_OK;
}

/* PKIFreeText ::= SEQUENCE SIZE (1..MAX) OF UTF8String */
static enum err parse_status_string(struct reader *r, struct tsp_resp *t)
{
    struct reader texts;
    struct view text;

    TRY(der_read(r, DER_SEQUENCE, &t->status_string));
    if (t->status_string.n == 0) {
        t->flaws |= BER_FLAW_DEFAULT;
    }
    texts = rd_init(t->status_string);
    while (texts.n > 0) {
        TRY(tsp_resp_next_text(&texts, &text));
    }
    return ERR_OK;
}

/* PKIStatusInfo ::= SEQUENCE { status INTEGER, statusString PKIFreeText OPTIONAL,
 *                              failInfo PKIFailureInfo OPTIONAL }; PKIFreeText ::= SEQUENCE OF
 * UTF8String */
static enum err parse_status_info(struct reader *r, struct tsp_resp *t)
{
    struct reader seq;
    struct view body;

    TRY(der_enter(r, DER_SEQUENCE, &seq));
    TRY(der_read_integer(&seq, &body));
    TRY(der_small(body, INT32_MAX, &t->status));
    if (der_next_is(&seq, DER_SEQUENCE)) {
        TRY(parse_status_string(&seq, t));
    }
    if (der_next_is(&seq, DER_BIT_STRING)) {
        TRY(parse_fail_info(&seq, t));
    }
    return rd_finish(&seq);
}

static enum err parse_body(struct view in, struct tsp_resp *t)
{
    struct reader top = rd_init(in);
    struct reader seq;

    TRY(der_enter(&top, DER_SEQUENCE, &seq));
    TRY(rd_finish(&top));
    TRY(parse_status_info(&seq, t));
    if (seq.n > 0) {
        TRY(der_read_whole(&seq, DER_SEQUENCE, &t->token));
    }
    return rd_finish(&seq);
}

enum err tsp_resp_parse(struct view in, struct tsp_resp *out)
{
    struct tsp_resp t = {0};
    const enum err e = parse_body(in, &t);

    *out = e == ERR_OK ? t : (struct tsp_resp){0};
    return e;
}

enum err tsp_resp_next_text(struct reader *r, struct view *text)
{
    *text = (struct view){NULL, 0};
    if (r->n == 0) {
        return ERR_TRAILING;
    }
    return der_read(r, DER_UTF8_STRING, text);
}

bool tsp_resp_is_token(struct view in)
{
    struct reader r = rd_init(in);
    struct reader seq;

    return der_enter(&r, DER_SEQUENCE, &seq) == ERR_OK && der_next_is(&seq, DER_OID);
}

const char *tsp_resp_status_name(uint32_t status)
{
    static const char *const names[] = {
        [PKI_GRANTED] = "granted",
        [PKI_GRANTED_WITH_MODS] = "grantedWithMods",
        [PKI_REJECTION] = "rejection",
        [PKI_WAITING] = "waiting",
        [PKI_REVOCATION_WARNING] = "revocationWarning",
        [PKI_REVOCATION_NOTIFICATION] = "revocationNotification",
    };

    return status < sizeof names / sizeof names[0] ? names[status] : "unknown";
}

const char *tsp_resp_fail_name(unsigned bit)
{
    switch ((enum fail_info)bit) {
    case FAIL_BAD_ALG:
        return "badAlg";
    case FAIL_BAD_REQUEST:
        return "badRequest";
    case FAIL_BAD_DATA_FORMAT:
        return "badDataFormat";
    case FAIL_TIME_NOT_AVAILABLE:
        return "timeNotAvailable";
    case FAIL_UNACCEPTED_POLICY:
        return "unacceptedPolicy";
    case FAIL_UNACCEPTED_EXTENSION:
        return "unacceptedExtension";
    case FAIL_ADD_INFO_NOT_AVAILABLE:
        return "addInfoNotAvailable";
    case FAIL_SYSTEM_FAILURE:
        return "systemFailure";
    }
    return "unknown";
}
