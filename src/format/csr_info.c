#include "format/csr_info.h"

#include "base/hex.h"
#include "format/der.h"

#define SERIAL_FROM 16 /* bytes of epoch_id */
#define P384_KEY_LEN 97
#define ML_DSA_65_KEY_LEN 1952

static const uint8_t common_name[] = {0x55, 0x04, 0x03};   /* 2.5.4.3 */
static const uint8_t serial_number[] = {0x55, 0x04, 0x05}; /* 2.5.4.5 */

/* RFC 5480 2.1.1 and 2.1.1.1: id-ecPublicKey, secp384r1 */
static const uint8_t alg_p384[] = {0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
                                   0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};
/* RFC 9881 2: id-ml-dsa-65, no parameters */
static const uint8_t alg_ml_dsa_65[] = {0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48,
                                        0x01, 0x65, 0x03, 0x04, 0x03, 0x12};

/* RelativeDistinguishedName of one AttributeTypeAndValue; type is of id-at */
static void write_rdn(struct writer *w, struct view type, enum der_tag tag, struct view value)
{
    const size_t rdn = der_begin(w, DER_SET);
    const size_t pair = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_OID, type);
    der_write(w, tag, value);
    der_end(w, pair);
    der_end(w, rdn);
}

static void write_subject(struct writer *w, const uint8_t *epoch_id)
{
    static const char name[] = "Quorate TSA";
    char serial[2 * SERIAL_FROM + 1];
    const size_t mark = der_begin(w, DER_SEQUENCE);

    hex_write((struct view){epoch_id, SERIAL_FROM}, serial);
    write_rdn(w, (struct view){common_name, sizeof common_name}, DER_UTF8_STRING,
              (struct view){(const uint8_t *)name, sizeof name - 1});
    /* RFC 5280 appendix A.1: X520SerialNumber is a PrintableString. */
    write_rdn(w, (struct view){serial_number, sizeof serial_number}, DER_PRINTABLE_STRING,
              (struct view){(const uint8_t *)serial, sizeof serial - 1});
    der_end(w, mark);
}

/* SubjectPublicKeyInfo ::= SEQUENCE { algorithm, subjectPublicKey BIT STRING } */
static void write_key(struct writer *w, const struct csr_fields *f)
{
    const size_t mark = der_begin(w, DER_SEQUENCE);

    if (f->alg == SIGN_ML_DSA_65) {
        wr_bytes(w, alg_ml_dsa_65, sizeof alg_ml_dsa_65);
    } else {
        wr_bytes(w, alg_p384, sizeof alg_p384);
    }
    der_head(w, DER_BIT_STRING, f->public_key.n + 1);
    wr_u8(w, 0);
    wr_view(w, f->public_key);
    der_end(w, mark);
}

enum err csr_info_write(struct writer *w, const struct csr_fields *f)
{
    static const uint8_t version[] = {0};

    if (f->subject != CSR_SUBJECT_TSA) {
        return ERR_RANGE;
    }
    if (f->public_key.n != (f->alg == SIGN_ML_DSA_65 ? ML_DSA_65_KEY_LEN : P384_KEY_LEN)) {
        return ERR_LENGTH;
    }
    const size_t mark = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_INTEGER, (struct view){version, sizeof version});
    write_subject(w, f->epoch_id);
    write_key(w, f);
    der_head(w, DER_CONTEXT_0, 0); /* attributes: no optional field, RFC 2986 4.1 */
    der_end(w, mark);
    return ERR_OK;
}
