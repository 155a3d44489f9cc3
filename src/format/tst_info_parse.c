#include "format/tst_info_parse.h"

#include "format/ber.h"
#include "format/cms_parse.h"
#include "format/der.h"
#include "format/extension.h"
#include "format/hash_oid.h"

#define VERSION_MAX 127
#define PART_MAX 999 /* millis and micros */

/* MessageImprint ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier, hashedMessage OCTET STRING }
 */
static enum err parse_imprint(struct reader *r, struct tst_info_view *t)
{
    struct reader seq;
    struct alg_id alg;

    TRY(der_enter(r, DER_SEQUENCE, &seq));
    TRY(cms_parse_alg(&seq, &alg));
    TRY(der_read(&seq, DER_OCTETS, &t->hashed_message));
    TRY(rd_finish(&seq));
    t->hash_oid = alg.oid;
    t->hash_params = alg.params;
    t->hash_alg = hash_oid_find(alg.oid);
    return t->hash_alg == HASH_NONE || t->hashed_message.n == hash_len(t->hash_alg)
               ? ERR_OK
               : ERR_LENGTH;
}

/* One part of Accuracy, if it is there. A zero says nothing, and is outside of millis and
 * micros. */
static enum err parse_part(struct reader *r, enum der_tag tag, uint32_t max, uint32_t *part,
                           uint32_t *flaws)
{
    struct view body;

    *part = 0;
    if (!der_next_is(r, tag)) {
        return ERR_OK;
    }
    TRY(der_read_integer_as(r, tag, &body));
    TRY(der_small(body, max, part));
    if (*part == 0) {
        *flaws |= BER_FLAW_DEFAULT;
    }
    return ERR_OK;
}

/* Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, millis [0] INTEGER (1..999) OPTIONAL,
 *                         micros [1] INTEGER (1..999) OPTIONAL } */
static enum err parse_accuracy(struct reader *r, struct tst_info_view *t)
{
    struct reader seq;
    uint32_t millis = 0;
    uint32_t micros = 0;

    if (!der_next_is(r, DER_SEQUENCE)) {
        return ERR_OK;
    }
    TRY(der_enter(r, DER_SEQUENCE, &seq));
    if (seq.n == 0) {
        t->flaws |= BER_FLAW_DEFAULT;
    }
    TRY(parse_part(&seq, DER_INTEGER, UINT32_MAX, &t->accuracy_s, &t->flaws));
    TRY(parse_part(&seq, DER_PRIMITIVE_0, PART_MAX, &millis, &t->flaws));
    TRY(parse_part(&seq, DER_PRIMITIVE_1, PART_MAX, &micros, &t->flaws));
    TRY(rd_finish(&seq));
    t->accuracy_millis = (uint16_t)millis;
    t->accuracy_micros = (uint16_t)micros;
    t->has_accuracy = true;
    return ERR_OK;
}

/* ordering BOOLEAN DEFAULT FALSE */
static enum err parse_ordering(struct reader *r, struct tst_info_view *t)
{
    struct view body;

    if (!der_next_is(r, DER_BOOLEAN)) {
        return ERR_OK;
    }
    TRY(der_read(r, DER_BOOLEAN, &body));
    if (body.n != 1) {
        return ERR_ENCODING;
    }
    t->ordering = body.p[0] != 0;
    if (!t->ordering) {
        t->flaws |= BER_FLAW_DEFAULT;
    } else if (body.p[0] != 0xff) {
        t->flaws |= BER_FLAW_BOOLEAN;
    }
    return ERR_OK;
}

/* tsa [0] EXPLICIT GeneralName: it is a CHOICE */
static enum err parse_tsa(struct reader *r, struct tst_info_view *t)
{
    struct reader explicit_0;
    struct der_element el;

    TRY(der_enter(r, DER_CONTEXT_0, &explicit_0));
    TRY(der_read_any(&explicit_0, &el));
    t->tsa = el.whole;
    return rd_finish(&explicit_0);
}

/* RFC 5280 4.2: each type once. */
static bool stands_again(struct reader rest, struct view type)
{
    struct extension ext;

    while (rest.n > 0 && extension_next(&rest, &ext) == ERR_OK) {
        if (view_equal(ext.type, type)) {
            return true;
        }
    }
    return false;
}

/* extensions [1] IMPLICIT Extensions */
static enum err parse_extensions(struct reader *r, struct tst_info_view *t)
{
    struct reader list;
    struct extension ext;
    size_t n = 0;

    TRY(der_read(r, DER_CONTEXT_1, &t->extensions));
    if (t->extensions.n == 0) {
        t->flaws |= BER_FLAW_DEFAULT;
    }
    list = rd_init(t->extensions);
    while (list.n > 0) {
        TRY(extension_next(&list, &ext));
        if (++n > TST_EXTENSIONS_MAX || stands_again(list, ext.type)) {
            return ERR_RANGE;
        }
        t->critical = t->critical || ext.critical;
    }
    return ERR_OK;
}

static enum err parse_body(struct view in, struct tst_info_view *t)
{
    struct reader top = rd_init(in);
    struct reader seq;
    struct view body;

    TRY(der_enter(&top, DER_SEQUENCE, &seq));
    TRY(rd_finish(&top));
    TRY(der_read_integer(&seq, &body));
    TRY(der_small(body, VERSION_MAX, &t->version));
    TRY(der_read_oid(&seq, &t->policy));
    TRY(parse_imprint(&seq, t));
    TRY(der_read_integer(&seq, &t->serial_number));
    TRY(der_read(&seq, DER_GENERALIZED_TIME, &body));
    TRY(gen_time_parse(body, &t->gen_time, &t->flaws));
    TRY(parse_accuracy(&seq, t));
    TRY(parse_ordering(&seq, t));
    if (der_next_is(&seq, DER_INTEGER)) {
        TRY(der_read_integer(&seq, &t->nonce));
    }
    if (der_next_is(&seq, DER_CONTEXT_0)) {
        TRY(parse_tsa(&seq, t));
    }
    if (der_next_is(&seq, DER_CONTEXT_1)) {
        TRY(parse_extensions(&seq, t));
    }
    return rd_finish(&seq);
}

enum err tst_info_parse(struct view in, struct tst_info_view *out)
{
    struct tst_info_view t = {0};
    const enum err e = parse_body(in, &t);

    *out = e == ERR_OK ? t : (struct tst_info_view){0};
    return e;
}

uint64_t tst_info_accuracy_us(const struct tst_info_view *t)
{
    return (uint64_t)t->accuracy_s * 1000000 + (uint64_t)t->accuracy_millis * 1000 +
           t->accuracy_micros;
}
