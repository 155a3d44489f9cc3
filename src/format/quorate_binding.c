#include "format/quorate_binding.h"

#include "format/der.h"

#define DER_ENUMERATED ((enum der_tag)0x0a)
#define FIELD_POLICY_HASH ((enum der_tag)0x80)
#define FIELD_MEASUREMENTS ((enum der_tag)0xa1)
#define FIELD_RECORD_ID ((enum der_tag)0x82)
#define LAST_FIELD 2U
#define TAG_NUMBER 0x1fU

static enum err check_numbers(const struct quorate_binding *b)
{
    if (b->threshold == 0 || b->threshold > b->total || b->total > QUORATE_BINDING_TOTAL_MAX ||
        (unsigned)b->assurance > ASSURANCE_SIMULATED ||
        b->n_other_keys > QUORATE_BINDING_KEYS_MAX ||
        b->n_measurements > QUORATE_BINDING_MEASUREMENTS_MAX) {
        return ERR_RANGE;
    }
    return ERR_OK;
}

/* Copies the keys in ascending order. */
static enum err sort_keys(const struct quorate_binding *b, struct view *sorted)
{
    for (size_t i = 0; i < b->n_other_keys; i++) {
        size_t at = i;

        if (b->other_keys[i].n != QUORATE_BINDING_HASH_LEN) {
            return ERR_LENGTH;
        }
        for (; at > 0 && der_sorts_before(b->other_keys[i], sorted[at - 1]); at--) {
            sorted[at] = sorted[at - 1];
        }
        if (at > 0 && view_equal(b->other_keys[i], sorted[at - 1])) {
            return ERR_RANGE;
        }
        sorted[at] = b->other_keys[i];
    }
    return ERR_OK;
}

static void write_small(struct writer *w, enum der_tag tag, uint32_t v)
{
    const uint8_t b = (uint8_t)v; /* check_numbers(): under 0x80 */

    der_write(w, tag, (struct view){&b, 1});
}

static bool is_hash(struct view v)
{
    return v.n == QUORATE_BINDING_HASH_LEN;
}

static enum err check_attested(const struct quorate_binding *b)
{
    if ((b->policy_hash.n > 0 && !is_hash(b->policy_hash)) ||
        (b->record_id.n > 0 && !is_hash(b->record_id))) {
        return ERR_LENGTH;
    }
    for (size_t i = 0; i < b->n_measurements; i++) {
        if (!is_hash(b->measurements[i])) {
            return ERR_LENGTH;
        }
    }
    return ERR_OK;
}

static void write_attested(struct writer *w, const struct quorate_binding *b)
{
    if (b->policy_hash.n > 0) {
        der_write(w, FIELD_POLICY_HASH, b->policy_hash);
    }
    if (b->n_measurements > 0) {
        der_head(w, FIELD_MEASUREMENTS, b->n_measurements * der_len(QUORATE_BINDING_HASH_LEN));
        for (size_t i = 0; i < b->n_measurements; i++) {
            der_write(w, DER_OCTETS, b->measurements[i]);
        }
    }
    if (b->record_id.n > 0) {
        der_write(w, FIELD_RECORD_ID, b->record_id);
    }
}

enum err quorate_binding_write(struct writer *w, const struct quorate_binding *b)
{
    struct view keys[QUORATE_BINDING_KEYS_MAX] = {{NULL, 0}};
    size_t mark = 0;

    TRY(check_numbers(b));
    if (b->epoch_id.n != QUORATE_BINDING_HASH_LEN) {
        return ERR_LENGTH;
    }
    TRY(check_attested(b));
    TRY(sort_keys(b, keys));
    mark = der_begin(w, DER_SEQUENCE);
    write_small(w, DER_INTEGER, 1);
    der_write(w, DER_OCTETS, b->epoch_id);
    der_head(w, DER_SET, b->n_other_keys * der_len(QUORATE_BINDING_HASH_LEN));
    for (size_t i = 0; i < b->n_other_keys; i++) {
        der_write(w, DER_OCTETS, keys[i]);
    }
    write_small(w, DER_INTEGER, b->threshold);
    write_small(w, DER_INTEGER, b->total);
    write_small(w, DER_ENUMERATED, (uint32_t)b->assurance);
    write_attested(w, b);
    der_end(w, mark);
    return ERR_OK;
}

static enum err read_hash(struct reader *r, struct view *out)
{
    TRY(der_read(r, DER_OCTETS, out));
    return out->n == QUORATE_BINDING_HASH_LEN ? ERR_OK : ERR_LENGTH;
}

static enum err read_small(struct reader *r, enum der_tag tag, uint32_t *out)
{
    struct view body;

    TRY(der_read_integer_as(r, tag, &body));
    return der_small(body, QUORATE_BINDING_TOTAL_MAX, out);
}

static enum err parse_keys(struct reader *r, struct quorate_binding *b)
{
    struct reader keys;

    TRY(der_enter(r, DER_SET, &keys));
    while (keys.n > 0) {
        const size_t n = b->n_other_keys;

        if (n == QUORATE_BINDING_KEYS_MAX) {
            return ERR_RANGE;
        }
        TRY(read_hash(&keys, &b->other_keys[n]));
        if (n > 0 && view_equal(b->other_keys[n - 1], b->other_keys[n])) {
            return ERR_RANGE;
        }
        if (n > 0 && der_sorts_before(b->other_keys[n], b->other_keys[n - 1])) {
            return ERR_ENCODING;
        }
        b->n_other_keys++;
    }
    return ERR_OK;
}

static enum err take_hash(struct view body, struct view *out)
{
    if (!is_hash(body)) {
        return ERR_LENGTH;
    }
    *out = body;
    return ERR_OK;
}

static enum err parse_measurements(struct view body, struct quorate_binding *b)
{
    struct reader r = rd_init(body);

    if (r.n == 0) {
        return ERR_RANGE;
    }
    while (r.n > 0) {
        if (b->n_measurements == QUORATE_BINDING_MEASUREMENTS_MAX) {
            return ERR_RANGE;
        }
        TRY(read_hash(&r, &b->measurements[b->n_measurements]));
        b->n_measurements++;
    }
    return ERR_OK;
}

/* One of the fields of an attested authority, or one that a later version adds. */
static enum err parse_field(const struct der_element *el, struct quorate_binding *b)
{
    switch (el->tag) {
    case FIELD_POLICY_HASH:
        return take_hash(el->body, &b->policy_hash);
    case FIELD_MEASUREMENTS:
        return parse_measurements(el->body, b);
    case FIELD_RECORD_ID:
        return take_hash(el->body, &b->record_id);
    default: /* ours are not constructed where they should not be, or the other way */
        return (el->tag & TAG_NUMBER) > LAST_FIELD ? ERR_OK : ERR_TAG;
    }
}

/* Context tags that go up. */
static enum err parse_attested(struct reader *r, struct quorate_binding *b)
{
    struct der_element el;
    unsigned before = 0;

    while (r->n > 0) {
        TRY(der_read_any(r, &el));
        if ((el.tag & 0xc0) != 0x80 || (el.tag & TAG_NUMBER) < before) {
            return ERR_TAG;
        }
        before = (el.tag & TAG_NUMBER) + 1;
        TRY(parse_field(&el, b));
    }
    return ERR_OK;
}

static enum err parse_body(struct view in, struct quorate_binding *b)
{
    struct reader top = rd_init(in);
    struct reader seq;
    struct view version;
    uint32_t assurance = 0;

    TRY(der_enter(&top, DER_SEQUENCE, &seq));
    TRY(rd_finish(&top));
    TRY(der_read_integer(&seq, &version));
    if (version.n != 1 || version.p[0] != 1) {
        return ERR_VERSION;
    }
    TRY(read_hash(&seq, &b->epoch_id));
    TRY(parse_keys(&seq, b));
    TRY(read_small(&seq, DER_INTEGER, &b->threshold));
    TRY(read_small(&seq, DER_INTEGER, &b->total));
    TRY(read_small(&seq, DER_ENUMERATED, &assurance));
    b->assurance = (enum quorate_assurance)assurance;
    TRY(check_numbers(b));
    return parse_attested(&seq, b);
}

enum err quorate_binding_parse(struct view in, struct quorate_binding *out)
{
    struct quorate_binding b = {0};
    const enum err e = parse_body(in, &b);

    *out = e == ERR_OK ? b : (struct quorate_binding){0};
    return e;
}

bool quorate_binding_names(const struct quorate_binding *b, struct view spki_sha384)
{
    for (size_t i = 0; i < b->n_other_keys; i++) {
        if (view_equal(b->other_keys[i], spki_sha384)) {
            return true;
        }
    }
    return false;
}

const char *quorate_assurance_name(enum quorate_assurance a)
{
    switch (a) {
    case ASSURANCE_HARDWARE:
        return "hardware";
    case ASSURANCE_MIXED:
        return "mixed";
    case ASSURANCE_SIMULATED:
        break;
    }
    return "simulated";
}
