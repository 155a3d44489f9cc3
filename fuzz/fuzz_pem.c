#include "promise.h"

#include "format/pem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes that were read are written and read back the same. */
static void round_trip(struct view der)
{
    static uint8_t text[1 << 20];
    static uint8_t again[1 << 20];
    struct writer w = wr_init(text, sizeof text);
    struct view out;
    struct view same;
    struct reader r;

    pem_write(&w, "CERTIFICATE", der);
    promise(wr_finish(&w, &out) == ERR_OK);
    r = rd_init(out);
    promise(pem_parse(&r, "CERTIFICATE", again, sizeof again, &same) == ERR_OK);
    promise(view_equal(same, der) && r.n == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = {data, size};
    const size_t cap = size / 4 * 3 + 3;
    uint8_t *out = malloc(cap);
    struct view der;
    enum err e = ERR_OK;

    promise(out != NULL);
    while (e != ERR_TRAILING) {
        const size_t before = r.n;

        e = pem_parse(&r, "CERTIFICATE", out, cap, &der);
        promise(e != ERR_NOSPACE && (e == ERR_OK || der.n == 0));
        promise(e == ERR_TRAILING || r.n < before); /* it goes forward */
        if (e == ERR_OK) {
            round_trip(der);
        }
    }
    if (pem_parse_base64((struct view){data, size}, out, cap, &der) == ERR_OK) {
        round_trip(der);
    }
    free(out);
    return 0;
}
