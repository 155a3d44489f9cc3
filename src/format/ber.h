/* ber.h - rewrites BER (X.690 clause 8) with the lengths of DER, so that every parser here sees
 * one form. */
#ifndef FORMAT_BER_H
#define FORMAT_BER_H

#include "base/bytes.h"

#define BER_DEPTH_MAX 32
#define BER_SIZE_MAX 1048576 /* bytes of input */

/* Room that the rewritten form of n bytes always fits in: it is longer where 64 KiB stood under
 * an indefinite length. */
#define BER_ROOM(n) ((n) + (n) / 1024 + 64)

/* What is legal BER and not DER. The parsers of foreign tokens accept these and tell: --strict
 * refuses them. */
enum ber_flaw {
    BER_FLAW_LENGTH = 0x01,      /* a length indefinite or not minimal */
    BER_FLAW_CONSTRUCTED = 0x02, /* a string in pieces */
    BER_FLAW_BOOLEAN = 0x04,     /* TRUE other than ff */
    BER_FLAW_BITS = 0x08,        /* named bits that end with zeros, unused bits that are set */
    BER_FLAW_DEFAULT =
        0x10,             /* a DEFAULT value encoded, an optional list or accuracy of nothing */
    BER_FLAW_TIME = 0x20, /* a fraction that ends with zeros or stands after a comma */
    BER_FLAW_ATTRS_ORDER =
        0x40, /* signedAttrs not in DER's order, which RFC 5652 5.3 asks for */
    BER_FLAW_SET_ORDER =
        0x80, /* another SET OF not in DER's order; CMS itself does not ask for it */
};
#define BER_FLAW_ALL 0xffU

/* "length", "constructed" and so on, for one bit; "unknown" for none. */
const char *ber_flaw_name(enum ber_flaw flaw);

/* Rewrites the one element in. Definite minimal lengths; constructed strings become primitive;
 * contents of primitive elements are copied as they are. *der is in itself when nothing had to
 * change, else lies in out. *flaws gets BER_FLAW_LENGTH and BER_FLAW_CONSTRUCTED. On failure
 * *der is empty, *flaws zero.
 *
 * ERR_TRUNCATED, ERR_TRAILING. ERR_TAG: a tag number over 30, a stray end-of-contents, a piece
 * of another type. ERR_ENCODING: a reserved length octet, an indefinite primitive, a BIT STRING
 * in pieces. ERR_RANGE: over BER_DEPTH_MAX or BER_SIZE_MAX. ERR_NOSPACE: over cap. */
MUST_CHECK enum err ber_to_der(struct view in, uint8_t *out, size_t cap, struct view *der,
                               uint32_t *flaws);

#endif
