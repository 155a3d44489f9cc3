#include "attest/rsa_spki.h"

#include <string.h>

/* RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER } under rsaEncryption
 * with NULL. The first byte of a positive INTEGER whose highest bit is set is zero. */
enum err rsa_spki_read(const struct cert_ids *c, uint8_t *modulus, size_t n)
{
    static const uint8_t null[] = {0x05, 0x00};
    static const uint8_t exponent[] = {0x01, 0x00, 0x01};
    struct reader r = rd_init(c->public_key);
    struct reader seq;
    struct view m;
    struct view e;

    if (oid_find(c->key_alg.oid) != OID_RSA_ENCRYPTION ||
        !view_equal(c->key_alg.params, (struct view){null, sizeof null})) {
        return ERR_BAD_ALG;
    }
    TRY(der_enter(&r, DER_SEQUENCE, &seq));
    TRY(rd_finish(&r));
    TRY(der_read_integer(&seq, &m));
    TRY(der_read_integer(&seq, &e));
    TRY(rd_finish(&seq));
    if (m.n != n + 1 || m.p[0] != 0 ||
        !view_equal(e, (struct view){exponent, sizeof exponent})) {
        return ERR_LENGTH;
    }
    memcpy(modulus, m.p + 1, n);
    return ERR_OK;
}
