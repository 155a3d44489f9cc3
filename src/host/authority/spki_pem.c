#include "host/authority/spki_pem.h"

#include "crypto/p384.h"
#include "format/cert_write.h"
#include "format/pem.h"

enum err spki_pem_write(enum core_key key, struct view public_key, struct writer *w)
{
    uint8_t der[SPKI_PEM_MAX / 4 * 3];
    struct writer spki = wr_init(der, sizeof der);
    struct view all;

    TRY(cert_write_spki(&spki, key == KEY_PQ ? SIGN_ML_DSA_65 : SIGN_ECDSA_P384_SHA384,
                        public_key));
    if (key == KEY_CLASSIC) {
        TRY(p384_check_public(public_key.p));
    }
    TRY(wr_finish(&spki, &all));
    pem_write(w, "PUBLIC KEY", all);
    return w->full ? ERR_NOSPACE : ERR_OK;
}
