/* A firmware image: arbitrary bytes, as the last page of one, are refused whole, or give
 * sections within their bounds. */
#include "promise.h"

#include "attest/ovmf.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t page[OVMF_PAGE_LEN];
    struct ovmf o;

    promise(ovmf_parse((struct view){data, size}, &o) != ATTEST_OK ||
            size % OVMF_PAGE_LEN == 0);
    if (size > sizeof page) {
        return 0;
    }
    memset(page, 0, sizeof page);
    memcpy(page + (sizeof page - size), data, size); /* the table is at the end */
    if (ovmf_parse((struct view){page, sizeof page}, &o) != ATTEST_OK) {
        promise(o.image.n == 0 && o.n_sections == 0);
        return 0;
    }
    promise(o.n_sections <= OVMF_SECTIONS_MAX && o.gpa == UINT64_C(0xfffff000));
    for (size_t i = 0; i < o.n_sections; i++) {
        promise(o.sections[i].len > 0 && o.sections[i].len % OVMF_PAGE_LEN == 0);
        promise(o.sections[i].len / OVMF_PAGE_LEN <= OVMF_SECTION_PAGES_MAX);
    }
    return 0;
}
