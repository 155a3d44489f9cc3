#include "promise.h"

#include "format/ber.h"
#include "format/der.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    const size_t room = BER_ROOM(size);
    uint8_t *out = malloc(room);
    struct view der;
    struct view again;
    uint32_t flaws = 0;
    struct reader r;
    struct der_element el;

    promise(out != NULL);
    if (ber_to_der(in, out, room, &der, &flaws) != ERR_OK) {
        promise(der.n == 0 && flaws == 0);
        free(out);
        return 0;
    }
    promise((flaws & ~(uint32_t)(BER_FLAW_LENGTH | BER_FLAW_CONSTRUCTED)) == 0);
    promise(flaws != 0 || (der.p == in.p && der.n == in.n));
    /* One element with DER's lengths, of which nothing more has to change. */
    r = rd_init(der);
    promise(der_read_any(&r, &el) == ERR_OK && r.n == 0);
    promise(ber_to_der(der, NULL, 0, &again, &flaws) == ERR_OK);
    promise(flaws == 0 && view_equal(again, der));
    free(out);
    return 0;
}
