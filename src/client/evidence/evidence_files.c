#include "client/evidence/evidence_files.h"

#include "format/pem.h"

#include <string.h>

enum err evidence_files_der(struct view bytes, const char *label, size_t index, uint8_t *out,
                            size_t cap, struct view *der)
{
    struct reader r = rd_init(bytes);
    enum err e = ERR_OK;

    for (size_t i = 0; i <= index && e == ERR_OK; i++) {
        e = pem_parse(&r, label, out, cap, der);
    }
    if (e != ERR_TRAILING || index > 0) {
        return e;
    }
    if (bytes.n > cap) {
        return ERR_NOSPACE;
    }
    if (bytes.n > 0) {
        memcpy(out, bytes.p, bytes.n);
    }
    *der = (struct view){out, bytes.n};
    return ERR_OK;
}
