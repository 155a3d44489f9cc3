#include "format/ber.h"

#include "format/der.h"

#define CONSTRUCTED 0x20
#define UNIVERSAL_CLASS(tag) (((tag)&0xc0) == 0)

/* An element whose content is being read. */
struct open_element {
    size_t end;  /* offset in the input that its content cannot pass; its end, if the length is
                    definite */
    size_t mark; /* der_begin()'s, in the output */
    bool indefinite; /* ends with 00 00 */
    bool pieces;     /* a string: its elements are joined */
    bool inner; /* such a string inside another: it has no header of its own in the output */
};

struct ber {
    size_t size;        /* of the input */
    struct reader rest; /* of it */
    struct writer w;
    uint32_t flaws;
    size_t depth;
    struct open_element open[BER_DEPTH_MAX];
};

struct header {
    uint8_t tag;
    bool indefinite;
    size_t len;    /* of the content */
    size_t octets; /* of the header itself */
};

const char *ber_flaw_name(enum ber_flaw flaw)
{
    switch (flaw) {
    case BER_FLAW_LENGTH:
        return "length";
    case BER_FLAW_CONSTRUCTED:
        return "constructed";
    case BER_FLAW_BOOLEAN:
        return "boolean";
    case BER_FLAW_BITS:
        return "bits";
    case BER_FLAW_DEFAULT:
        return "default";
    case BER_FLAW_TIME:
        return "time";
    case BER_FLAW_ATTRS_ORDER:
        return "attrs_order";
    case BER_FLAW_SET_ORDER:
        return "set_order";
    }
    return "unknown";
}

static struct open_element *top(struct ber *b)
{
    return b->depth > 0 ? &b->open[b->depth - 1] : NULL;
}

/* Length octets, X.690 8.1.3, whatever their number. */
static enum err read_length(struct reader *r, struct header *h, uint32_t *flaws)
{
    uint8_t first = 0;
    uint8_t byte = 0;

    TRY(rd_u8(r, &first));
    if (first == 0xff || (first == 0x80 && (h->tag & CONSTRUCTED) == 0)) {
        return ERR_ENCODING;
    }
    h->indefinite = first == 0x80;
    if (first < 0x80) {
        h->len = first;
        return ERR_OK;
    }
    for (unsigned left = first & 0x7fU; left > 0; left--) {
        TRY(rd_u8(r, &byte));
        if (h->len > BER_SIZE_MAX) {
            return ERR_TRUNCATED;
        }
        h->len = h->len << 8 | byte;
    }
    if (der_head_len(h->len) != 2U + (first & 0x7fU)) { /* of an indefinite length: 2 == 2 */
        *flaws |= BER_FLAW_LENGTH;
    }
    return ERR_OK;
}

/* Offset in the input. */
static size_t at(const struct ber *b)
{
    return b->size - b->rest.n;
}

/* Reads identifier and length octets of the next element, which must fit in limit. */
static enum err read_header(struct ber *b, size_t limit, struct header *h)
{
    const size_t n = limit - at(b);
    struct reader r = {b->rest.p, n};
    struct view octets;

    *h = (struct header){0};
    TRY(rd_u8(&r, &h->tag));
    if ((h->tag & 0x1f) == 0x1f) {
        return ERR_TAG;
    }
    TRY(read_length(&r, h, &b->flaws));
    if (h->indefinite) {
        b->flaws |= BER_FLAW_LENGTH;
    } else if (h->len > r.n) {
        return ERR_TRUNCATED;
    }
    h->octets = n - r.n;
    return rd_take(&b->rest, h->octets, &octets);
}

/* The string types of X.690 8.7 and 8.23; BIT STRING is not among them, since its pieces do not
 * simply join. */
static bool is_string(uint8_t tag)
{
    const unsigned number = tag & 0x1fU;

    return UNIVERSAL_CLASS(tag) && (number == 4 || number == 12 || number >= 18);
}

/* SEQUENCE, SET, EXTERNAL, EMBEDDED PDV, and whatever has a class of its own. */
static bool may_have_elements(uint8_t tag)
{
    const unsigned number = tag & 0x1fU;

    return !UNIVERSAL_CLASS(tag) || number == 16 || number == 17 || number == 8 || number == 11;
}

static enum err open_element(struct ber *b, size_t limit, const struct header *h, bool inner)
{
    struct open_element el = {0};

    if (b->depth == BER_DEPTH_MAX) {
        return ERR_RANGE;
    }
    el.pieces = is_string(h->tag);
    if (!el.pieces && !may_have_elements(h->tag)) {
        return ERR_ENCODING;
    }
    if (el.pieces) {
        b->flaws |= BER_FLAW_CONSTRUCTED;
    }
    el.inner = inner;
    el.indefinite = h->indefinite;
    el.end = h->indefinite ? limit : at(b) + h->len;
    if (!inner) {
        const unsigned tag = el.pieces ? h->tag & ~(unsigned)CONSTRUCTED : h->tag;

        el.mark = der_begin(&b->w, (enum der_tag)tag);
    }
    b->open[b->depth++] = el;
    return ERR_OK;
}

static void close_element(struct ber *b)
{
    const struct open_element el = b->open[--b->depth];

    if (!el.inner) {
        der_end(&b->w, el.mark);
    }
}

/* Reads one header, with the content of a primitive, and closes what ends there. */
static enum err step(struct ber *b)
{
    const size_t limit = b->depth > 0 ? top(b)->end : b->size;
    const bool inner = b->depth > 0 && top(b)->pieces;
    struct header h;

    TRY(read_header(b, limit, &h));
    if (h.tag == 0) { /* end-of-contents, X.690 8.1.5 */
        if (b->depth == 0 || !top(b)->indefinite || h.len != 0 || h.octets != 2) {
            return ERR_TAG;
        }
        close_element(b);
    } else if (inner && (h.tag & ~CONSTRUCTED) != DER_OCTETS) {
        return ERR_TAG;
    } else if ((h.tag & CONSTRUCTED) != 0) {
        TRY(open_element(b, limit, &h, inner));
    } else {
        struct view body;

        TRY(rd_take(&b->rest, h.len, &body));
        if (inner) {
            wr_view(&b->w, body);
        } else {
            der_write(&b->w, (enum der_tag)h.tag, body);
        }
    }
    while (b->depth > 0 && !top(b)->indefinite && at(b) == top(b)->end) {
        close_element(b);
    }
    return ERR_OK;
}

static enum err rewrite(struct ber *b)
{
    if (b->size > BER_SIZE_MAX) {
        return ERR_RANGE;
    }
    do {
        TRY(step(b));
    } while (b->depth > 0);
    return rd_finish(&b->rest);
}

enum err ber_to_der(struct view in, uint8_t *out, size_t cap, struct view *der, uint32_t *flaws)
{
    struct ber b = {.size = in.n, .rest = rd_init(in), .w = wr_init(out, cap)};

    *der = (struct view){NULL, 0};
    *flaws = 0;
    TRY(rewrite(&b));
    if (b.flaws == 0) {
        *der = in;
        return ERR_OK;
    }
    TRY(wr_finish(&b.w, der));
    *flaws = b.flaws;
    return ERR_OK;
}
